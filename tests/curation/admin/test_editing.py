"""Editing in the admin: what is typed becomes a proposal or is said to be wrong, and no row is ever written."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from curation import actions
from curation.accepted import accepted, document_of, text_of, with_changes
from curation.admin.addresses import edit_address
from curation.admin.editing.dependents import resting_on
from curation.admin.editing.editor import Editor
from curation.admin.editing.entries import SHAPES
from curation.admin.editing.pages import MODELS, _offers
from curation.models import Entry, Proposal
from regimens.knowledge import loader
from regimens.models import Cohort, Publication, Regimen
from tests.factories.curation import REASON, agree, content, somebody
from tests.forms import WHY, filled, typed

pytestmark = pytest.mark.django_db

LARGEST = "lu-2020-toripalimab"
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def ada(client: Client) -> Client:
    """A curator, signed in."""
    client.force_login(somebody("ada"))
    return client


def form_address(kind: str, key: str) -> str:
    """Where an entry is edited; a new one, where it has no row."""
    model = MODELS[kind]
    row = model._default_manager.filter(**{SHAPES[kind].key_name: key}).first()
    name = f"admin:regimens_{model._meta.model_name}"
    return reverse(f"{name}_change", args=[row.pk]) if row else reverse(f"{name}_add")


def revise_address(proposal: Proposal) -> str:
    return f"{form_address(proposal.kind, proposal.key)}?proposal={proposal.pk}"


def signed_in(name: str, role: str = "Curator") -> Client:
    client = Client()
    client.force_login(somebody(name, role))
    return client


def form(client: Client, kind: str, key: str, query: str = "", **changes: Any) -> tuple[str, QueryDict]:
    """The address of an entry's form, and what a browser would post of it with some fields typed anew."""
    address = form_address(kind, key) + query
    return address, filled(client.get(address).content.decode(), **changes)


def post(client: Client, address: str, data: QueryDict) -> Any:
    return client.post(address, data.urlencode(), content_type=URLENCODED)


def as_posted(editor: Editor) -> QueryDict:
    """What a browser would post of an editor's fields, written by themselves."""
    fields = [str(field) for one in (editor.main, editor.why) for field in one]
    for formset in editor.formsets.values():
        fields += [str(formset.management_form), *(str(field) for one in formset.forms for field in one)]
    return filled(f'<form id="entry-form">{"".join(fields)}</form>')


class TestContent:
    @pytest.mark.parametrize("kind", list(MODELS))
    def test_a_form_that_nobody_changed_gives_the_entry_back_to_the_byte(self, kind: str) -> None:
        offers = _offers(kind)
        for entry in Entry.objects.filter(kind=kind):
            editor = Editor(SHAPES[kind], entry.values, offers=offers)
            again = Editor(SHAPES[kind], entry.values, offers=offers, data=typed(as_posted(editor), **WHY))
            assert again.read(), (entry.key, again.problems)
            assert text_of(loader.normal(kind, entry.key, again.content()))[0] == entry.content, entry.key

    @pytest.mark.parametrize("kind", list(MODELS))
    def test_every_field_has_a_label_and_help_and_stands_once_in_the_layout(self, kind: str) -> None:
        shape = SHAPES[kind]
        for one in (shape.main, *(part.form for part in shape.parts)):
            laid_out = [name for group in one.layout for row in group.rows for name in row]
            assert sorted(laid_out) == sorted(one.base_fields)
            for name, field in one.base_fields.items():
                assert field.label, name
                assert field.help_text or name.startswith("otherwise_"), name

    def test_every_key_of_the_files_is_edited(self) -> None:
        for kind, shape in SHAPES.items():
            entry = Entry.objects.filter(kind=kind).first()
            assert entry is not None
            editor = Editor(shape, entry.values, offers=_offers(kind), data=typed(QueryDict(mutable=True)))
            editor.read()
            allowed = {field.alias or name for name, field in loader.SCHEMAS[kind].model_fields.items()}
            assert set(editor.content()) == allowed

    def test_what_no_field_edits_stays_with_its_row(self) -> None:
        values = content("publications", LARGEST)
        for place, row in enumerate(values["results"]):
            row["readings"] = [place]
        values["more"] = "of the entry"
        offers = _offers("publications")
        posted = as_posted(Editor(SHAPES["publications"], values, offers=offers))
        data = typed(posted, results__0__DELETE="on", results__1__ORDER="99", **WHY)
        editor = Editor(SHAPES["publications"], values, offers=offers, data=data)
        assert editor.read()
        typed_in = editor.content()
        assert [row["readings"] for row in typed_in["results"]] == [[place] for place in (*range(2, 10), 1)]
        assert typed_in["more"] == "of the entry"


