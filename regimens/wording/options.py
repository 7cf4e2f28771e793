"""An option in words, once for page, comparison, text, board and document: what it is, where it stands, on what.

Everything is said from plain values, so that a ranking just made and one that was stored are told alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from display.numbers import number as decimal
from regimens.rules.assessment import Band
from regimens.rules.evidence import Outcome
from regimens.rules.logic import Truth

from .bands import BAND_TITLES
from .cautions import CautionLine, word_by_truth
from .citations import Link
from .estimates import Estimated
from .outcomes import patients, percent, studies

LEVEL_WORDS: Mapping[str, Promise] = {
    "A": gettext_lazy("a guideline’s recommendation for this situation, or a licence that covers this patient"),
    "B": gettext_lazy("a prospective cohort in NEC after first line, 10 patients or more"),
    "C": gettext_lazy("a retrospective cohort in NEC, or a prospective one in mixed grade 3"),
    "D": gettext_lazy("anything less"),
}


@dataclass(frozen=True)
class EvidenceWords:
    """Effective patients behind the outcome that has most, and studies; "" where no cohort applies."""

    patients: str
    studies: str

    @property
    def in_one(self) -> str:
        if not self.patients:
            return _("no cohort applies")
        # Translators: numbers with their nouns, as in "85 patients in 3 studies".
        return _("%(patients)s in %(studies)s") % {"patients": self.patients, "studies": self.studies}


@dataclass(frozen=True)
class OptionWords:
    """What an option is, whatever the others are; `band_key` is what the style sheet calls its band."""

    slug: str
    name: str
    band_key: str
    band: str
    level: str
    level_words: str
    evidence: EvidenceWords


@dataclass(frozen=True)
class StandingWords:
    """Where an option stands among the others.

    place          its rank, or that it carries none; number: as a table has it, "=4" for all that share the fourth
    best, top3     in what share of the draws it is the best of all, or among the first three
    first_in_band  in what share it is the first of its band
    expected_rank  its mean rank within its band, 1 being the best; "" of each where it was not drawn
    """

    rank: int | None
    place: str
    number: str = ""
    best: str = ""
    top3: str = ""
    first_in_band: str = ""
    expected_rank: str = ""
    about_equal_to_next: bool = False

    @property
    def draws(self) -> str:
        return _("best of all in %(share)s of the draws") % {"share": self.best} if self.best else ""

    @property
    def draws_in_full(self) -> str:
        if not self.best:
            return ""
        return _("best of all in %(best)s of the draws, in the top three in %(top3)s") % {
            "best": self.best,
            "top3": self.top3,
        }


@dataclass(frozen=True)
class Item:
    """A line of a list: an opening word, the text, and its sources.

    kind      the class of its word
    lang      the language of the text where that is not the page's
    further   what follows the text, in the page's language
    """

    text: str
    word: str = ""
    kind: str = ""
    links: tuple[Link, ...] = ()
    lang: str = ""
    further: str = ""


def option_words(
    *, slug: str, name: str, band: Band, level: str, estimates: Mapping[Outcome, Estimated], study_count: int
) -> OptionWords:
    """`study_count`: the studies of the cohorts that were used, each once."""
    return OptionWords(
        slug=slug,
        name=name,
        band_key=band.value,
        band=str(BAND_TITLES[band]),
        level=level,
        level_words=str(LEVEL_WORDS[level]),
        evidence=evidence_words(estimates, study_count),
    )


def evidence_words(estimates: Mapping[Outcome, Estimated], count: int) -> EvidenceWords:
    """What estimates rest on that stand on so many studies."""
    if not count:
        return EvidenceWords("", "")
    effective = max(estimate.effective_patients for estimate in estimates.values())
    return EvidenceWords(patients(round(effective)), studies(count))


def standing_words(
    *,
    rank: int | None,
    best: float | None = None,
    top3: float | None = None,
    first_in_band: float | None = None,
    expected_rank: float | None = None,
    about_equal_to_next: bool = False,
    number: str = "",
) -> StandingWords:
    """Shares are fractions of the draws; None where the option was not drawn. `number`: see `equal_places`."""
    best_words, top3_words, first_words = (
        "" if share is None else percent(share) for share in (best, top3, first_in_band)
    )
    expected = "" if expected_rank is None else decimal(expected_rank, ".1f")
    return StandingWords(
        rank=rank,
        place=place_words(rank, number),
        number=number or ("" if rank is None else str(rank)),
        best=best_words,
        top3=top3_words,
        first_in_band=first_words,
        expected_rank=expected,
        about_equal_to_next=about_equal_to_next,
    )


class Placed(Protocol):
    """An option of a ranking just made, or of one that was stored."""

    @property
    def rank(self) -> int | None: ...
    @property
    def band(self) -> Band: ...
    @property
    def about_equal_to_next(self) -> bool: ...


P = TypeVar("P", bound=Placed)


def chains(ranked: Iterable[P]) -> list[list[P]]:
    """The options that carry a rank, in their order, those together whose places are equal.

    Neighbours of one band are about equal where their order holds in fewer than 60 % of the draws (METHOD, section 9);
    a chain of such neighbours shares a place.
    """
    found: list[list[P]] = []
    for option in ranked:
        before = found[-1][-1] if found else None
        if before and before.band is option.band and before.about_equal_to_next:
            found[-1].append(option)
        else:
            found.append([option])
    return found


def equal_places(ranked: Iterable[P]) -> Iterator[tuple[P, str]]:
    """Each option with its place as a table of results has it: "1", "2", and "=4" for all that share the fourth."""
    for chain in chains(ranked):
        place = f"={chain[0].rank}" if len(chain) > 1 else str(chain[0].rank)
        yield from ((option, place) for option in chain)


def place_words(rank: int | None, number: str = "") -> str:
    """Where an option stands; `number` as `equal_places` has it."""
    if number.startswith("="):
        return _("Joint rank %(rank)s") % {"rank": number.removeprefix("=")}
    return _("Rank %(rank)d") % {"rank": rank} if rank is not None else _("No rank")


def caution_item(line: CautionLine, truth: Truth = True) -> Item:
    """A caution as a line of a list, which says so where it cannot be checked."""
    word = line.opening if line.not_known else word_by_truth(line, truth)
    if line.of and not line.not_known:
        word = f"{word}, {line.of}"
    further = " ".join(filter(None, (line.advice, line.basis and f"({line.basis})")))
    return Item(line.text, f"{word}:", f"caution-{line.level}", line.links, line.lang, further)


def reason_item(stance: str, rationale: str, links: tuple[Link, ...] = (), kind: str = "") -> Item:
    """An indication as a line of a list; what it gives as its reason is in English."""
    return Item(rationale, f"{stance}:", kind, links, "en")
