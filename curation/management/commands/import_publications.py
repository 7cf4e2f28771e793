"""`manage.py import_publications FILE|--pmid PMID…`: what PubMed says of publications, as proposals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actions import exclusive
from curation.imports import pubmed, web
from curation.imports.batch import Wanted, in_force, new_ones_proposed, propose_batch
from curation.review.dependents import reach
from curation.review.differences import differences
from regimens.knowledge.loader import LoadProblem
from regimens.models.choices import NoticeKind

from ._importing import ImportCommand, files_in, refuse


class Command(ImportCommand):
    help = (
        "Read records of PubMed (XML) and propose new publications, other bibliographic details, and notices of "
        "retraction, concern and correction. A retraction is reported with all that rests on it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER", help="a PubmedArticleSet")
        parser.add_argument("--pmid", nargs="+", default=[], help="ask PubMed itself")

    def run(self, *, by: Any, paths: list[Path], pmid: list[str], **options: Any) -> None:
        if not paths and not pmid:
            raise CommandError("give a file, a folder or --pmid")
        records: list[pubmed.PubmedRecord] = []
        problems: list[LoadProblem] = []
        failed: list[LoadProblem] = []
        for file, text in files_in(paths, ".xml"):
            found, wrong = pubmed.read_records(text, file)
            records += found
            for problem in wrong:
                (failed if problem.key else problems).append(problem)
        refuse(problems)
        if pmid:
            with web.Web() as line:
                records += pubmed.fetch(pmid, line, api=pubmed.API)
        document = in_force()
        known = {entry["key"]: entry for entry in document["publications"]}
        reading = pubmed.read_against(records, known, new_ones_proposed("publications"))
        failed += reading.problems
        wanted = [
            Wanted(
                "publications",
                key,
                entry,
                known.get(key),
                _reason(known.get(key), entry),
                reading.pages[key],
                reading.told_apart.get(key, ()),
            )
            for key, entry in reading.entries.items()
        ]
        with exclusive():  # what is proposed and what is asked stand together
            outcome = propose_batch(wanted, by=by, each_alone=True)
            self.ask(reading.questions, by=by)
        self.report(outcome)
        failed += outcome.problems
        for remark in reading.remarks:
            self.stdout.write(remark)
        for line_ in _retractions(document, reading):
            self.stdout.write(line_)
        self.end(failed)


def _reason(base: Mapping[str, Any] | None, entry: Mapping[str, Any]) -> str:
    record = f"PubMed {entry['pmid']}"
    if base is None:
        return f"New from {record}; not read yet"
    return f"{record}: {'; '.join(map(str, differences('publications', base, entry)))}"


def _retractions(document: Mapping[str, Any], reading: pubmed.RecordsRead) -> Iterator[str]:
    """Every retracted publication of the import, with what rests on it."""
    for key, entry in reading.entries.items():
        if (entry.get("notice") or {}).get("kind") != NoticeKind.RETRACTION:
            continue
        yield f"RETRACTED {key}: {entry['notice']['text']}"
        if key in reading.new:
            yield "  nothing rests on it: it is new"
            continue
        found = reach(document, key)
        for cohort in found.cohorts:
            feeds = f"feeds {cohort.regimen}" if cohort.regimen else "feeds no option"
            yield f"  cohort {cohort.index}, {cohort.who}: {feeds}{', pooled' if cohort.pooled else ', not pooled'}"
        yield f"  options: {', '.join(found.options) or 'none'}"
        yield f"  indications: {', '.join(found.indications) or 'none'}"
        if found.same_study:
            yield f"  the same patients are in: {', '.join(found.same_study)}"
