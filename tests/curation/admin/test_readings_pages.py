"""Reading twice in the admin: three people, a form that knows no figure, and both readings side by side."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from curation import accepted, actions, errors
from curation.actions.second_readings import shape_of
from curation.models import Proposal, Reading, ReadingTask
from regimens.rules.readings import figures_of, states_of
from tests.factories.curation import agree, somebody

pytestmark = pytest.mark.django_db

KEY = "walter-2023-bevanec"
FORM = f"/admin/readings/publication/{KEY}/"
SETTLE = f"/admin/readings/differ/{KEY}/"
PAGE = "https://example.org/full-text"
# Figures that occur nowhere else on a page.
FIGURES = {
    "n": 617,
    "evaluable": 613,
    "responders": 251,
    "orr": 40.95,
    "orr_ci": [37.04, 44.94],
    "dcr": 71.93,
    "pfs": 5.83,
    "pfs_ci": [4.91, 6.47],
    "os": 11.67,
    "os_ci": [9.87, 13.39],
    "dor": 7.93,
    "rates": {"os-12": 47.71, "pfs-6": 43.87},
    "grade3": 27.53,
    "deaths": 379,
}


def signed_in(name: str, role: str = "Curator") -> Client:
    client = Client()
    client.force_login(somebody(name, role))
    return client


@pytest.fixture(autouse=True)
def figures() -> None:
    """One arm whose figures ada proposed and ben accepted, which nobody else has read."""

    def change(entry: dict[str, Any]) -> None:
        entry["second_read_at"] = None
        entry["findings"] = ["The rate was 40.95 %."]
        entry["doubts"] = "Elsewhere it is 40.95 %."
        entry["results"] = [entry["results"][0] | FIGURES | {"note": "617 of 620, 5.83 months"}]

    agree("publications", KEY, change)


@pytest.fixture
def cleo() -> Client:
    return signed_in("cleo")


def in_force() -> dict[str, Any]:
    return accepted.accepted()["publications"][KEY]


def filled(**changes: Any) -> dict[str, Any]:
    """What cleo sends who read the same; a change of None leaves a field out."""
    data: dict[str, Any] = {
        "at": PAGE,
        "how": "fulltext",
        "read_on": "2026-11-02",
        "unseen": "on",
        "shape": shape_of(in_force()),
        "c0-ci_level": "95",
    }
    rates = 0
    for name, value in figures_of(in_force()["results"][0]).items():
        if value is None:
            continue
        if "-" in name:
            endpoint, months = name.split("-")
            data |= {
                f"c0-rate{rates}_endpoint": endpoint,
                f"c0-rate{rates}_months": months,
                f"c0-rate{rates}_percent": f"{value:g}",
            }
            rates += 1
        elif name != "ci_level":
            data[f"c0-{name}"] = f"{value:g}"
    return {name: value for name, value in (data | changes).items() if value is not None}


def post(client: Client, **changes: Any) -> HttpResponse:
    return client.post(FORM, filled(**changes))


def text(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def says_a_figure(html: str) -> list[str]:
    found = [f"{value:g}" for value in figures_of(in_force()["results"][0]).values() if value not in (None, 95)]
    return [figure for figure in found if re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.])", html)]


class TestBlind:
    def test_the_page_holds_no_figure_of_the_first_reading(self, cleo: Client) -> None:
        html = cleo.get(FORM).content.decode()
        assert "FOLFIRI" in html
        assert len(says_a_figure(f"{FIGURES}")) > 10  # the test can fail
        assert says_a_figure(html) == []

    def test_nor_does_the_page_of_errors(self, cleo: Client) -> None:
        changes = {f"c0-{name}": value for name, value in [("orr", "110"), ("pfs", "x"), ("n", "3.5"), ("os", "")]}
        changes |= {f"c0-rate{place}_{part}": None for place in (0, 1) for part in ("endpoint", "months", "percent")}
        others = [name for name in filled() if name.startswith("c0-") and name not in (*changes, "c0-ci_level")]
        response = post(cleo, **changes, **dict.fromkeys(others, "1"), at="")
        assert response.status_code == 422
        assert says_a_figure(response.content.decode()) == []

    def test_nor_does_the_list(self, cleo: Client) -> None:
        html = cleo.get("/admin/readings/").content.decode()
        assert FORM in html
        assert says_a_figure(re.sub(r"<td class=\"number\".*?</td>", "", html, flags=re.DOTALL)) == []

    def test_nor_does_the_list_of_what_differs(self, cleo: Client) -> None:
        post(cleo, **{"c0-pfs": "5.4"})
        html = signed_in("emil").get("/admin/readings/differ/").content.decode()
        assert KEY in html
        assert "5.83" not in html and "5.4" not in html

    def test_a_refusal_of_the_evidence_base_says_none(self, cleo: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*args: Any, **kwargs: Any) -> None:
            raise errors.InvalidContent([f"results[0].orr: {value}" for value in FIGURES.values()])

        data = filled(**{"c0-orr": "40.9", "c0-pfs": "5.4"})
        monkeypatch.setattr(actions, "enter_second_reading", refused)
        response = cleo.post(FORM, data)
        assert "would not take this reading" in text(response)
        assert "40.95" not in response.content.decode()


class TestForm:
    def test_what_is_the_same_is_proposed_as_read_twice(self, cleo: Client) -> None:
        response = post(cleo)
        reading = Reading.objects.get(kind="second")
        assert response.headers["Location"] == f"/admin/readings/{reading.pk}/"
        shown = text(cleo.get(response.headers["Location"]))
        assert "the same as the one on record" in shown
        assert "readings differ" not in shown
        actions.accept(Proposal.objects.get(status="proposed"), by=somebody("dora"))
        assert {one.state for one in states_of(in_force(), in_force()["results"][0]).values()} == {"twice"}
        assert in_force()["second_read_at"] == PAGE

    def test_a_difference_is_shown_with_both_values_after_it_was_entered(self, cleo: Client) -> None:
        response = post(cleo, **{"c0-pfs": "5.4"})
        shown = text(cleo.get(response.headers["Location"]))
        assert "PFS 5.83 months 5.4 months readings differ" in shown
        assert "Another person decides" in shown or "for another person to decide" in shown
        (task,) = ReadingTask.objects.all()
        assert (task.figure, task.recorded, task.read) == ("pfs", 5.83, 5.4)

    def test_not_given_and_left_empty_are_two_things(self, cleo: Client) -> None:
        post(cleo, **{"c0-deaths": None, "c0-deaths_missing": "on", "c0-grade3": None})
        (cohort,) = Reading.objects.get(kind="second").values
        assert cohort["figures"]["deaths"] is None
        assert "grade3" not in cohort["figures"]
        assert [task.figure for task in ReadingTask.objects.all()] == ["deaths"]

    def test_the_rest_may_be_said_not_to_be_given_at_once(self, cleo: Client) -> None:
        post(cleo, **{"c0-rate1_endpoint": None, "c0-rate1_months": None, "c0-rate1_percent": None, "c0-rest": "on"})
        (task,) = ReadingTask.objects.all()
        assert (task.figure, task.read) == ("pfs-6", None) or (task.figure, task.read) == ("os-12", None)

    def test_one_bound_may_not_be_given(self, cleo: Client) -> None:
        assert "the other bound, or not given" in text(post(cleo, **{"c0-os_high": ""}))
        post(cleo, **{"c0-os_high": "", "c0-os_ci_missing": "on"})
        assert [(task.figure, task.read) for task in ReadingTask.objects.all()] == [("os_high", None)]

    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            ("orr", "118", "FOLFIRI: Response rate, %: 118: a percentage from 0 to 100"),
            ("orr", "18,5", "FOLFIRI: Response rate, %: 18,5: a number with a decimal point"),
            ("pfs", "-1", "FOLFIRI: PFS, median, months: -1: months from 0 to 200"),
            ("n", "61.5", "FOLFIRI: Patients analysed: 61.5: a whole number from 0 to 1000000"),
            ("n", "many", "FOLFIRI: Patients analysed: many: a number"),
            ("rate0_months", "0", "FOLFIRI: Months: 0: a whole number of months from 1 to 200"),
            ("rate0_percent", "", "FOLFIRI: Percent: endpoint, months and percent together"),
            ("orr_missing", "on", "FOLFIRI: Response rate, %: 40.95: either a figure, or not given in the source"),
        ],
    )
    def test_an_error_names_field_value_and_range(self, cleo: Client, field: str, value: str, expected: str) -> None:
        response = post(cleo, **{f"c0-{field}": value})
        assert response.status_code == 422
        assert expected in text(response)
        assert not Reading.objects.filter(kind="second").exists()

    def test_what_was_entered_is_kept(self, cleo: Client) -> None:
        html = post(
            cleo, unseen=None, **{"c0-pfs": "4.44", "c0-deaths": None, "c0-deaths_missing": "on"}
        ).content.decode()
        assert 'value="4.44"' in html
        assert f'value="{PAGE}"' in html
        assert re.search(r'name="c0-deaths_missing"[^>]*checked', html)
        assert re.search(r'<option value="fulltext"\s+selected', html)
        assert "have not looked at" in html

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"at": "the library"}, "an http or https address"),
            ({"at": "https://127.0.0.1/x"}, "not a bare IP address"),
            ({"how": ""}, "What you read: This field is required"),
            ({"read_on": str(timezone.now().date() + timedelta(days=2))}, "not in the future"),
            ({"shape": "0" * 64}, "changed in the meantime"),
        ],
    )
    def test_where_and_when_are_asked_for(self, cleo: Client, changes: dict[str, str], expected: str) -> None:
        assert expected in text(post(cleo, **changes))

    def test_figures_that_do_not_fit_together_are_confirmed(self, cleo: Client) -> None:
        odd = {"c0-responders": "100"}
        response = post(cleo, **odd)
        assert "Response rate, %: within 1.6 points of 100 of 613" in text(response)
        assert 'name="c0-is_so"' in response.content.decode()
        assert post(cleo, **odd, **{"c0-is_so": "on"}).status_code == 302

    def test_nothing_entered_is_no_reading(self, cleo: Client) -> None:
        empty = {name: None for name in filled() if name.startswith("c0-")}
        assert "Enter at least one figure" in text(post(cleo, **empty))

    @pytest.mark.parametrize("name", ["ada", "ben"])
    def test_who_has_seen_the_figures_gets_no_form(self, name: str) -> None:
        client = signed_in(name)
        for response in (client.get(FORM), post(client)):
            assert response.status_code == 403
            assert "have seen them" in text(response)
        assert "have seen them" in text(client.get("/admin/readings/"))

    @pytest.mark.parametrize(("role", "status"), [("Publisher", 403), ("Board member", 403), ("Curator", 200)])
    def test_it_is_for_curators(self, role: str, status: int) -> None:
        client = signed_in(f"a {role}", role)
        for path in ("/admin/readings/", FORM):
            assert client.get(path).status_code == status

    def test_an_unknown_publication_is_not_found(self, cleo: Client) -> None:
        assert cleo.get("/admin/readings/publication/nobody-1999-nothing/").status_code == 404


class TestList:
    def test_the_most_influential_come_first(self, cleo: Client) -> None:
        weights = [
            float(one)
            for one in re.findall(r'data-label="Weight">([\d.]+)<', cleo.get("/admin/readings/").content.decode())
        ]
        assert len(weights) > 5
        assert weights == sorted(weights, reverse=True)

    def test_what_another_change_left_out_is_proposed_again(self, cleo: Client) -> None:
        post(cleo)
        agree("publications", KEY, title="Another title")
        assert "left out by another change" in text(cleo.get("/admin/readings/"))
        response = cleo.post(f"/admin/readings/again/{KEY}/", follow=True)
        assert "Proposed again" in text(response)
        assert "left out by another change" not in text(response)

    def test_the_start_page_says_how_much_waits(self, cleo: Client) -> None:
        post(cleo, **{"c0-pfs": "5.4"})
        shown = text(cleo.get("/admin/"))
        assert "Readings that differ (1)" in shown
        assert re.search(r"Figures to read a second time \(\d+\)", shown)


@pytest.fixture
def task(cleo: Client) -> ReadingTask:
    post(cleo, **{"c0-pfs": "5.4"})
    return ReadingTask.objects.get()


class TestSettling:
    def test_both_readings_stand_side_by_side_with_their_sources(self, task: ReadingTask) -> None:
        response = signed_in("emil").get(SETTLE)
        assert "On record 5.83 months ada https://example.org/paper" in text(response)
        assert f"Second reading 5.4 months cleo, 2026-11-02 {PAGE}" in text(response)

    @pytest.mark.parametrize(
        ("outcome", "third", "expected"),
        [
            ("first", {}, 5.83),
            ("second", {}, 5.4),
            ("neither", {"value": "5.6", "at": "https://example.org/supplement", "how": "fulltext"}, 5.6),
        ],
    )
    def test_a_third_person_decides(
        self, task: ReadingTask, outcome: str, third: dict[str, str], expected: float
    ) -> None:
        data = {f"t{task.pk}-outcome": outcome, "comment": "The supplement."}
        response = signed_in("emil").post(SETTLE, data | {f"t{task.pk}-{name}": value for name, value in third.items()})
        assert response.status_code == 302
        task.refresh_from_db()
        assert (task.outcome, task.settled) == (outcome, expected)
        actions.accept(task.proposal, by=somebody("dora"))
        assert in_force()["results"][0]["pfs"] == expected
        assert "The supplement." in text(signed_in("emil").get(SETTLE))

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            ({"outcome": "neither"}, "PFS: either a third value, months from 0 to 200, or not given in the source"),
            ({"outcome": "neither", "value": "900", "at": PAGE}, "PFS: 900: months from 0 to 200"),
            ({"outcome": "neither", "value": "5.6"}, "PFS: the address where the third value was read"),
            ({"outcome": "neither", "value": "90", "at": PAGE}, "not above its interval"),
            ({"outcome": ""}, "Decide on at least one figure"),
        ],
    )
    def test_errors_say_what_is_wrong_and_keep_what_was_entered(
        self, task: ReadingTask, data: dict[str, str], expected: str
    ) -> None:
        sent = {f"t{task.pk}-{name}": value for name, value in data.items()} | {"comment": "Kept comment"}
        response = signed_in("emil").post(SETTLE, sent)
        assert response.status_code == 422
        assert expected in text(response)
        assert "Kept comment" in response.content.decode()
        assert ReadingTask.objects.filter(outcome="").count() == 1

    def test_a_comment_is_required(self, task: ReadingTask) -> None:
        response = signed_in("emil").post(SETTLE, {f"t{task.pk}-outcome": "first"})
        assert "Why: This field is required" in text(response)

    @pytest.mark.parametrize("name", ["ada", "cleo"])
    def test_the_readers_see_it_and_do_not_decide(self, task: ReadingTask, name: str) -> None:
        client = signed_in(name)
        assert "another person decides" in text(client.get(SETTLE))
        assert client.post(SETTLE, {f"t{task.pk}-outcome": "first", "comment": "Mine."}).status_code == 403

    def test_a_reader_decides_where_nobody_else_may_and_it_is_said(self, task: ReadingTask) -> None:
        User.objects.exclude(username__in=["ada", "cleo"]).update(is_active=False)
        client = signed_in("cleo")
        assert "Nobody else may propose" in text(client.get(SETTLE))
        client.post(SETTLE, {f"t{task.pk}-outcome": "first", "comment": "Alone."})
        assert "nobody else may propose" in Proposal.objects.first().reason

    def test_who_may_not_propose_sees_and_does_not_decide(self, task: ReadingTask) -> None:
        publisher = signed_in("paul", "Publisher")
        assert "no permission" in text(publisher.get(SETTLE))
        assert publisher.post(SETTLE, {f"t{task.pk}-outcome": "first", "comment": "x"}).status_code == 403

    def test_a_declined_decision_is_taken_anew(self, task: ReadingTask) -> None:
        emil = signed_in("emil")
        emil.post(SETTLE, {f"t{task.pk}-outcome": "second", "comment": "So."})
        task.refresh_from_db()
        actions.reject(task.proposal, by=somebody("dora"), comment="No.")
        assert "Decide anew" in text(emil.get(SETTLE))
        emil.post(f"/admin/readings/reopen/{task.pk}/")
        assert ReadingTask.objects.filter(outcome="").count() == 1
        assert "Decide anew" not in text(emil.get(SETTLE))

    def test_the_list_is_filtered(self, task: ReadingTask) -> None:
        emil = signed_in("emil")
        assert "1 figure" in text(emil.get("/admin/readings/differ/"))
        assert "No such figure" in text(emil.get("/admin/readings/differ/", {"status": "resolved"}))
        assert "No such figure" in text(emil.get("/admin/readings/differ/", {"q": "elsewhere"}))
        assert "1 figure" in text(emil.get("/admin/readings/differ/", {"q": "BEVANEC", "status": "all"}))


@pytest.mark.parametrize("path", ["/admin/readings/", FORM, "/admin/readings/differ/", SETTLE])
def test_pages_keep_to_the_policy(path: str, task: ReadingTask) -> None:
    client = signed_in("emil")
    html = client.get(path).content.decode()
    assert "<style" not in html and " style=" not in html and " onclick=" not in html
    assert html.count("<script") <= html.count("<script src=")


def change_figure(pfs: float = 5.1) -> None:
    """New evidence: two others agree on another figure."""
    agree("publications", KEY, lambda entry: entry["results"][0].update(pfs=pfs))


def decided(client: Client, outcome: str = "second") -> ReadingTask:
    task = ReadingTask.objects.filter(outcome="").latest("pk")
    sent = client.post(SETTLE, {f"t{task.pk}-outcome": outcome, "comment": "So."})
    assert sent.status_code == 302, text(sent)
    task.refresh_from_db()
    return task


def rename_arm() -> None:
    """The cohort is another one by now."""
    agree("publications", KEY, lambda entry: entry["results"][0].update(arm="Another arm"))


class TestNoDeadEnd:
    """From each state of two readings somebody can go on, and the page says who, or with what."""

    def page(self, name: str = "emil") -> str:
        return text(signed_in(name).get(SETTLE))

    @pytest.mark.parametrize("name", ["ada", "cleo"])
    def test_open_says_to_the_readers_who_decides(self, task: ReadingTask, name: str) -> None:
        somebody("emil")
        assert "Who may: ben, emil." in self.page(name)
        assert "Propose what is right" in signed_in("emil").get(SETTLE).content.decode()

    def test_proposed_waits_for_another_person(self, task: ReadingTask) -> None:
        done = decided(signed_in("emil"))
        assert "Somebody other than emil accepts or rejects it." in self.page("dora")
        address = f"/admin/regimens/proposal/{done.proposal_id}/change/"
        assert address in signed_in("dora").get(SETTLE).content.decode()
        assert signed_in("dora").get(address).status_code == 200

    @pytest.mark.parametrize("how", ["reject", "ask_for_change", "withdraw"])
    def test_declined_is_decided_anew_and_comes_into_force(self, task: ReadingTask, how: str) -> None:
        done = decided(signed_in("emil"))
        given = {"by": somebody("emil")} if how == "withdraw" else {"by": somebody("dora"), "comment": "No."}
        getattr(actions, how)(done.proposal, **given)
        assert "Decide anew" in self.page("ben")
        signed_in("ben").post(f"/admin/readings/reopen/{done.pk}/")
        again = decided(signed_in("emil"), "first")
        actions.accept(again.proposal, by=somebody("dora"))
        assert "It is in force." in self.page()
        assert not actions.open_tasks()

    def test_a_change_that_was_asked_for_and_made_is_not_decided_anew(self, task: ReadingTask) -> None:
        done = decided(signed_in("emil"))
        actions.ask_for_change(done.proposal, by=somebody("dora"), comment="Say more.")
        content = done.proposal.values | {"doubts": "Decided by the supplement."}
        revised = actions.revise(done.proposal, content=content, by=somebody("emil")).proposal
        assert "Somebody other than emil accepts or rejects it." in self.page("dora")
        assert "Decide anew" not in self.page("dora")
        actions.accept(revised, by=somebody("dora"))
        assert in_force()["results"][0]["pfs"] == 5.4
        assert "It is in force." in self.page()

    def test_left_out_by_another_change_is_proposed_again(self, task: ReadingTask) -> None:
        actions.accept(Reading.objects.get(kind="second").proposal, by=somebody("dora"))
        decided(signed_in("emil"))
        agree("publications", KEY, title="Another title")
        assert "left out by another change" in self.page("ben")
        signed_in("emil").post(f"/admin/readings/again/{KEY}/")
        assert "left out by another change" not in self.page("ben")
        actions.accept(Proposal.objects.get(status="proposed"), by=somebody("dora"))
        assert in_force()["results"][0]["pfs"] == 5.4

    def test_in_force_the_figure_is_changed_in_its_form(self, task: ReadingTask) -> None:
        actions.accept(decided(signed_in("emil")).proposal, by=somebody("dora"))
        page = signed_in("emil").get(SETTLE).content.decode()
        form = f"/admin/regimens/edit/publications/{KEY}/"
        found = re.search(r'<a href="([^"]+)">Change a figure in its form', page)
        assert found, form
        assert signed_in("emil").get(found[1], follow=True).status_code == 200
        change_figure()
        assert "It is in force" in self.page() and not actions.open_tasks()

    @pytest.mark.parametrize("after", [change_figure, rename_arm])
    def test_new_evidence_ends_what_is_open(self, task: ReadingTask, after: Any) -> None:
        """Before, it could not be decided and was counted for ever."""
        fred = signed_in("fred")
        after()
        assert "Overtaken" in self.page("fred")
        assert "Who may read it a second time: fred." in self.page("cleo")
        assert fred.get(FORM).status_code == 200
        assert "Readings that differ (1)" not in text(fred.get("/admin/"))
        assert "No such figure" in text(fred.get("/admin/readings/differ/"))
        assert "overtaken: the figure on record changed" in text(
            fred.get("/admin/readings/differ/", {"status": "overtaken"})
        )

    def test_new_evidence_ends_what_is_proposed_and_what_was_declined(self, task: ReadingTask) -> None:
        done = decided(signed_in("emil"))
        actions.reject(done.proposal, by=somebody("dora"), comment="No.")
        change_figure()
        assert "nothing left to decide" in self.page() and "Decide anew" not in self.page()
        with pytest.raises(errors.AlreadyDecided):
            actions.reopen(done, by=somebody("emil"))

    def test_a_reading_that_was_rejected_says_who_may_read(self, task: ReadingTask) -> None:
        reading = Reading.objects.get(kind="second")
        actions.reject(reading.proposal, by=somebody("dora"), comment="Another paper.")
        somebody("fred")
        shown = text(signed_in("cleo").get(f"/admin/readings/{reading.pk}/"))
        assert "Who may read it a second time: fred." in shown
        assert "Who may: fred." in text(signed_in("cleo").get(FORM))
        User.objects.filter(username="fred").update(is_active=False)
        assert "only somebody new" in text(signed_in("cleo").get(f"/admin/readings/{reading.pk}/"))

    def test_a_reading_that_was_left_out_is_proposed_again_from_its_page(self, cleo: Client) -> None:
        post(cleo)
        agree("publications", KEY, title="Another title")
        reading = Reading.objects.get(kind="second")
        assert f"/admin/readings/again/{KEY}/" in cleo.get(f"/admin/readings/{reading.pk}/").content.decode()
