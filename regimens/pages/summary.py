"""A ranking as plain text for the record: what the page shows, in lines that a hospital's system takes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

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
    words, estimates = option.words, [mark.words for mark in option.marks]
    start = f"{option.standing.rank}. " if option.standing.rank else "- "
    figures = [f"{one.title} {one.number} ({one.interval})" for one in estimates if one.has_data]
    yield f"{start}{words.name}{': ' if figures else ''}{'; '.join(figures)}"
    details = [words.evidence.in_one] if words.evidence.patients else []
    if estimates:
        details += [_("level %(level)s") % {"level": words.level}, option.details.practicalities.availability]
    if details:
        yield f"   {', '.join(details)}"
    for caution in option.details.cautions.specific:
        yield f"   {caution.word}: {caution.text}"