class TestProposing:
    def test_saving_is_a_proposal_and_the_published_value_stays(self, ada: Client) -> None:
        before = Regimen.objects.get(slug="folfiri").name
        address, data = form(ada, "regimens", "folfiri", name="FOLFIRI, renamed", **WHY)
        response = ada.post(address, data.urlencode(), content_type=URLENCODED, follow=True)
        proposal = Proposal.objects.get()
        assert proposal.values == content("regimens", "folfiri", name="FOLFIRI, renamed")
        assert (proposal.reason, proposal.source) == tuple(WHY.values())
        assert Regimen.objects.get(slug="folfiri").name == before
        assert Entry.objects.get(key="folfiri").origin == "shipped"
        page = response.content.decode()
        assert "not yet a change: the published value stays in force" in page
        assert reverse("admin:regimens_proposal_change", args=[proposal.pk]) in page

    @pytest.mark.parametrize(
        ("kind", "key", "said", "name"),
        [
            ("exposure_classes", "topoisomerase-1", "Drugs of the class:", "Irinotecan"),
            ("drugs", "irinotecan", "Regimens with it:", "FOLFIRI"),
        ],
    )
    def test_it_says_what_a_change_of_it_reaches(self, ada: Client, kind: str, key: str, said: str, name: str) -> None:
        shown = ada.get(form_address(kind, key)).content.decode()
        line = shown.partition(said)[2].partition("</p>")[0]
        assert f">{name}</a>" in line

    def test_it_says_who_may_decide(self, ada: Client) -> None:
        address, data = form(ada, "regimens", "folfiri", name="FOLFIRI, renamed", **WHY)
        assert "Nobody else may decide at the moment" in _followed(ada, address, data)
        somebody("ben")
        somebody("pat", "Publisher")
        somebody("cleo", declares="")
        data["name"] = "FOLFIRI, renamed again"
        assert "Another person decides: ben." in _followed(ada, address, data)

    def test_competing_proposals_are_named(self, ada: Client) -> None:
        values = content("regimens", "folfiri", name="By Ben")
        rival = actions.propose(kind="regimens", key="folfiri", content=values, by=somebody("ben"), **REASON).proposal
        link = reverse("admin:regimens_proposal_change", args=[rival.pk])
        address, data = form(ada, "regimens", "folfiri", name="By Ada", **WHY)
        assert link in ada.get(address).content.decode()
        said = _followed(ada, address, data)
        assert "It competes with" in said
        assert f'<a href="{link}">proposal {rival.pk}</a>' in said

    def test_reason_and_source_are_needed_and_nothing_typed_is_lost(self, ada: Client) -> None:
        address, data = form(ada, "publications", LARGEST, title="Another title", results__3__note="Mine.")
        response = post(ada, address, data)
        assert response.status_code == 200
        assert not Proposal.objects.exists()
        page = response.content.decode()
        assert filled(page) == data
        assert page.count("This field is required.") == 2

    def test_nothing_to_change_is_said(self, ada: Client) -> None:
        address, data = form(ada, "regimens", "folfiri", **WHY)
        assert "The evidence base already says this" in post(ada, address, data).content.decode()

    def test_a_value_that_changed_meanwhile_is_not_overwritten_unseen(self, ada: Client) -> None:
        address, data = form(ada, "regimens", "folfiri", name="By the second", **WHY)
        agree("regimens", "folfiri", gaps="Agreed while the form was open.")
        page = post(ada, address, data).content.decode()
        assert "The published value changed while this form was open" in page
        assert "<td>Agreed while the form was open.</td>" in page
        assert not Proposal.objects.filter(status="proposed").exists()
        assert post(ada, address, filled(page)).status_code == 302

    def test_rows_stay_those_of_the_version_on_which_the_form_was_opened(self, ada: Client) -> None:
        before = content("publications", "mansfield-2021-rovat")["study"]["sites"]
        address, data = form(ada, "publications", "mansfield-2021-rovat", title="Another title", **WHY)

        def turn(values: dict[str, Any]) -> None:
            values["study"]["sites"].reverse()

        agree("publications", "mansfield-2021-rovat", turn)
        again = filled(post(ada, address, data).content.decode())
        assert again["_opened_on"] == data["_opened_on"] != again["_version"]
        assert post(ada, address, again).status_code == 302
        assert Proposal.objects.get(status="proposed").values["study"]["sites"] == before

    def test_a_new_entry(self, ada: Client) -> None:
        address = reverse("admin:regimens_indication_add")
        more = {"sources-TOTAL_FORMS": "1"}
        data = filled(
            ada.get(address).content.decode(),
            key="mine",
            regimen="folfiri",
            stance="consider",
            when="Ki-67 at least 55",
            rationale="For a test.",
            sources__0__source="guideline:enets-2023-second-line",
            **more,
            **WHY,
        )
        assert post(ada, address, data).status_code == 302
        values = Proposal.objects.get().values
        assert values["when"] == {"feature": "ki67", "at_least": 55}
        assert values["sources"] == ["guideline:enets-2023-second-line"]
        assert not Entry.objects.filter(key="mine").exists()

    def test_a_new_entry_takes_no_others_place(self, ada: Client) -> None:
        address = reverse("admin:regimens_trial_add")
        values = Entry.objects.filter(kind="trials").first()
        data = as_posted(Editor(SHAPES["trials"], values.values, offers=_offers("trials"), is_new=True))
        page = post(ada, address, typed(data, **WHY)).content.decode()
        assert "There is one with this key already." in page
        assert not Proposal.objects.exists()

    def test_a_text_that_is_here_already_is_shown_before_it_is_proposed_again(self, ada: Client) -> None:
        """By its words, since it has no identifier; and once it was seen, another text may be proposed."""
        address = reverse("admin:regimens_publication_add")
        known = content("publications", "walter-2023-bevanec")
        again = known | {"key": "walter-2023-again", "doi": None, "pmid": None, "title": known["title"].upper()}
        data = as_posted(Editor(SHAPES["publications"], again, offers=_offers("publications"), is_new=True))
        page = post(ada, address, typed(data, **WHY)).content.decode()
        assert "This looks like a text that is here already: walter-2023-bevanec (Walter T" in page
        assert not Proposal.objects.exists()
        assert post(ada, address, filled(page)).status_code == 302
        assert Proposal.objects.get().key == "walter-2023-again"
        other = again | {"key": "other-2023", "title": "Another text on another subject", "authors": "Other O"}
        data = as_posted(Editor(SHAPES["publications"], other, offers=_offers("publications"), is_new=True))
        assert post(ada, address, typed(data, **WHY)).status_code == 302

    def test_an_indication_without_a_source_is_refused_at_its_sources(self, ada: Client) -> None:
        address, data = form(ada, "indications", "captem-lower-ki67", **WHY)
        for name in [name for name in data if name.endswith("-source")]:
            data[name.replace("-source", "-DELETE")] = "on"
        response = post(ada, address, typed(data, _live="1"))
        assert response.json()["problems"].keys() == {"part-sources"}


