"""A ranking as plain text for the record: what the page shows, in lines that a hospital's system takes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from regimens.wording.estimates import EstimateWords

from . import BandSection, OptionRow, RankingPage


def summary(page: RankingPage) -> str:
    """Lines of ordinary spaces: what takes the text may know no other."""
    text = "\n".join(_lines(page)) + "\n"
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _lines(page: RankingPage) -> Iterator[str]:
    yield _("Later-line options in extrapulmonary neuroendocrine carcinoma (necapp)")
    yield "".join(text for text, emphasised in page.patient)
    yield from page.more
    for words in page.supposed:
        yield _("HYPOTHETICAL: %(words)s is supposed, and not known of this patient") % {"words": words}
    for reason in page.reasons:
        yield _("OUT OF SCOPE, nothing is ranked: %(reason)s") % {"reason": reason}
    for warning in page.warnings:
        yield _("CHECK FIRST: %(warning)s") % {"warning": warning}
    if page.in_scope:
        yield page.counts
        yield from page.separation
        if page.is_nec_only:
            yield _("NEC ONLY: borrowed evidence is left out, so this is not the order of the method")
        if page.moves:
            yield page.moves
        for band in page.bands:
            yield from _band(band)
        if page.leader_note:
            yield ""
            yield page.leader_note
        tests = [test for test in page.tests if test.changes_first]
        if tests:
            yield ""
            yield _("TESTS THAT COULD CHANGE WHAT IS FIRST")
            for test in tests:
                line = _("- %(test)s (%(result)s): chance %(chance)s; then first: %(regimen)s")
                yield line % {
                    "test": test.name,
                    "result": test.supposed,
                    "chance": test.chance,
                    "regimen": test.then_first,
                }
                if test.opens:
                    yield f"  {_('opens: %(names)s') % {'names': ', '.join(test.opens)}}"
    yield ""
    yield _("Knowledge release %(name)s, published %(day)s, SHA-256 %(sha256)s") % {
        "name": page.release.name,
        "day": page.release.published,
        "sha256": page.release.sha256,
    }
    yield _("Supports and does not replace judgement. Evidence for groups of patients, not a prediction for one.")


def _band(band: BandSection) -> Iterator[str]:
    yield ""
    yield f"{band.title.upper()} ({band.note})"
    for option in band.options:
        if isinstance(option, OptionRow):
            yield from _option(option)


def _option(option: OptionRow) -> Iterator[str]:
    words, details = option.words, option.details
    shown = [mark.words for mark in option.marks if mark.words.has_data]
    start = f"{option.standing.rank}. " if option.standing.rank else "- "
    yield f"{start}{words.name}{': ' if shown else ''}{'; '.join(map(_estimate, shown))}"
    for line in _below(option):
        yield f"   {line}"
    for caution in details.cautions.specific:
        yield f"   {caution.opening}: {caution.text}{f' {caution.advice}' if caution.advice else ''}"
    for earlier in details.earlier:
        yield f"   {capfirst(earlier)}"
    if details.cautions.grave_not_known:
        not_checked = _("Not checked, since not known, and might rule it out: %(names)s")
        yield f"   {not_checked % {'names': details.cautions.grave_not_known}}"
    if option.standing.about_equal_to_next:
        about_equal = _("about equal to the next: the order holds in fewer than 60 %% of the draws") % {}
        yield f"   {about_equal}"


def _estimate(words: EstimateWords) -> str:
    said = f"{words.title} {words.number} ({words.interval})"
    return f"{said}, {words.mark}" if words.mark else said


def _below(option: OptionRow) -> Iterator[str]:
    """What was published of it, what it rests on, and whether it is licensed."""
    words, details = option.words, option.details
    published = [(mark.words.short_title, mark.words.published) for mark in option.marks if mark.words.published]
    if published:
        figures = "; ".join(f"{title} {found.in_one}, {found.citation}" for title, found in published)
        yield _("Published: %(figures)s") % {"figures": figures}
    if option.marks:
        rests_on = [words.evidence.in_one] if words.evidence.patients else []
        yield ", ".join([*rests_on, _("level %(level)s") % {"level": words.level}])
    if option.standing.draws_in_full:
        yield option.standing.draws_in_full
    if details.licence:
        licence = details.licence
        holding = "; ".join(line.terms for line in licence.holding)
        yield f"{licence.word} ({licence.where}){f': {holding}' if holding else ''}"
        for line in licence.possible:
            yield line.if_only
