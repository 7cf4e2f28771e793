"""`manage.py import_trials FILE|FOLDER|--nct NCT…`: what ClinicalTrials.gov says of trials, as proposals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from audit.actions import exclusive
from curation.actions import Asked
from curation.imports import clinicaltrials, web
from curation.imports.answers import questions, read_answers
from curation.imports.batch import Left, Wanted, in_force, propose_batch
from curation.imports.clinicaltrials import RegisteredTrial
from curation.review.differences import differences
from regimens.knowledge.loader import LoadProblem

from ._importing import ImportCommand, files_in, refuse


class Command(ImportCommand):
    help = (
        "Read trials from ClinicalTrials.gov (API version 2, JSON) and propose what differs from the evidence base. "
        "What a curator wrote stays; of a new trial, what the register does not say is asked for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER", help="a study, a page of studies")
        parser.add_argument("--nct", nargs="+", default=[], help="ask the register itself")
        parser.add_argument("--looked-up-on", type=_day, metavar="DATE", help="of files that do not say it")
        parser.add_argument(
            "--answers",
            type=Path,
            metavar="FILE",
            help="what is asked for of new trials; written at first",
        )
        parser.add_argument("--words", action="store_true", help="the register's titles and criteria for a curator's")

    def run(self, *, by: Any, paths: list[Path], nct: list[str], **options: Any) -> None:
        if not paths and not nct:
            raise CommandError("give a file, a folder or --nct")
        today = timezone.localdate()
        looked_up_on = options["looked_up_on"]
        if looked_up_on and looked_up_on > today:
            raise CommandError(f"--looked-up-on {looked_up_on}: not after today, {today}")
        trials, failed = self._trials(paths, looked_up_on, today)
        if nct:
            with web.Web() as line:
                trials |= {
                    trial.nct: (trial, today) for trial in clinicaltrials.fetch(nct, line, api=clinicaltrials.API)
                }
        known = {entry["nct"]: entry for entry in in_force()["trials"]}
        path: Path | None = options["answers"]
        answers, wrong = read_answers(path, trials.keys() - known.keys()) if path and path.exists() else ({}, [])
        refuse(wrong)
        failed += self._propose(trials, known, answers, by=by, path=path, words=options["words"])
        self.end(failed)

    def _trials(
        self, paths: list[Path], looked_up_on: date | None, today: date
    ) -> tuple[dict[str, tuple[RegisteredTrial, date]], list[LoadProblem]]:
        """The trials of the files, each with the day on which it was looked up, and the problems of those unread.

        Raises LoadError for a file that is none of the register, and where a day is not said.
        """
        found: dict[str, tuple[RegisteredTrial, date]] = {}
        problems: list[LoadProblem] = []
        failed: list[LoadProblem] = []
        twice: set[str] = set()
        for file, text in files_in(paths, ".json"):
            read = clinicaltrials.read_studies(text, file)
            for problem in read.problems:
                (failed if problem.key else problems).append(problem)
            for nct in read.skipped:
                self.stdout.write(f"left {nct}: an observational study or expanded access, and no trial")
            for trial in read.trials:
                day = trial.version or looked_up_on
                if day is None:
                    rule = "the day of the look-up, which the file does not say: give --looked-up-on"
                    problems.append(LoadProblem(file, trial.nct, "looked_up_on", None, rule))
                elif wrong := clinicaltrials.day_to_come(trial, file, looked_up_on=day, today=today):
                    failed.append(wrong)
                elif trial.nct in found and found[trial.nct][1] > day:
                    self.stdout.write(f"left {trial.nct} of {day}: {found[trial.nct][1]} is given too")
                elif trial.nct in found and found[trial.nct][1] == day and found[trial.nct][0] != trial:
                    failed.append(LoadProblem(file, trial.nct, "nctId", None, "once, or twice the same, of one day"))
                    twice.add(trial.nct)
                else:
                    found[trial.nct] = trial, day
        refuse(problems)
        return {nct: one for nct, one in found.items() if nct not in twice}, failed

    def _propose(
        self,
        trials: Mapping[str, tuple[RegisteredTrial, date]],
        known: Mapping[str, Any],
        answers: Mapping[str, Any],
        *,
        by: Any,
        path: Path | None,
        words: bool,
    ) -> list[LoadProblem]:
        """Propose what differs; what is wrong with those that were left alone for it."""
        wanted: list[Wanted] = []
        left: list[Left] = []
        asked: list[RegisteredTrial] = []
        questions: list[Asked] = []
        for nct, (trial, day) in sorted(trials.items()):
            base = known.get(nct)
            if base and not words:
                questions += clinicaltrials.questions_on(trial, base, looked_up_on=day)
            if base and (older := clinicaltrials.why_older(trial, base, looked_up_on=day)):
                left.append(Left(nct, older))
                continue
            entry = clinicaltrials.trial_entry(trial, base, looked_up_on=day, answers=answers.get(nct), words=words)
            if clinicaltrials.missing(entry):
                asked.append(trial)
                left.append(Left(nct, f"asked for: {', '.join(clinicaltrials.missing(entry))}"))
            else:
                wanted.append(Wanted("trials", nct, entry, base, _reason(base, entry), trial.page))
        with exclusive():  # what is proposed and what is asked stand together
            outcome = propose_batch(wanted, by=by, each_alone=True)
            self.ask(questions, by=by)
        outcome.left += left
        self.report(outcome)
        for line in self._questions(asked, path):
            self.stdout.write(line)
        return outcome.problems

    def _questions(self, asked: list[RegisteredTrial], path: Path | None) -> Iterator[str]:
        if not asked:
            return
        text = questions(asked)
        if path and not path.exists():
            try:
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{path} cannot be written: {error.strerror}") from error
            yield f"What is asked for is in {path}: fill it in, and give the same command again"
        else:
            yield "Asked for; put it into a file and give it with --answers:"
            yield text


def _reason(base: Mapping[str, Any] | None, entry: Mapping[str, Any]) -> str:
    looked_up = f"ClinicalTrials.gov, looked up on {entry['looked_up_on']}"
    if base is None:
        return f"New from {looked_up}"
    changes = [str(one) for one in differences("trials", base, entry) if one.place != "looked_up_on"]
    return f"{looked_up}: {'; '.join(changes) or 'nothing changed'}"


def _day(text: str) -> date:
    return date.fromisoformat(text)