class TestRows:
    def test_order_leaving_out_and_adding(self, ada: Client) -> None:
        before = content("publications", LARGEST)["findings"]
        address, data = form(ada, "publications", LARGEST, findings__0__ORDER="9", findings__1__DELETE="on", **WHY)
        page = post(ada, address, typed(data.copy(), _add="findings")).content.decode()
        assert not Proposal.objects.exists()
        assert "This field is required" not in page
        data = filled(page, findings__4__text="A new one.")
        assert post(ada, address, data).status_code == 302
        assert Proposal.objects.get().values["findings"] == [before[2], before[3], before[0], "A new one."]

    def test_a_row_that_was_added_and_left_empty_is_none(self, ada: Client) -> None:
        address, data = form(ada, "publications", LARGEST, title="Another title", **WHY)
        page = post(ada, address, typed(data, _add="results")).content.decode()
        again = filled(page, results__10__ORDER="3")
        assert post(ada, address, again).status_code == 302
        assert len(Proposal.objects.get().values["results"]) == 10

    def test_sites_keep_their_order(self, ada: Client) -> None:
        before = content("publications", "mansfield-2021-rovat")["study"]["sites"]
        address, data = form(ada, "publications", "mansfield-2021-rovat", **WHY)
        data.setlist("study_sites", [*sorted(before), "pancreas"])
        post(ada, address, data)
        assert Proposal.objects.get().values["study"]["sites"] == [*before, "pancreas"]


