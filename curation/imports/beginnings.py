"""With what a work package begins: an identifier that somebody pasted, and records that they uploaded.

Nothing is fetched here: what is known is what the evidence base holds, what is proposed or drafted, the records given,
and what the surveillance desk found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from curation.accepted import accepted, text_of
from curation.actions import Drafted
from curation.identity import Identified, Likeness, identified, likeness, look_alikes, of_citation, suspects
from curation.models import PackageEntry, WorkPackage
from regimens.knowledge.loader import LoadProblem
from regimens.models.choices import IN_WORK, EntryKind
from regimens.wording.citations import citation

from . import clinicaltrials, pubmed
from .batch import new_ones_proposed
from .clinicaltrials import RegisteredTrial
from .found import found_on_desk
from .identifiers import Identifier, IdentifierKind
from .pubmed import PubmedRecord

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """What uploaded files hold, and what is wrong with them."""

    texts: tuple[PubmedRecord, ...] = ()
    trials: tuple[RegisteredTrial, ...] = ()
    problems: tuple[LoadProblem, ...] = ()


@dataclass(frozen=True)
class Beginning:
    """What a package begins with.

    entries    as they are drafted; none where nothing is known of the identifier
    remarks    what a curator should know first: what is here already, what belongs to it
    """

    title: str
    entries: tuple[Drafted, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.entries)

    @property
    def source(self) -> str:
        """The page of the text or trial itself, where it is known."""
        return str(self.entries[0].content.get("url") or "") if self.entries else ""


def records_of(name: str, content: bytes, *, today: date) -> Records:
    """The records of an uploaded file: of PubMed (XML), or of ClinicalTrials.gov (JSON)."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        texts, problems = pubmed.read_records(content, name)
        return Records(tuple(one for one in texts if not one.is_notice), (), tuple(problems))
    if start in (b"{", b"["):
        read = clinicaltrials.read_studies(content, name)
        days = ((one, one.version or today) for one in read.trials)
        wrong = {
            one.nct: problem
            for one, day in days
            if (problem := clinicaltrials.day_to_come(one, name, looked_up_on=day, today=today))
        }
        trials = tuple(one for one in read.trials if one.nct not in wrong)
        return Records((), trials, (*read.problems, *wrong.values()))
    rule = "a file of PubMed (XML, a PubmedArticleSet) or of ClinicalTrials.gov (JSON)"
    return Records((), (), (LoadProblem(name, "", "", None, rule),))


def in_the_way(records: Records, identifier: Identifier | None) -> tuple[LoadProblem, ...]:
    """The problems of files without which a package does not begin: not those of records that it does not need."""
    if identifier is None:
        return records.problems
    broken = {problem.key for problem in records.problems}
    may_be_broken = bool(broken) if identifier.kind is IdentifierKind.DOI else identifier.value in broken
    if may_be_broken and not _is_among(records, identifier):
        return records.problems
    return tuple(problem for problem in records.problems if not problem.key)


def identifier_among(records: Records) -> Identifier | None:
    """The one that is meant where none was pasted: of the only record there is."""
    if len(records.texts) == 1:
        return Identifier(IdentifierKind.PMID, records.texts[0].pmid)
    if len(records.trials) == 1 and not records.texts:
        return Identifier(IdentifierKind.NCT, records.trials[0].nct)
    return None


def beginning(identifier: Identifier, records: Records, *, today: date, within: WorkPackage | None = None) -> Beginning:
    """What is known of an identifier, drafted as far as it is. A record that is given counts before what was found.

    `within`: the package that is filled in, where there is one already.
    """
    evidence = accepted()
    others = [row for row in _in_work(identifier) if row != within]
    remarks = [f"Work package {row.pk} of {row.begun_by} has it in work too: {row.title}." for row in others]
    if not _is_among(records, identifier) and (found := found_on_desk(identifier)):
        if found.text:
            records = replace(records, texts=(*records.texts, found.text))
        if found.trial:
            records = replace(records, trials=(*records.trials, found.trial))
        remarks.append(f"Filled in from the record that a saved search found on {found.found_on.isoformat()}.")
    if identifier.kind is IdentifierKind.NCT:
        begun = _of_trial(identifier.value, records, evidence, today)
    else:
        begun = _of_text(identifier, records, evidence, today)
    return replace(begun, remarks=(*remarks, *begun.remarks))


def _in_work(identifier: Identifier) -> Iterator[WorkPackage]:
    """Drafts that somebody began with the identifier, or in which an entry bears it."""
    drafts = PackageEntry.objects.filter(package__status__in=IN_WORK, kind=EntryKind.PUBLICATIONS)
    wanted = _identified(identifier)
    bearing = {one.package_id for one in drafts if next(look_alikes(wanted, {one.key: _drafted(one.values)}), None)}
    for row in WorkPackage.objects.filter(status__in=IN_WORK).select_related("begun_by").order_by("pk"):
        if row.identifier == str(identifier) or row.pk in bearing:
            yield row


def _drafted(content: Content) -> Identified:
    """The citation of a draft, which may lack anything."""
    return of_citation(pmid=content.get("pmid"), doi=content.get("doi"), title=None, year=None, author="")


def _is_among(records: Records, identifier: Identifier) -> bool:
    if identifier.kind is IdentifierKind.NCT:
        return any(one.nct == identifier.value for one in records.trials)
    return any(_is(one, identifier) for one in records.texts)


