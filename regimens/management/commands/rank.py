"""`manage.py rank FILE`: patients from a file of JSON lines, rankings to standard output (METHOD, section 12)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from regimens import releases
from regimens.rules.evidence import OUTCOMES, Outcome
from regimens.rules.knowledge import Knowledge, KnowledgeError
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import DEFAULT_REGION, PatientError, Value
from regimens.rules.ranking import Option, Ranking, rank
from regimens.rules.record import as_json
from regimens.rules.synthesis import Estimate
from regimens.wording.outcomes import OUTCOME_TITLES, figure

HEADS = {"orr": "response %", "pfs": "PFS months", "os": "OS months", "grade3": "grade 3+ %"}
BYTE_ORDER_MARK = "\ufeff"


class Command(BaseCommand):
    help = (
        "Rank the later-line options for patients: one JSON object a line, features named as in the method. "
        "Bad lines are reported on standard error and the others ranked; the exit status is then 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a file with one patient a line; - is standard input")
        parser.add_argument("--json", action="store_true", help="one ranking a line as JSON, instead of tables")
        parser.add_argument("--preference", choices=PREFERENCES, default="balanced", help="what matters more")
        parser.add_argument("--release", help="a release by name or SHA-256, or an exported file; default: in force")
        parser.add_argument("--no-draws", action="store_true", help="leave out the shares of draws (faster)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            refused = self._rank(**options)
        except BrokenPipeError:  # whoever reads has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        if refused:
            sys.exit(1)

    def _rank(self, **options: Any) -> int:
        """Rank every line; how many were refused."""
        knowledge = _knowledge(options["release"])
        try:
            knowledge.check_edition()
        except KnowledgeError as error:
            raise CommandError(str(error)) from error
        refused = 0
        with _opened(options["file"]) as lines:
            for number, line in _numbered(lines):
                try:
                    patient = knowledge.patient(_features(line))
                except ValueError as error:
                    refused += 1
                    for message in _messages(error):
                        self.stderr.write(f"line {number}: {message}")
                    continue
                ranking = rank(patient, knowledge, options["preference"], draws=not options["no_draws"])
                self.stdout.write(as_json(ranking) if options["json"] else _table(number, ranking))
        return refused


def _knowledge(release: str | None) -> Knowledge:
    try:
        if release is None:
            return releases.current()
        is_file = Path(release).is_file()
        knowledge = releases.read_export(Path(release)) if is_file else releases.compiled(releases.find(release))
        knowledge.check_edition()
        return knowledge
    except (releases.ReleaseError, KnowledgeError) as error:
        raise CommandError(str(error)) from error


def _opened(name: str) -> AbstractContextManager[TextIO]:
    """A byte that is no UTF-8 becomes a replacement character, so that its line alone is refused."""
    if name == "-":
        return nullcontext(sys.stdin)
    try:
        return Path(name).open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines with something on them, counted as an editor counts them; a byte-order mark is none."""
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if text.strip():
            yield number, text


def _features(line: str) -> dict[str, Any]:
    try:
        features = json.loads(line, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error}") from error
    except RecursionError as error:
        raise ValueError("no JSON that can be read: nested too deeply") from error
    if not isinstance(features, dict):
        raise ValueError(f"{features!r} is no patient: an object of features and values")
    return features


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values of one feature would leave it open which was meant."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name}: given twice, {found[name]!r} and {value!r}")
        found[name] = value
    return found


def _messages(error: ValueError) -> list[str]:
    return [problem.message for problem in error.problems] if isinstance(error, PatientError) else [str(error)]


def _table(number: int, ranking: Ranking) -> str:
    """A ranking for people, in English: the scope, then a line an option with its estimates."""
    with translation.override("en"):
        return "\n".join(_lines(number, ranking))


def _lines(number: int, ranking: Ranking) -> Iterator[str]:
    release, patient = ranking.release, ranking.patient
    yield f"Patient on line {number}: {_features_line(patient.features) or 'nothing known'}"
    if patient.implied:
        yield f"From that follows: {_features_line(patient.implied)}"
    if not patient.knows("region"):
        yield f"No region given: {DEFAULT_REGION} counts"
    yield f"Release {release.name}, published {release.published}, SHA-256 {release.sha256[:12]}"
    for _, text in ranking.scope.reasons:
        yield f"Out of scope: {text}"
    for _, text in ranking.scope.warnings:
        yield f"Check first: {text}"
    yield from _options(ranking)
    if ranking.needs_test:
        yield ""
        yield "needs a test"
        for waiting in ranking.needs_test:
            yield f"      {waiting.regimen.name}: {', '.join(waiting.features)}"
    biomarkers = [test for test in ranking.tests if test.is_biomarker]
    if biomarkers:
        yield ""
        yield "tests that could change this"
        for test in biomarkers:
            chance = f"{100 * test.prevalence.chance:g} %" if test.prevalence else "not known"
            then = test.first_becomes or "nothing"
            opens = f"; opens: {', '.join(one.regimen for one in test.opens)}" if test.opens else ""
            yield f"      {test.feature}: chance {chance}; then first: {then}{opens}"
    yield ""


def _options(ranking: Ranking) -> Iterator[str]:
    """A line an option, under the heads of its band; an outcome that is not demonstrated is marked."""
    marks = {outcome: "" if ranking.demonstrated[outcome] else " *" for outcome in OUTCOMES}
    heads = "".join(f"{HEADS[outcome] + marks[outcome]:<17}" for outcome in OUTCOMES)
    band = None
    for option in ranking.options:
        if option.band is not band:
            band = option.band
            yield ""
            yield f"{band.value.replace('-', ' '):<49}{heads}{'licence':<18}level  utility"
        yield _line(option)
        if option.synthesis is None or option.rank is None:
            yield f"      {option.decided_by}"
    if ranking.options and any(marks.values()):
        names = ", ".join(str(OUTCOME_TITLES[outcome]) for outcome in OUTCOMES if marks[outcome])
        yield ""
        yield f"* not shown to tell regimens apart better than the benchmark: {names}"


def _line(option: Option) -> str:
    start = f"{option.rank or '':>4}  {option.regimen.name[:42]:<42} "
    if option.synthesis is None or not option.synthesis.cohorts:
        return start.rstrip()
    columns = [_column(outcome, option.synthesis.estimates[outcome]) for outcome in OUTCOMES]
    licence = option.licence.status.replace("-", " ") if option.licence else ""
    figures = "".join(f"{column:<17}" for column in columns)
    return f"{start}{figures}{licence:<18}{option.level:<7}{option.utility:.3f}"


def _column(outcome: Outcome, estimate: Estimate) -> str:
    """An estimate with its interval; an outcome that no cohort reports has none, though it has the benchmark's."""
    if not estimate.has_data:
        return "no data"
    value, low, high = (figure(outcome, each) for each in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low}-{high})"


def _features_line(features: Mapping[str, Value]) -> str:
    return "; ".join(f"{name} {_written(value)}" for name, value in features.items())


def _written(value: Value) -> str:
    if isinstance(value, frozenset):
        return ",".join(sorted(value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
