"""A ranking as plain text for the record: what the page shows, in lines that a hospital's system takes.

It leaves the application alone, so every figure stands with its study and every caution with what is known of it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.moments import moment_words
from display.punctuation import in_series, sign
from regimens.rules.assessment import Band
from regimens.wording.bands import BAND_TITLES
from regimens.wording.cautions import CautionLine

from .taken import CautionsOf, Taken, TakenOption

WIDTH = 100
# Signs that a system of another age would garble, as it can write them.
_PLAIN = str.maketrans(
    {
        # A space that keeps a number with its unit goes once the lines are broken.
        **dict.fromkeys("\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}", "\N{NO-BREAK SPACE}"),
        **dict.fromkeys("–—−‐‑", "-"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("‘’", "'"),
        **dict(zip("≥≤×→…·", (">=", "<=", "x", "->", "...", ";"), strict=True)),
        "⁹": "^9",
    }
)
# A paragraph with the word in the margin that opens it; "" goes on under the one before.
Paragraph = tuple[str, str]


def summary(taken: Taken) -> str:
    """Lines of at most 100 characters."""
    lines = _set([(margin, text.translate(_PLAIN)) for margin, text in _paragraphs(taken)])
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ") + "\n"


def _set(paragraphs: list[Paragraph]) -> Iterator[str]:
    """The words of the margin in a column of their own; a paragraph without any stands at the left."""
    indent = max((len(margin) for margin, _text in paragraphs if margin.strip()), default=0) + 2
    for margin, text in paragraphs:
        if not margin:
            yield from textwrap.wrap(text, WIDTH, break_on_hyphens=False) or [""]
            continue
        start = margin.strip().ljust(indent)
        lines = textwrap.wrap(text, WIDTH - indent, subsequent_indent="  ", break_on_hyphens=False)
        yield from (f"{start if not number else ' ' * indent}{line}".rstrip() for number, line in enumerate(lines))


GOES_ON = " "  # the margin of a paragraph under another


def _paragraphs(taken: Taken) -> Iterator[Paragraph]:
    yield (
        "",
        _("Later-line options in extrapulmonary neuroendocrine carcinoma (necapp), %(day)s")
        % {"day": moment_words(taken.made)},
    )
    for words in taken.page.supposed:
        said = _("HYPOTHETICAL: %(words)s is supposed, and not known of this patient")
        yield "", said % {"words": words}
    yield from _patient(taken)
    for each in taken.out_of_scope:
        yield "", ""
        yield "", _("OUT OF SCOPE, nothing is ranked: %(reason)s") % {"reason": each.reason}
        if each.note:
            yield "", each.note
        for lead in each.leads:
            yield "", f"- {lead.words}: {lead.url}"
    if not taken.out_of_scope:
        yield from _answer(taken)
    yield "", ""
    yield (
        "",
        _("Knowledge release %(name)s, published %(day)s, SHA-256 %(sha256)s")
        % {
            "name": taken.page.release.name,
            "day": taken.page.release.published,
            "sha256": taken.page.release.sha256,
        },
    )
    yield "", _("Supports and does not replace judgement. Evidence for groups of patients, not a prediction for one.")


def _patient(taken: Taken) -> Iterator[Paragraph]:
    yield _("PATIENT"), taken.patient
    yield GOES_ON, in_series(taken.page.more)
    if groups := taken.page.not_known:
        facts = in_series(f"{group.title}{sign(':')} {', '.join(group.facts)}" for group in groups)
        yield GOES_ON, _("NOT KNOWN, and not read as negative: %(facts)s.") % {"facts": facts}
    for warning in taken.page.warnings:
        yield GOES_ON, _("CHECK FIRST: %(warning)s") % {"warning": warning}


def _answer(taken: Taken) -> Iterator[Paragraph]:
    if taken.page.is_nec_only:
        yield "", _("NEC ONLY: borrowed evidence is left out, so this is not the order of the method")
    if taken.page.moves:
        yield "", taken.page.moves
    margins = (_("FIRST"), _("SECOND"), _("THIRD"))
    for margin, option in zip(margins, taken.leading, strict=False):
        yield margin, _opening(taken, option)
        yield from ((GOES_ON, text) for text in _in_full(option))
    yield from _notes(taken)
    if taken.tests or taken.questions:
        yield _("TESTS"), _("What could change what is first:")
        for test in taken.tests:
            opens = _("; opens: %(names)s") % {"names": ", ".join(test.opens)} if test.opens else ""
            yield (
                GOES_ON,
                _("- %(test)s (%(result)s): chance %(chance)s; then first: %(regimen)s%(opens)s")
                % {
                    "test": test.name,
                    "result": test.supposed,
                    "chance": test.chance,
                    "regimen": test.then_first,
                    "opens": opens,
                },
            )
        for question in taken.questions:
            yield GOES_ON, f"- {question}"
    yield from _trials(taken)
    yield from _further(taken)


def _opening(taken: Taken, option: TakenOption) -> str:
    """The name, its place and band, and under what condition it comes first."""
    place = _("place %(place)s") % {"place": option.place} if option.place else ""
    standing = in_series(filter(None, (place, option.words.band)))
    is_first = taken.page.card and option.words.slug in taken.page.card.slugs
    condition = f", {taken.page.card.condition}" if taken.page.card and is_first and taken.page.card.condition else ""
    return f"{option.name}{condition} ({standing})"


def _in_full(option: TakenOption) -> Iterator[str]:
    for study in option.published:
        yield _("Published: %(study)s: %(figures)s") % {"study": study.citation, "figures": study.figures}
    if option.model:
        yield _("Model for this group: %(figures)s; %(basis)s") % {"figures": option.model, "basis": option.basis}
    if option.named_by:
        yield _("Named for this patient by: %(sources)s") % {"sources": in_series(option.named_by)}
    else:
        yield option.why
    yield from _licence(option)
    yield from _cautions(option.cautions)


def _licence(option: TakenOption) -> Iterator[str]:
    cell, standing = option.row.licence, option.standing
    if cell is None or standing is None:
        return
    words = {"where": standing.where, "word": cell.word, "read": cell.read}
    yield _("Licence (%(where)s): %(word)s; %(read)s") % words
    for line in standing.holding:
        yield f"{line.covers}{sign(':')} {line.terms}"
    for line in standing.possible:
        yield f"{line.if_only} ({line.terms})"


def _cautions(cautions: CautionsOf) -> Iterator[str]:
    for line in cautions.applies:
        yield _("CAUTION applies: %(caution)s") % {"caution": _caution(line)}
    for line in cautions.of_drugs:
        yield _("CAUTION of the drugs themselves: %(caution)s") % {"caution": _caution(line)}
    for words in cautions.had_before:
        yield _("CAUTION, had before: %(text)s") % {"text": words}
    for level, unchecked in cautions.cannot_check:
        criteria = dict.fromkeys(each.criterion for each in unchecked)
        yield NOT_CHECKED[level] % {"criteria": in_series(criteria)}
    if cautions.not_so:
        yield _("Checked, does not apply: %(criteria)s") % {"criteria": in_series(cautions.not_so)}


def _caution(line: CautionLine) -> str:
    return " ".join(filter(None, (f"{line.opening}:", line.text, line.advice)))


NOT_CHECKED: Mapping[str, Promise] = {
    "contraindicated": gettext_lazy("CAUTION cannot be checked, must not be given if: %(criteria)s"),
    "avoid": gettext_lazy("CAUTION cannot be checked, advised against if: %(criteria)s"),
    "caution": gettext_lazy("CAUTION cannot be checked, with care if: %(criteria)s"),
}


def _notes(taken: Taken) -> Iterator[Paragraph]:
    """What the evidence cannot tell apart, and how firm the answer is, each said once."""
    said = []
    if taken.page.card and taken.page.card.not_apart:
        said.append(taken.page.card.not_apart.text)
    if taken.page.card and taken.page.card.firmness:
        said.append(_("The first place is %(firmness)s.") % {"firmness": taken.page.card.firmness})
    if any(option.place.startswith("=") for option in taken.options):
        said.append(_("Places with = are equal: the order holds in fewer than 60 %% of the draws.") % {})
    said += [taken.page.leader_note] if taken.page.leader_note else []
    if said:
        yield _("NOTE"), " ".join(said)


def _trials(taken: Taken) -> Iterator[Paragraph]:
    if not taken.trials:
        return
    yield _("TRIALS"), _("that may fit; ask the register before anything is planned:")
    for trial in taken.trials:
        yield GOES_ON, f"- {trial.nct} {trial.name}{sign(':')} {trial.status}, {trial.seen}"
    if taken.more_trials:
        more = ngettext("and %(count)d more", "and %(count)d more", taken.more_trials) % {"count": taken.more_trials}
        yield GOES_ON, more


def _further(taken: Taken) -> Iterator[Paragraph]:
    """The other options: with figures where they stand in the upper bands, by name where the evidence is weak."""
    yield "", ""
    yield "", taken.page.counts
    for band, found in groupby((o for o in taken.options if o not in taken.leading), key=lambda option: option.band):
        options = list(found)
        yield "", f"{options[0].words.band.upper()}:"
        if band is Band.LIMITED:
            yield "", in_series(f"{option.place} {option.name}".strip() for option in options)
            continue
        for option in options:
            yield from ((option.place or "-" if not number else GOES_ON, text) for number, text in _in_short(option))
    if taken.unsuitable:
        yield "", f"{BAND_TITLES[Band.UNSUITABLE].upper()}:"
        for reason, names in taken.unsuitable:
            yield "", f"- {names}{sign(':')} {reason}"


def _in_short(option: TakenOption) -> Iterator[tuple[int, str]]:
    """A line of what is to be known first, and one of figures, published before model."""
    cell = option.row.licence
    licence = f"{cell.word}, {cell.read}" if cell else ""
    safety = in_series(mark.in_one for mark in option.row.safety)
    yield 0, in_series(filter(None, (option.name, licence, safety)))
    for study in option.published:
        yield 1, _("Published: %(study)s: %(figures)s") % {"study": study.citation, "figures": study.figures}
    if option.model:
        yield 1, _("Model for this group: %(figures)s; %(basis)s") % {"figures": option.model, "basis": option.basis}