class TestRetiring:
    def test_it_is_proposed_with_reason_and_source(self, ada: Client) -> None:
        key = Entry.objects.filter(kind="trials").first().key
        address = form_address("trials", key).replace("/change/", "/delete/")
        assert "Nothing is deleted" in ada.get(address).content.decode()
        ada.post(address, {"post": "yes"})
        assert not Proposal.objects.exists()
        ada.post(address, WHY)
        proposal = Proposal.objects.get()
        assert (proposal.kind, proposal.key, proposal.content) == ("trials", key, None)
        assert Entry.objects.get(key=key).retired_at is None

    def test_what_others_stand_on_cannot_be_retired(self, ada: Client) -> None:
        address = form_address("regimens", "folfiri").replace("/change/", "/delete/")
        page = ada.post(address, WHY).content.decode()
        assert "It cannot be retired as things are" in page
        assert edit_address("publications", "walter-2023-bevanec") in page
        assert "a key of regimens" not in page
        assert not Proposal.objects.exists()

    def test_what_names_an_entry_is_said_by_part(self) -> None:
        rule = "a key of regimens"
        problems = [
            loader.LoadProblem("publications", "one-2020", "results[0].regimen", "captem", rule),
            loader.LoadProblem("publications", "one-2020", "results[2].regimen", "captem", rule),
            loader.LoadProblem("trials", "NCT1", "regimen", "captem", rule),
            loader.LoadProblem("licences", "captem-us", "regimen", "captem", rule),
            loader.LoadProblem("trials", "NCT2", "regimen", "captem-two", rule),
        ]
        found = [(one.kind_in_words, one.key, one.parts) for one in resting_on("captem", problems)]
        assert found == [
            ("publication", "one-2020", ("cohort (2 times)",)),
            ("trial", "NCT1", ("regimen",)),
            ("licence", "captem-us", ("regimen",)),
        ]


class TestRevising:
    @pytest.fixture
    def asked(self) -> Proposal:
        values = content("regimens", "folfiri", name="As proposed")
        made = actions.propose(kind="regimens", key="folfiri", content=values, by=somebody("ada"), **REASON).proposal
        return actions.ask_for_change(made, by=somebody("ben"), comment="Name the dose.")

    def test_the_form_holds_what_was_proposed_and_what_was_asked(self, ada: Client, asked: Proposal) -> None:
        page = ada.get(revise_address(asked)).content.decode()
        assert "Name the dose." in page
        assert filled(page)["name"] == "As proposed"
        assert filled(page)["proposal_reason"] == REASON["reason"]

    def test_saving_revises_it(self, ada: Client, asked: Proposal) -> None:
        address = revise_address(asked)
        data = filled(ada.get(address).content.decode(), name="As asked for")
        assert post(ada, address, data).status_code == 302
        revision = Proposal.objects.get(replaces=asked)
        assert revision.values["name"] == "As asked for"
        assert revision.status == "proposed"

    def test_a_new_entry_and_a_retirement_are_revised_too(self, ada: Client) -> None:
        values = content("trials", "NCT05882058", nct="NCT00000001")
        new = actions.propose(kind="trials", key="NCT00000001", content=values, by=somebody("ada"), **REASON).proposal
        gone = actions.propose_retirement(kind="trials", key="NCT05882058", by=somebody("ada"), **REASON).proposal
        for proposal in (new, gone):
            actions.ask_for_change(proposal, by=somebody("ben"), comment="Say more.")
        data = filled(ada.get(revise_address(new)).content.decode(), title="A better title")
        post(ada, revise_address(new), data)
        assert (
            ada.get(edit_address("trials", gone.key, gone.pk), follow=True)
            .redirect_chain[-1][0]
            .endswith(f"/delete/?proposal={gone.pk}")
        )
        ada.post(revise_address(gone).replace("/change/", "/delete/"), WHY)
        assert Proposal.objects.get(replaces=new).values["title"] == "A better title"
        assert Proposal.objects.get(replaces=new).key == "NCT00000001"
        assert Proposal.objects.get(replaces=gone).content is None

    def test_it_is_for_who_proposed_it_once(self, ada: Client, asked: Proposal) -> None:
        assert signed_in("ben").get(revise_address(asked)).status_code == 302
        post(ada, revise_address(asked), filled(ada.get(revise_address(asked)).content.decode(), name="Again"))
        assert ada.get(revise_address(asked)).status_code == 302


