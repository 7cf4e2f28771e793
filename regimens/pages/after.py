"""“And after that?”: what would stand first if the disease progressed on one of the first options within three months.

Hypothetical, from the rules at once and without draws; what was assumed is said with it. Where what is not known
decides it, that is said in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regimens.rules.knowledge import Knowledge
from regimens.rules.next_line import NextLine, after_progression_on
from regimens.rules.ranking import Option, Ranking, rank_many
from regimens.rules.wording import all_of_them, any_of_them
from regimens.wording.bands import BAND_TITLES
from regimens.wording.estimates import EstimateWords, estimates_in_words, published_words
from regimens.wording.sentences import ACTIVE

OPTIONS_FOLLOWED = 2
FOLLOWING_NAMED = 2


@dataclass(frozen=True)
class NextFirst:
    """What would then stand first, with what was published and what the model says; `following` stand behind it."""

    name: str
    slug: str
    band: str
    estimates: tuple[EstimateWords, ...]
    following: tuple[str, ...]

    @property
    def then(self) -> str:
        """Those behind it, in one."""
        return _("Then %(options)s.") % {"options": ", ".join(self.following)} if self.following else ""


@dataclass(frozen=True)
class AfterThat:
    """What would follow one of the first options.

    option    on which the disease would have progressed
    assumed   what is taken to be so then, each a sentence
    first     None where it cannot be said, or nothing is ranked; `cannot` says which
    """

    option: str
    slug: str
    assumed: tuple[str, ...]
    first: NextFirst | None
    cannot: str

    @property
    def assumed_words(self) -> str:
        """All that is assumed, in one."""
        return " ".join(self.assumed)


def after_that(ranking: Ranking, knowledge: Knowledge) -> tuple[AfterThat, ...]:
    """For the first two options of a ranking that was made with `knowledge`; empty where none is ranked."""
    ranked = [option for option in ranking.options if option.rank is not None][:OPTIONS_FOLLOWED]
    lines = [after_progression_on(option.regimen, ranking.patient) for option in ranked]
    patients = [patient for line in lines for patient in line.patients]
    rankings = rank_many(patients, knowledge, ranking.preference.name, draws=False)
    return tuple(_after(line, [next(rankings) for _patient in line.patients], ranking, knowledge) for line in lines)


def _after(line: NextLine, rankings: Sequence[Ranking], ranking: Ranking, knowledge: Knowledge) -> AfterThat:
    firsts = [found.first for found in rankings]
    slugs = list(dict.fromkeys(first.regimen.slug if first else "" for first in firsts))
    cannot = ""
    if not rankings:
        cannot = _("It cannot be said: too much of what was received before is not known.")
    elif slugs == [""]:
        cannot = _("No option would be ranked.")
    elif len(slugs) > 1:
        cannot = _depends(firsts, line, knowledge)
    first = firsts[0] if firsts and not cannot else None
    return AfterThat(
        option=line.regimen.name,
        slug=line.regimen.slug,
        assumed=tuple(_assumed(line, ranking, knowledge)),
        first=_next_first(first, rankings, ranking, knowledge) if first else None,
        cannot=cannot,
    )


def _next_first(first: Option, rankings: Sequence[Ranking], ranking: Ranking, knowledge: Knowledge) -> NextFirst:
    """Behind it are named those that follow in each of the ways in which the unknown may be."""
    orders = [
        [o.regimen.name for o in each.options if o.rank is not None][1 : 1 + FOLLOWING_NAMED] for each in rankings
    ]
    following = []
    for names in zip(*orders, strict=False):
        if len(set(names)) > 1:
            break
        following.append(names[0])
    found = [each.first.synthesis.estimates for each in rankings if each.first and each.first.synthesis]
    # A figure that hangs on what is not known is none.
    estimates = {o: e for o, e in found[0].items() if all(other[o] == e for other in found)} if found else {}
    published = {
        outcome: published_words(outcome, *estimate.published.place, knowledge)
        for outcome, estimate in estimates.items()
        if estimate.published
    }
    bands = dict.fromkeys(str(BAND_TITLES[each.first.band]) for each in rankings if each.first)
    return NextFirst(
        name=first.regimen.name,
        slug=first.regimen.slug,
        band=any_of_them(list(bands), ACTIVE),
        estimates=tuple(estimates_in_words(estimates, ranking.demonstrated, published)),
        following=tuple(following),
    )


def _depends(firsts: Sequence[Option | None], line: NextLine, knowledge: Knowledge) -> str:
    """It hangs on what is not known: which options would be first, and on what it hangs."""
    names = list(dict.fromkeys(first.regimen.name if first else _("no option") for first in firsts))
    open_questions = [
        *([_("how soon after platinum the disease progressed")] if line.is_platinum else []),
        *(
            [_("whether it progressed on %(treatments)s") % {"treatments": _names(line, knowledge)}]
            if line.uncertain
            else []
        ),
    ]
    return _("It cannot be said: %(options)s, depending on %(questions)s.") % {
        "options": any_of_them(names, ACTIVE),
        "questions": all_of_them(open_questions, ACTIVE),
    }


def _assumed(line: NextLine, ranking: Ranking, knowledge: Knowledge) -> Iterator[str]:
    option = {"option": line.regimen.name}
    yield _("%(option)s was received, and the disease progressed on it or within 3 months of it.") % option
    if line.lines is not None:
        words = ngettext("%(count)d line received.", "%(count)d lines received.", line.lines)
        yield words % {"count": line.lines}
    else:
        yield _("How many lines were received stays unknown.")
    if line.is_platinum:
        yield _("The platinum-free interval is then below 3 months; the response to the last platinum is not known.")
    if line.uncertain:
        words = _("Whether the disease progressed on %(treatments)s is not known: it was looked at both ways.")
        yield words % {"treatments": _names(line, knowledge)}
    elif not ranking.patient.knows("prior_regimens"):
        yield _("What else was received is not known and is not counted.")
    yield _("Everything else as it is now.")


def _names(line: NextLine, knowledge: Knowledge) -> str:
    names = sorted(knowledge.names[slug] for slug in line.uncertain)
    return all_of_them(names, ACTIVE)
