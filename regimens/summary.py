"""A ranking as plain text for the record: what the page shows, in lines that a hospital's system takes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from .presenters import BandSection, OptionRow, RankingPage


def summary(page: RankingPage) -> str:
    return "\n".join(_lines(page)) + "\n"


def _lines(page: RankingPage) -> Iterator[str]:
    yield "Later-line options in extrapulmonary neuroendocrine carcinoma (necapp)"
    yield "".join(text for text, _ in page.patient)
    yield from page.more
    for words in page.supposed:
        yield f"HYPOTHETICAL: {words} is supposed, and not known of this patient"
    for reason in page.reasons:
        yield f"OUT OF SCOPE, nothing is ranked: {reason}"
    for warning in page.warnings:
        yield f"CHECK FIRST: {warning}"
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
            yield "TESTS THAT COULD CHANGE WHAT IS FIRST"
            for test in tests:
                yield f"- {test.name} ({test.supposed}): chance {test.chance}; then first: {test.then_first}"
    yield ""
    yield f"Knowledge release {page.release.name}, published {page.release.published}, SHA-256 {page.release.sha256}"
    yield "Supports and does not replace judgement. Evidence for groups of patients, not a prediction for one."


def _band(band: BandSection) -> Iterator[str]:
    yield ""
    yield f"{band.title.upper()} ({band.note})"
    for option in band.options:
        if isinstance(option, OptionRow):
            yield from _option(option)


def _option(option: OptionRow) -> Iterator[str]:
    start = f"{option.rank}. " if option.rank else "- "
    figures = [f"{mark.title} {mark.number} ({mark.interval})" for mark in option.marks if mark.has_data]
    yield f"{start}{option.name}{': ' if figures else ''}{'; '.join(figures)}"
    details = [f"{option.patients} in {option.studies}"] if option.patients else []
    if option.marks:
        details += [f"level {option.level}", option.availability]
    if details:
        yield f"   {', '.join(details)}"
    for caution in option.cautions:
        yield f"   {caution.word}: {caution.text}"