class TestWhoMayEdit:
    @pytest.mark.parametrize("role", ["Board member", "Publisher", "Administrator"])
    def test_others_see_the_entry_and_change_nothing(self, role: str) -> None:
        client = signed_in("pat", role)
        address = form_address("regimens", "folfiri")
        page = client.get(address).content.decode()
        assert "FOLFIRI" in page
        assert "_propose" not in page
        assert client.post(address, WHY).status_code == 403
        assert client.post(address.replace("/change/", "/delete/"), WHY).status_code == 403
        assert client.get(reverse("admin:regimens_regimen_add")).status_code == 403
        assert client.post(reverse("admin:criterion"), {"text": "Ki-67 at least 55"}).status_code == 403
        assert not Proposal.objects.exists()

    def test_an_entry_that_is_not_there(self, ada: Client) -> None:
        assert ada.get(reverse("admin:regimens_regimen_change", args=[999999])).status_code == 302


def thrice(values: dict[str, Any]) -> None:
    values["results"] = [copy.deepcopy(row) for row in values["results"] for _ in range(3)]


class TestThePage:
    def test_it_says_what_is_in_force_and_leads_on(self, ada: Client) -> None:
        page = ada.get(form_address("publications", LARGEST)).content.decode()
        entry = Entry.objects.get(key=LARGEST)
        assert "The published value stays in force" in page
        assert reverse("publication", args=[LARGEST]) in page
        assert reverse("admin:regimens_entry_change", args=[entry.pk]) in page
        agree("publications", LARGEST, title="Another title")
        assert "proposed by ada, accepted by ben" in ada.get(form_address("publications", LARGEST)).content.decode()

    @pytest.mark.parametrize("kind", list(MODELS))
    def test_the_public_page_of_a_row_is_there(self, ada: Client, kind: str) -> None:
        entry = Entry.objects.filter(kind=kind).first()
        page = ada.get(form_address(kind, entry.key))
        public = page.context["public_address"]
        assert public
        assert Client().get(public).status_code == 200

    def test_the_largest_form_takes_a_bounded_number_of_queries(self, ada: Client) -> None:
        address = form_address("publications", LARGEST)
        with CaptureQueriesContext(connection) as queries:
            ada.get(address)
        agree("publications", LARGEST, thrice)
        with CaptureQueriesContext(connection) as more:
            page = ada.get(address).content.decode()
        assert 'id="row-results-29"' in page
        assert len(queries) <= 17
        assert len(more) <= len(queries)

    def test_a_form_of_thirty_cohorts_can_be_posted(self, ada: Client) -> None:
        agree("publications", LARGEST, thrice)
        address, data = form(ada, "publications", LARGEST, title="Another title", **WHY)
        assert post(ada, address, data).status_code == 302

    def test_it_keeps_to_the_policy(self, ada: Client) -> None:
        page = ada.get(form_address("regimens", "folfirinox")).content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=") + page.count("<script id=")


def _followed(client: Client, address: str, data: QueryDict) -> str:
    return client.post(address, data.urlencode(), content_type=URLENCODED, follow=True).content.decode()


# Cohorts in the shape of the files, changed: at which field of the form a problem is said, and with what words.
GOOD: dict[str, dict[str, Any]] = {
    "as it is": {},
    "a rate of its responders": {"n": 30, "evaluable": 20, "responders": 5, "orr": 25},
    "a rate within rounding": {"n": 30, "evaluable": 19, "responders": 5, "orr": 26},
    "an open interval": {"pfs": 3.5, "pfs_ci": [1.9, None]},
    "rates of survival": {"rates": {"os-6": 60, "os-12": 31.5, "pfs-6": 20}},
    "a subgroup for nobody": {"subgroup": "Oral etoposide", "subgroup_kind": "other", "where": "never"},
    "a hazard ratio": {"hr": {"endpoint": "os", "value": 0.97, "ci": [0.64, 1.47], "versus": "placebo"}},
    "a level of confidence": {"orr": 20, "orr_ci": [10, 30], "ci_level": 90},
}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a rate above 100": ({"orr": 118}, "orr"),
    "a rate below 0": ({"dcr": -1}, "dcr"),
    "a rate that is not its responders'": ({"evaluable": 20, "responders": 5, "orr": 40}, "orr"),
    "more responders than evaluable": ({"evaluable": 20, "responders": 30, "orr": None}, "responders"),
    "an interval upside down": ({"pfs": None, "pfs_ci": [9, 3]}, "pfs_ci"),
    "a median outside of its interval": ({"os": 20, "os_ci": [5, 9]}, "os"),
    "months without end": ({"os": 400, "os_ci": [None, None]}, "os"),
    "a rate of survival above 100": ({"rates": {"os-6": 160}}, "rates"),
    "a subgroup without its kind": ({"subgroup": "High", "subgroup_kind": None}, "subgroup_kind"),
    "a kind without a subgroup": ({"subgroup": None, "subgroup_kind": "ki67"}, "subgroup_kind"),
    "a hazard ratio of nothing": (
        {"hr": {"endpoint": None, "value": 0.9, "ci": [0.5, 1.2], "versus": "x"}},
        "hr_endpoint",
    ),
    "a negative hazard ratio": ({"hr": {"endpoint": "os", "value": -1, "ci": [None, None], "versus": "x"}}, "hr_value"),
    "a population like the study's": ({"population": {"line": "second"}}, "population_line"),
    "a regimen in a criterion that there is not": (
        {"where": {"feature": "prior_regimens", "includes": "no-such"}},
        "where",
    ),
    "a negative number of patients": ({"n": -5}, "n"),
    "an arm without a name": ({"arm": None}, "arm"),
}


