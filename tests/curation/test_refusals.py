"""What an entry may not say is refused alike by the loader, by the form while it is typed, and as a proposal: with the
entry, the field, the value and the rule."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curation import actions
from curation.admin.editing.editor import Editor
from curation.admin.editing.entries import SHAPES
from curation.admin.editing.pages import MODELS, _offers
from curation.errors import InvalidContent
from curation.imports.batch import Wanted, propose_batch
from curation.models import Proposal
from regimens.knowledge import loader
from regimens.knowledge.loader import LoadError, LoadProblem
from tests.factories.curation import REASON, content, somebody
from tests.factories.files import change
from tests.forms import WHY, filled, typed

pytestmark = pytest.mark.django_db

URLENCODED = "application/x-www-form-urlencoded"
LICENCE = "pembrolizumab-us-msi"
IRINOTECAN = ("drugs", "irinotecan")
FOLFOX = ("regimens", "folfox")
TAXANE = ("exposure_classes", "taxane")


@dataclass(frozen=True)
class Refused:
    """A change that is refused: of which entry, what, at which field with which value, and why.

    widget   the field of the form that says so
    typed    what is typed there instead, where it cannot be a value of the entry
    """

    entry: tuple[str, str]
    change: Callable[[dict[str, Any]], Any]
    field: str
    value: Any
    rule: str
    widget: str
    typed: Mapping[str, str] = field(default_factory=dict)


def put(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row.update(values)


def put_in(part: str, **values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row[part][0].update(values)


def ahead(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


NO_CRITERION = "a criterion: one of level"
REFUSED: dict[str, Refused] = {
    f"an unconditional {level} caution of a {entry[0][:-1]}": Refused(
        entry,
        put_in("cautions", level=level, when={}),
        "cautions[0].when",
        {},
        f"{NO_CRITERION} {level} without any would rule it out for everybody",
        "cautions-0-when",
    )
    for entry in (IRINOTECAN, FOLFOX)
    for level in ("avoid", "contraindicated")
}
REFUSED |= {
    "a licence without a criterion": Refused(
        ("licences", LICENCE), put(when={}), "when", {}, "a criterion: a licence names the disease", "when"
    ),
    "a licence since no day": Refused(
        ("licences", LICENCE), put(since="2024-13-45"), "since", "2024-13-45", "a year from 1950 to 2100 or a", "since"
    ),
    "a licence since words": Refused(
        ("licences", LICENCE), put(since="last year"), "since", "last year", "a year or a day, such as 2024", "since"
    ),
    "a licence seen on no day": Refused(
        ("licences", LICENCE),
        put(seen_on="2026-13-45"),
        "seen_on",
        "2026-13-45",
        "",
        "seen_on",
        {"seen_on": "2026-13-45"},
    ),
    "a licence seen tomorrow": Refused(
        ("licences", LICENCE), put(seen_on=ahead(1)), "seen_on", ahead(1), "not after today", "seen_on"
    ),
    "a trial looked up tomorrow": Refused(
        ("trials", "NCT05882058"),
        put(looked_up_on=ahead(1)),
        "looked_up_on",
        ahead(1),
        "not after today",
        "looked_up_on",
    ),
    "a licence of no regimen": Refused(
        ("licences", LICENCE),
        put(regimen="pembrolizumap"),
        "regimen",
        "pembrolizumap",
        "a key of regimens; the nearest is pembrolizumab",
        "regimen",
        {"regimen": "pembrolizumap"},
    ),
    "a class without its level alone": Refused(
        TAXANE, put(alone=None), "alone", None, "Input should be a valid string", "alone", {"alone": ""}
    ),
    "a class without its level combined": Refused(
        TAXANE, put(combined=""), "combined", None, "Input should be a valid string", "combined", {"combined": ""}
    ),
    "a class of another level": Refused(
        TAXANE, put(alone="grave"), "alone", "grave", "one of avoid, caution, none", "alone", {"alone": "grave"}
    ),
    "a class that spares no regimen": Refused(
        TAXANE,
        put(exceptions=["folfri"]),
        "exceptions",
        "folfri",
        "a key of regimens; the nearest is folfiri",
        "exceptions",
        {"exceptions": "folfri"},
    ),
    "a drug of no class": Refused(
        IRINOTECAN,
        put(classes=["topoisomerase 1"]),
        "classes",
        "topoisomerase 1",
        "a key of exposure_classes; the nearest is topoisomerase-1",
        "classes",
        {"classes": "topoisomerase 1"},
    ),
    "a regimen of no drug": Refused(
        FOLFOX,
        put(drugs=["oxaliplatin", "fluorouracyl", "folinic-acid"]),
        "drugs",
        "fluorouracyl",
        "a key of drugs; the nearest is fluorouracil",
        "drugs",
        {"drugs": "oxaliplatin\r\nfluorouracyl\r\nfolinic-acid"},
    ),
    "a regimen led by no drug": Refused(
        FOLFOX,
        put(lead_drugs=["oxaliplatine"]),
        "lead_drugs",
        "oxaliplatine",
        "a key of drugs; the nearest is oxaliplatin",
        "lead_drugs",
        {"lead_drugs": "oxaliplatine"},
    ),
    "a regimen with one drug twice": Refused(
        FOLFOX,
        put(drugs=["oxaliplatin", {"alternatives": ["fluorouracil", "oxaliplatin"]}]),
        "drugs",
        "oxaliplatin",
        "each at most once",
        "drugs",
    ),
    "a criterion on no drug": Refused(
        IRINOTECAN,
        put_in("cautions", when={"feature": "prior_drugs", "includes": "Camptosar"}),
        "cautions[0].when",
        "Camptosar",
        "prior_drugs includes a key of drugs; the nearest is irinotecan",
        "cautions-0-when",
    ),
    "an indication on no licence": Refused(
        ("indications", "pembrolizumab-msi"),
        put(sources=["licence:pembrolizumab-us-msi-high"]),
        "sources[0]",
        "licence:pembrolizumab-us-msi-high",
        "a licence that the evidence base holds for this regimen; the nearest is pembrolizumab-us-msi",
        "sources-0-source",
    ),
    "an address that is an IP address": Refused(
        ("licences", LICENCE),
        put(url="https://10.1.2.3/x"),
        "url",
        "https://10.1.2.3/x",
        "an address with a host",
        "url",
    ),
    "a page read at an IP address": Refused(
        IRINOTECAN,
        put_in("cautions", read_on="http://[2001:db8::1]/x"),
        "cautions[0].read_on",
        "http://[2001:db8::1]/x",
        "an address with a host name, not a bare IP address",
        "cautions-0-read_on",
    ),
    "a label at an IP address": Refused(
        ("drugs", "pembrolizumab"),
        put(labels=[{"region": "US", "url": "https://10.1.2.3/x"}]),
        "labels",
        [{"region": "US", "url": "https://10.1.2.3/x"}],
        "an address with a host",
        "part-labels",
    ),
}
ALL = pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)


def is_said(refused: Refused, problem: LoadProblem) -> bool:
    place = (problem.key, problem.field) == (refused.entry[1], refused.field)
    return place and problem.value == refused.value and refused.rule in problem.rule


@ALL
def test_by_the_loader(files: Path, refused: Refused) -> None:
    kind, key = refused.entry
    change(files, f"{kind}.yaml", key, refused.change)
    with pytest.raises(LoadError) as caught:
        loader.read(files)
    problems = [problem for problem in caught.value.problems if problem.file == f"{kind}.yaml"]
    assert any(is_said(refused, problem) for problem in problems), caught.value


@ALL
def test_as_a_proposal_and_by_an_import(refused: Refused) -> None:
    kind, key = refused.entry
    before = content(kind, key)
    values = copy.deepcopy(before)
    refused.change(values)
    with pytest.raises(InvalidContent) as proposed:
        actions.propose(kind=kind, key=key, content=values, by=somebody("ada"), **REASON)
    with pytest.raises(LoadError) as imported:
        propose_batch([Wanted(kind, key, values, before, "why", "where")], by=somebody("ada"))
    for problems in (proposed.value.problems, imported.value.problems):
        assert any(is_said(refused, problem) for problem in problems), problems
    assert not Proposal.objects.exists()


@ALL
def test_by_the_form_at_the_field(client: Client, refused: Refused) -> None:
    kind, key = refused.entry
    client.force_login(somebody("ada"))
    values = content(kind, key)
    if not refused.typed:
        refused.change(values)
    editor = Editor(SHAPES[kind], values, offers=_offers(kind))
    fields = [str(one) for form in (editor.main, editor.why) for one in form]
    for formset in editor.formsets.values():
        fields += [str(formset.management_form), *(str(one) for form in formset.forms for one in form)]
    data = typed(filled(f'<form id="entry-form">{"".join(fields)}</form>', **refused.typed, **WHY), _live="1")
    row = MODELS[kind]._default_manager.get(**{SHAPES[kind].key_name: key})
    address = reverse(f"admin:regimens_{MODELS[kind]._meta.model_name}_change", args=[row.pk])
    answer = client.post(address, data.urlencode(), content_type=URLENCODED).json()
    widget = refused.widget if refused.widget.startswith("part-") else f"id_{refused.widget}"
    assert answer["problems"].keys() == {widget}
    assert answer["top"] == []
    if not refused.typed:
        assert refused.rule.casefold() in answer["problems"][widget][0].casefold()


def test_the_form_names_the_nearest_drug(client: Client) -> None:
    client.force_login(somebody("ada"))
    row = MODELS["regimens"]._default_manager.get(slug="folfox")
    address = reverse("admin:regimens_regimen_change", args=[row.pk])
    data = filled(client.get(address).content.decode(), drugs="Eloxatine\r\n5-FU", _live="1")
    said = client.post(address, data.urlencode(), content_type=URLENCODED).json()["problems"]
    assert said == {"id_drugs": ["“Eloxatine” is no drug of the evidence base. The nearest is oxaliplatin."]}


def test_drugs_are_typed_by_name_or_synonym_and_kept_by_slug(client: Client) -> None:
    client.force_login(somebody("ada"))
    row = MODELS["regimens"]._default_manager.get(slug="folfox")
    address = reverse("admin:regimens_regimen_change", args=[row.pk])
    lines = "CPT-11\r\nCisplatin | paraplatin\r\nfolinic-acid"
    data = filled(
        client.get(address).content.decode(), drugs=lines, lead_drugs="Camptosar\r\ncisplatin-carboplatin", **WHY
    )
    assert client.post(address, data.urlencode(), content_type=URLENCODED).status_code == 302
    values = Proposal.objects.get().values
    assert values["drugs"] == ["irinotecan", {"alternatives": ["cisplatin", "carboplatin"]}, "folinic-acid"]
    assert values["lead_drugs"] == ["irinotecan", "cisplatin-carboplatin"]


def test_days_of_the_shipped_files_have_been_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: timezone.datetime(1970, 1, 1).date())
    assert loader.read(loader.SHIPPED)["licences"][LICENCE]["seen_on"] > "1970"


@pytest.mark.parametrize("day", [ahead(0), "2020-02-29"])
def test_a_day_that_has_been_is_taken(day: str) -> None:
    values = content("licences", LICENCE, seen_on=day, label="Read again.")
    made = actions.propose(kind="licences", key=LICENCE, content=values, by=somebody("ada"), **REASON)
    assert made.proposal.values["seen_on"] == day