def _of_text(
    identifier: Identifier, records: Records, evidence: Mapping[str, Mapping[str, Content]], today: date
) -> Beginning:
    record = next((one for one in records.texts if _is(one, identifier)), None)
    publications, waiting = evidence["publications"], new_ones_proposed("publications")
    wanted = record.identified if record else _identified(identifier)
    held = next(look_alikes(wanted, {key: identified(one) for key, one in publications.items()}), None)
    if held:
        remark = f"This is here already: {held} ({citation(publications[held])}). The package changes that entry."
        content = publications[held]
        is_by_words = likeness(wanted, identified(content)) is Likeness.WORDS
        if record and is_by_words and (where := pubmed.is_printed_elsewhere(record, content)):
            remark += f" It is the one of {where}, and the record is of another place: what it says stays."
            content = pubmed.with_notice(dict(content), record.notices)
        elif record:
            content = pubmed.known_entry(record, content)
        linked, remarks = _linked(record, content, evidence, records, today)
        drafts = (Drafted("publications", held, content, text_of(publications[held])[1]), *linked)
        return Beginning(citation(content), drafts, (remark, *remarks))
    if other := next(look_alikes(wanted, {key: identified(one) for key, one in waiting.items()}), None):
        remark = f"This is proposed already: {other} ({citation(waiting[other])}). Decide on that proposal first."
        return Beginning(citation(waiting[other]), (), (remark,))
    if record is None:
        return Beginning(str(identifier))
    key = pubmed.new_key(record, publications.keys() | waiting.keys())
    content = pubmed.new_entry(record, key) | {"verified_at": record.page} | _study(record, key, publications)
    linked, remarks = _linked(record, content, evidence, records, today)
    texts = {other: identified(one) for other, one in {**publications, **waiting}.items()}
    alike = [f"{other} ({citation({**publications, **waiting}[other])})" for other in suspects(wanted, texts)]
    remarks = (*(f"It has the title of {one}, with another PMID or DOI: is it the same?" for one in alike), *remarks)
    return Beginning(citation(content), (Drafted("publications", key, content), *linked), remarks)


def _of_trial(nct: str, records: Records, evidence: Mapping[str, Mapping[str, Content]], today: date) -> Beginning:
    known = evidence["trials"].get(nct)
    given = next((one for one in records.trials if one.nct == nct), None)
    if given is None and known is None:
        return Beginning(nct)
    remarks = [f"This trial is here already: {known['title']}."] if known else []
    looked_up_on = (given.version if given else None) or today
    if given and known and (older := clinicaltrials.why_older(given, known, looked_up_on=looked_up_on)):
        remarks.append(f"{older[0].upper()}{older[1:]}: it stays as it is.")
        given = None
    content = clinicaltrials.trial_entry(given, known, looked_up_on=looked_up_on) if given else known
    remarks += [
        f"A publication of the same patients is here: {key} ({citation(one)})."
        for key, one in evidence["publications"].items()
        if nct in (one["study_key"], (one["study"] or {}).get("registry_id"))
    ]
    base = text_of(known)[1] if known else ""
    return Beginning(str(content["title"]), (Drafted("trials", nct, content, base),), tuple(remarks))


def _linked(
    record: PubmedRecord | None,
    content: Content,
    evidence: Mapping[str, Mapping[str, Content]],
    records: Records,
    today: date,
) -> tuple[tuple[Drafted, ...], tuple[str, ...]]:
    """The trials that a text is of, drafted where their records were uploaded too; and what belongs to it, in words."""
    numbers = list(record.trials if record else ())
    if registered := (content["study"] or {}).get("registry_id"):
        numbers.append(registered)
    drafts, remarks = [], []
    for number in dict.fromkeys(numbers):
        trial = _of_trial(number, records, evidence, today)
        given = any(one.nct == number for one in records.trials)
        if given and trial.entries[0].content != evidence["trials"].get(number):
            drafts += trial.entries
        elif trial.is_known:
            remarks.append(f"Its trial is here: {number} ({trial.title}).")
        else:
            is_found = found_on_desk(Identifier(IdentifierKind.NCT, number))
            also = " It is on the surveillance desk." if is_found else ""
            remarks.append(f"It is of the trial {number}, which is not here.{also}")
        same = [
            f"{key} ({citation(one)})"
            for key, one in evidence["publications"].items()
            if key != content["key"] and number in (one["study_key"], (one["study"] or {}).get("registry_id"))
        ]
        remarks += [f"Of the same patients: {one}. They share the study’s key, and count once." for one in same]
    for pmid in record.preprints if record else ():
        found = [f"{key} ({citation(one)})" for key, one in evidence["publications"].items() if one["pmid"] == pmid]
        where = f"is here: {found[0]}" if found else "is not here"
        remarks.append(f"Its preprint, PubMed {pmid}, {where}.")
    return tuple(drafts), tuple(remarks)


def _study(record: PubmedRecord, key: str, publications: Mapping[str, Content]) -> dict[str, Any]:
    """Key and registry number of the study of a new text; all of a study that is known by its number."""
    for one in publications.values():
        study = one["study"] or {}
        if study and {one["study_key"], study["registry_id"]} & set(record.trials):
            return {"study_key": one["study_key"], "study": dict(study)}
    number = record.trials[0] if record.trials else None
    return {"study_key": number or key, "study": {"registry_id": number} if number else None}


def _is(record: PubmedRecord, identifier: Identifier) -> bool:
    if identifier.kind is IdentifierKind.PMID:
        return record.pmid == identifier.value
    return (record.doi or "").lower() == identifier.value.lower()


def _identified(identifier: Identifier) -> Any:
    is_pmid = identifier.kind is IdentifierKind.PMID
    return of_citation(
        pmid=identifier.value if is_pmid else None,
        doi=None if is_pmid else identifier.value,
        title=None,
        year=None,
        author="",
    )