class TestCheckedWhileTyping:
    """The form's check and the loader say the same of the same cohort."""

    KEY = "walter-2023-bevanec"

    def entry(self, changes: dict[str, Any]) -> dict[str, Any]:
        values = content("publications", self.KEY)
        values["results"][0] |= copy.deepcopy(changes)
        return values

    def by_loader(self, values: dict[str, Any]) -> list[loader.LoadProblem]:
        return loader.problems_in(document_of(with_changes(accepted(), [("publications", self.KEY, values)])))

    def by_form(self, client: Client, values: dict[str, Any]) -> dict[str, list[str]]:
        address = form_address("publications", self.KEY)
        editor = Editor(SHAPES["publications"], values, offers=_offers("publications"))
        answer = post(client, address, typed(as_posted(editor), _live="1")).json()
        assert answer["top"] == []
        return answer["problems"]

    @pytest.mark.parametrize("name", GOOD)
    def test_good_figures(self, ada: Client, name: str) -> None:
        values = self.entry(GOOD[name])
        assert self.by_loader(values) == []
        assert self.by_form(ada, values) == {}

    @pytest.mark.parametrize("name", BAD)
    def test_bad_figures(self, ada: Client, name: str) -> None:
        changes, field = BAD[name]
        values = self.entry(changes)
        rules = {problem.rule.casefold() for problem in self.by_loader(values)}
        assert rules
        problems = self.by_form(ada, values)
        assert problems.keys() == {f"id_results-0-{field}"}
        said = {message.casefold() for messages in problems.values() for message in messages}
        assert said <= rules or said <= {"this field is required.", "this is needed."}

    def test_each_row_is_judged_although_another_cannot_be_read(self, ada: Client) -> None:
        address, data = form(ada, "publications", LARGEST, results__0__orr="many", results__5__orr="118", _live="1")
        problems = post(ada, address, data).json()["problems"]
        assert problems.keys() == {"id_results-0-orr", "id_results-5-orr"}
        assert problems["id_results-5-orr"] == ["A percentage from 0 to 100"]

    def test_rows_that_moved_are_named_where_they_stand(self, ada: Client) -> None:
        moved = {"results__0__ORDER": "11", "results__1__DELETE": "on", "results__0__orr": "118"}
        address, data = form(ada, "publications", LARGEST, _live="1", **moved)
        assert post(ada, address, data).json()["problems"].keys() == {"id_results-0-orr"}

    def test_other_entries_that_would_break_are_named_on_top(self, ada: Client) -> None:
        licence = content("indications", "pembrolizumab-msi")["sources"][0].removeprefix("licence:")
        address, data = form(ada, "licences", licence, regimen="captem", _live="1")
        top = post(ada, address, data).json()["top"]
        assert any("a licence that the evidence base holds for this regimen" in said for said in top)

    def test_checking_writes_nothing(self, ada: Client) -> None:
        events, cohorts = Event.objects.count(), Cohort.objects.count()
        address, data = form(ada, "publications", LARGEST, title="Another title", **WHY)
        post(ada, address, typed(data.copy(), _live="1"))
        page = post(ada, address, typed(data.copy(), _check="Check")).content.decode()
        assert "No rule of the evidence base is broken." in page
        assert "<td>Another title</td>" in page
        assert filled(page) == data
        assert Event.objects.count() == events
        assert Cohort.objects.count() == cohorts
        assert not Proposal.objects.exists()
        assert Publication.objects.get(key=LARGEST).title != "Another title"

    def test_it_is_for_who_may_propose(self) -> None:
        client = signed_in("pat", "Publisher")
        assert client.post(form_address("publications", LARGEST), {"_live": "1"}).status_code == 403
        assert User.objects.get(username="pat").is_staff
