"""One text, one trial and one study stand in the evidence base once: whatever way in, by whatever they are known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.urls import reverse

from audit.errors import ActionRefused
from curation import actions
from curation.accepted import accepted
from curation.actions import Change, Drafted, loading
from curation.errors import LooksAlike
from curation.identity import twins
from curation.imports.batch import new_ones_proposed
from curation.models import Entry, Proposal
from regimens.knowledge import loader
from regimens.models.choices import EntryKind
from regimens.rules.knowledge import cohorts_by_regimen
from tests.databases import ROOT
from tests.factories.accounts import signed_in
from tests.factories.curation import REASON, content, somebody
from tests.forms import filled

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

Content = dict[str, Any]
KNOWN = "walter-2023-bevanec"
AGAIN = "entered-again"
OTHER = {"title": "Some other words that nobody wrote", "authors": "Else E", "doi": None, "pmid": None}
# By what the same text is known, where all else says another one.
IDENTITIES: dict[str, Content] = {
    "PMID": OTHER | {"pmid": "37000001"},
    "DOI": OTHER | {"doi": "10.1000/KNOWN"},
    "title, year and author": {"doi": None, "pmid": None},
    "title, year and author, with a slip in each identifier": {"doi": "10.1000/knwon", "pmid": "37000010"},
}
# By what the same study is known, in a text that is another one: its patients count once.
STUDIES: dict[str, Content] = {
    "registry number": OTHER | {"study_key": "a-key-of-its-own"},
}


@pytest.fixture
def known() -> Content:
    """The text as it stands, with every identity that one can have."""
    return _in_force(content("publications", KNOWN) | {"pmid": "37000001", "doi": "10.1000/known"})


def again(known: Content, changes: Content) -> Content:
    return known | {"key": AGAIN} | changes


def _in_force(text: Content) -> Content:
    made = actions.propose(kind="publications", key=text["key"], content=text, by=somebody("ada"), **REASON)
    return actions.accept(made.proposal, by=somebody("ben")).entry.values


def propose(text: Content, folder: Path) -> None:
    actions.propose(kind="publications", key=text["key"], content=text, by=somebody("ada"), **REASON)


def propose_several(text: Content, folder: Path) -> None:
    actions.propose_all([Change("publications", text["key"], text)], by=somebody("ada"), **REASON)


def add_form(text: Content, folder: Path) -> None:
    client, address = signed_in(somebody("ada")), reverse("admin:regimens_publication_add")
    names = ("key", "title", "authors", "year", "journal", "pmid", "doi", "url", "kind", "study_key")
    given = {name: str(text[name] or "") for name in names} | {"verified": "none"}
    data = filled(client.get(address).content.decode(), **given, **_why())
    sent = client.post(address, data.urlencode(), content_type="application/x-www-form-urlencoded")
    assert KNOWN in sent.content.decode(), "it is said which text it looks like"


def edit_form(text: Content, folder: Path) -> None:
    """Another text, of which somebody says in its form that it is this one."""
    client = signed_in(somebody("ada"))
    other = next(one for one in Entry.objects.filter(kind="publications").order_by("key") if one.key != KNOWN)
    address = reverse("admin:edit-entry", args=["publications", other.key])
    page = client.get(address, follow=True)
    address = page.redirect_chain[-1][0] if page.redirect_chain else address
    given = {name: str(text[name] or "") for name in ("title", "authors", "year", "pmid", "doi")}
    data = filled(page.content.decode(), **given, **_why())
    sent = client.post(address, data.urlencode(), content_type="application/x-www-form-urlencoded")
    assert KNOWN in sent.content.decode(), "it is said which text it looks like"


def pubmed_import(text: Content, folder: Path) -> None:
    file = folder / "records.xml"
    author = (text["authors"] or "").split(",")[0]
    surname, _space, initials = author.rpartition(" ")
    doi = f'<ELocationID EIdType="doi">{text["doi"]}</ELocationID>' if text["doi"] else ""
    file.write_text(
        f"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>{text['pmid'] or '39999999'}</PMID><Article><Journal>"
        f"<JournalIssue><PubDate><Year>{text['year']}</Year></PubDate></JournalIssue></Journal>"
        f"<ArticleTitle>{escape(text['title'])}</ArticleTitle>{doi}<AuthorList><Author><LastName>{surname}</LastName>"
        f"<Initials>{initials}</Initials></Author></AuthorList></Article></MedlineCitation></PubmedArticle>"
        "</PubmedArticleSet>",
        encoding="utf-8",
    )
    call_command("import_publications", file, by=somebody("ada").username)


def cohort_table(text: Content, folder: Path) -> None:
    """A table names publications by their keys, and makes none."""
    file = folder / "cohorts.csv"
    call_command("export_cohorts", file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    row = next(line for line in lines if line.startswith(KNOWN))
    file.write_text("\n".join([lines[0], row.replace(KNOWN, text["key"])]), encoding="utf-8")
    call_command("import_cohorts", file, by=somebody("ada").username)


def package(text: Content, folder: Path) -> None:
    made = actions.begin_package(title="x", entries=[Drafted("publications", text["key"], text)], by=somebody("ada"))
    actions.propose_package(made, by=somebody("ada"), **REASON)


def revise(text: Content, folder: Path) -> None:
    other = text | OTHER | {"pmid": "39000009", "study_key": text["key"], "study": None, "results": []}
    given = {"kind": "publications", "key": text["key"], "content": other, **REASON}
    made = actions.propose(**given, by=somebody("ada")).proposal
    actions.ask_for_change(made, by=somebody("ben"), comment="Look again.")
    actions.revise(made, content=text, by=somebody("ada"))


def files_of_somebody(text: Content, folder: Path) -> None:
    _write(folder, [*accepted()["publications"].values(), text])
    loading.load_proposals(folder, by=somebody("ada"))


WAYS: dict[str, Callable[[Content, Path], None]] = {
    way.__name__: way
    for way in (
        propose,
        propose_several,
        add_form,
        edit_form,
        pubmed_import,
        cohort_table,
        package,
        revise,
        files_of_somebody,
    )
}


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("way", WAYS)
def test_a_text(known: Content, tmp_path: Path, way: str, identity: str) -> None:
    _attempt(way, again(known, IDENTITIES[identity]), tmp_path)
    held = accepted()["publications"]
    assert list(twins(list(held.values()))) == []
    # What waits is no second one either, or waits for somebody to say that it is: who accepts it is asked.
    for proposal in Proposal.objects.filter(kind="publications", status="proposed").exclude(key=KNOWN):
        beside = {**held, proposal.key: proposal.values}
        if list(twins(list(beside.values()))):
            assert proposal.proposer is None or way == "pubmed_import", "a record of another PMID, or what is shipped"
            with pytest.raises(LooksAlike):
                actions.accept(proposal, by=somebody("ben"))


@pytest.mark.parametrize("identity", STUDIES)
@pytest.mark.parametrize("way", [name for name in WAYS if name not in ("edit_form", "add_form", "pubmed_import")])
def test_a_study(known: Content, tmp_path: Path, way: str, identity: str) -> None:
    """Another text of the same patients may be there, and shares the key of their study: they count once."""
    text = again(known, STUDIES[identity])
    _attempt(way, text, tmp_path)
    waiting = new_ones_proposed("publications")
    publications = [*accepted()["publications"].values(), *(waiting[key] for key in waiting if key == AGAIN)]
    number = known["study"]["registry_id"]
    keys = {one["study_key"] for one in publications if (one["study"] or {}).get("registry_id") == number}
    assert keys == {known["study_key"]}
    counted = cohorts_by_regimen({"publications": publications})
    assert {
        cohort.study_key for cohorts in counted.values() for cohort in cohorts if cohort.publication == AGAIN
    } <= keys


def test_a_trial_is_its_number(tmp_path: Path) -> None:
    """However it comes, it is the entry of its number."""
    study = ROOT / "tests" / "curation" / "imports" / "files" / "study-completed.json"
    call_command("import_trials", study, by=somebody("ada").username)
    assert set(Proposal.objects.values_list("key", flat=True)) <= {"NCT05882058"}
    given = {"kind": "trials", "content": content("trials", "NCT05882058"), **REASON}
    for key in ("nct05882058", "NCT05882058 ", "other"):
        with pytest.raises((ActionRefused, loader.LoadError)):
            actions.propose(key=key, by=somebody("ada"), **given)


def _attempt(way: str, text: Content, folder: Path) -> None:
    """A refusal is one way to keep it out; of files, one that names this text and no other."""
    with suppress(ActionRefused, CommandError):
        try:
            WAYS[way](text, folder)
        except loader.LoadError as error:
            if {problem.key for problem in error.problems} != {AGAIN}:
                raise


def _why() -> dict[str, str]:
    return {"proposal_reason": "Read.", "proposal_source": "https://example.org/paper"}


def _write(folder: Path, publications: list[Content]) -> None:
    evidence = accepted()
    for kind in EntryKind.values:
        is_text = kind == EntryKind.PUBLICATIONS
        path = folder / "publications" / "all.yaml" if is_text else folder / f"{kind}.yaml"
        path.parent.mkdir(exist_ok=True)
        rows = publications if is_text else list(evidence[kind].values())
        path.write_text(yaml.dump(rows, allow_unicode=True), encoding="utf-8")
