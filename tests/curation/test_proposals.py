"""Proposals and what is decided on them: roles, statements, competing ones, revisions, versions, reinstatement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from audit import events
from audit.actions import exclusive
from audit.errors import ActionRefused, NotAllowed
from audit.middleware import RequestAddress
from audit.models import Event
from curation import actions
from curation.accepted import text_of
from curation.actions import Change, publishing
from curation.errors import AlreadyDecided, InvalidContent, NothingToChange, StaleProposal
from curation.models import Entry, InterestStatement, Proposal
from regimens import releases
from regimens.models import Regimen, ReleaseInForce, Trial
from tests.factories.accounts import signs_in
from tests.factories.curation import REASON, agree, content, rename_folfiri, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

TRIAL = "NCT05882058"


@pytest.fixture
def ada() -> User:
    return somebody("ada")


@pytest.fixture
def ben() -> User:
    return somebody("ben")


def proposed(by: User, name: str = "Another name") -> Proposal:
    values = content("regimens", "folfiri", name=name)
    return actions.propose(kind="regimens", key="folfiri", content=values, by=by, **REASON).proposal


class TestProposing:
    def test_what_is_published_stays_until_it_is_accepted_and_published(
        self, client: Client, ada: User, ben: User
    ) -> None:
        proposal = proposed(ada)
        assert Regimen.objects.get(slug="folfiri").name == "FOLFIRI"
        actions.accept(proposal, by=ben, comment="Read the same.")
        assert Regimen.objects.get(slug="folfiri").name == "Another name"
        assert releases.current().names["folfiri"] == "FOLFIRI"
        publishing.publish("second")
        assert releases.current().names["folfiri"] == "Another name"

    def test_it_keeps_who_when_why_and_on_what_source(self, ada: User) -> None:
        proposal = proposed(ada)
        assert (proposal.proposer, proposal.reason, proposal.source) == (ada, REASON["reason"], REASON["source"])
        assert timezone.now() - proposal.proposed_at < timedelta(minutes=1)
        assert proposal.base_sha256 == Entry.objects.get(key="folfiri").sha256
        assert proposal.values is not None and proposal.values["name"] == "Another name"

    def test_every_problem_is_listed_with_field_value_and_rule(self, ada: User) -> None:
        values = content("regimens", "folfox", setting="third-line")
        values["cautions"][0] |= {"level": "grave"}
        with pytest.raises(InvalidContent, match="2 problems:") as caught:
            actions.propose(kind="regimens", key="folfox", content=values, by=ada, **REASON)
        assert [(problem.key, problem.field, problem.value) for problem in caught.value.problems] == [
            ("folfox", "setting", "third-line"),
            ("folfox", "cautions[0].level", "grave"),
        ]
        assert all(problem.rule.startswith("one of ") for problem in caught.value.problems)
        assert not Proposal.objects.exists()

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"slug": "folfirinox"}, "the key of this entry, which never changes"),
            ({"colour": "red"}, "no key of this entry"),
            ({"slug": None}, "slug"),
        ],
    )
    def test_another_shape_or_key_is_refused(self, ada: User, values: dict[str, Any], said: str) -> None:
        with pytest.raises(InvalidContent, match=said):
            actions.propose(
                kind="regimens", key="folfiri", content=content("regimens", "folfiri", **values), by=ada, **REASON
            )

    def test_no_list_of_the_evidence_base_is_refused(self, ada: User) -> None:
        with pytest.raises(ActionRefused, match="not a list of the evidence base"):
            actions.propose(kind="tablets", key="x", content={}, by=ada, **REASON)

    @pytest.mark.parametrize("missing", ["reason", "source"])
    def test_reason_and_source_are_required(self, ada: User, missing: str) -> None:
        values = content("regimens", "folfiri", name="Another name")
        with pytest.raises(ActionRefused):
            actions.propose(kind="regimens", key="folfiri", content=values, by=ada, **REASON | {missing: " "})

    def test_what_is_so_already_is_nothing_to_change(self, ada: User, ben: User) -> None:
        with pytest.raises(NothingToChange):
            proposed(ada, "FOLFIRI")
        proposed(ada)
        with pytest.raises(NothingToChange):
            proposed(ben)

    @pytest.mark.parametrize("role", ["Clinician", "Board member", "Publisher", "Administrator"])
    def test_other_roles_may_not(self, role: str) -> None:
        with pytest.raises(NotAllowed):
            proposed(somebody("other", role))

    def test_the_second_is_told_of_the_first(self, ada: User, ben: User) -> None:
        first = proposed(ada)
        values = content("regimens", "folfiri", name="A third name")
        assert actions.propose(kind="regimens", key="folfiri", content=values, by=ben, **REASON).competing == [first]
        assert len(actions.open_proposals("regimens", "folfiri")) == 2

    def test_several_are_checked_as_a_whole(self, ada: User) -> None:
        regimen = content("regimens", "folfiri", slug="folfiri-twice")
        indication = content("indications", "folfiri-digestive", regimen="folfiri-twice")
        changes = [
            Change("regimens", "folfiri-twice", regimen),
            Change("indications", "folfiri-digestive", indication),
            Change("regimens", "folfox", content("regimens", "folfox")),
        ]
        with pytest.raises(InvalidContent):
            actions.propose_all(changes[1:], by=ada, **REASON)
        assert [one.proposal.key for one in actions.propose_all(changes, by=ada, **REASON)] == [
            "folfiri-twice",
            "folfiri-digestive",
        ]
        assert actions.propose_all(changes, by=ada, **REASON) == []


class TestDeciding:
    def test_the_first_accepted_supersedes_the_others(self, ada: User, ben: User) -> None:
        first, second = proposed(ada), proposed(ada, "A third name")
        done = actions.accept(second, by=ben)
        assert [one.pk for one in done.superseded] == [first.pk]
        first.refresh_from_db()
        assert (first.status, first.superseded_by) == ("superseded", second)
        with pytest.raises(AlreadyDecided, match="already superseded"):
            actions.accept(first, by=ben)

    def test_what_was_made_on_another_version_is_superseded_and_said(
        self, ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        proposal = proposed(ada)
        text, sha256 = text_of(content("regimens", "folfiri", name="As shipped later"))
        with exclusive():
            Entry.objects.filter(key="folfiri").update(content=text, sha256=sha256)
        with pytest.raises(StaleProposal):
            actions.accept(proposal, by=ben)
        proposal.refresh_from_db()
        assert proposal.status == "superseded"

    def test_what_broke_a_rule_since_is_refused_and_stays_open(self, ada: User, ben: User) -> None:
        statement = Entry.objects.get(kind="guidelines", key="enets-2023-second-line").values
        statement["regimens"] = sorted({*statement["regimens"], "folfiri-twice"})
        regimen = content("regimens", "folfiri", slug="folfiri-twice")
        made = actions.propose_all(
            [
                Change("regimens", "folfiri-twice", regimen),
                Change("guidelines", "enets-2023-second-line", statement),
            ],
            by=ada,
            **REASON,
        )
        with pytest.raises(InvalidContent, match="'folfiri-twice': a key of regimens"):
            actions.accept(made[1].proposal, by=ben)
        assert Proposal.objects.get(pk=made[1].proposal.pk).is_open

    @pytest.mark.parametrize("decide", [actions.reject, actions.ask_for_change])
    def test_no_and_not_yet_need_a_comment(self, ada: User, ben: User, decide: Any) -> None:
        proposal = proposed(ada)
        with pytest.raises(ActionRefused, match="comment is required"):
            decide(proposal, by=ben, comment=" ")
        with pytest.raises(NotAllowed):
            decide(proposal, by=ada, comment="Mine.")
        row = decide(proposal, by=ben, comment="The source says otherwise.")
        assert (row.reviewer, row.comment) == (ben, "The source says otherwise.")
        with pytest.raises(AlreadyDecided):
            actions.accept(proposal, by=somebody("cem"))

    def test_a_change_asked_for_is_made_once_by_who_proposed(self, ada: User, ben: User) -> None:
        proposal = proposed(ada)
        better = content("regimens", "folfiri", name="A better name")
        with pytest.raises(AlreadyDecided):
            actions.revise(proposal, content=better, by=ada)
        actions.ask_for_change(proposal, by=ben, comment="Say it better.")
        with pytest.raises(NotAllowed):
            actions.revise(proposal, content=better, by=ben)
        revised = actions.revise(proposal, content=better, by=ada).proposal
        assert (revised.replaces, revised.reason) == (proposal, proposal.reason)
        with pytest.raises(AlreadyDecided):
            actions.revise(proposal, content=better, by=ada)
        assert actions.accept(revised, by=ben).entry.values["name"] == "A better name"

    def test_one_withdraws_ones_own(self, ada: User, ben: User) -> None:
        proposal = proposed(ada)
        with pytest.raises(NotAllowed):
            actions.withdraw(proposal, by=ben)
        assert actions.withdraw(proposal, by=ada).status == "withdrawn"
        with pytest.raises(AlreadyDecided):
            actions.accept(proposal, by=ben)

    def test_rows_that_hinder_are_put_right(self, ada: User, ben: User) -> None:
        statement = content("indications", "folfiri-digestive", rationale="Read again.")
        made = actions.propose(
            kind="indications", key="folfiri-digestive", content=statement, by=ada, **REASON
        ).proposal
        with connection.cursor() as cursor:
            cursor.execute("UPDATE regimens_regimen SET slug = 'gone' WHERE slug = 'folfiri'")
        actions.accept(made, by=ben)
        assert Regimen.objects.filter(slug="folfiri").exists()
        assert not Regimen.objects.filter(slug="gone").exists()


class TestRetiring:
    def test_it_is_retired_with_a_reason_and_comes_back_by_a_proposal(self, ada: User, ben: User) -> None:
        former = content("trials", TRIAL)
        made = actions.propose_retirement(kind="trials", key=TRIAL, by=ada, **REASON)
        assert made.proposal.is_retirement
        entry = actions.accept(made.proposal, by=ben).entry
        assert (entry.retired_because, entry.values) == (REASON["reason"], former)
        assert not Trial.objects.filter(nct=TRIAL).exists()
        release, _ = publishing.publish("without it")
        assert TRIAL not in {trial["nct"] for trial in releases.compiled(release).document["trials"]}
        with pytest.raises(NothingToChange):
            actions.propose_retirement(kind="trials", key=TRIAL, by=ada, **REASON)
        back = actions.propose(kind="trials", key=TRIAL, content=former, by=ada, **REASON).proposal
        assert actions.accept(back, by=ben).entry.retired_at is None
        assert Trial.objects.filter(nct=TRIAL).exists()
        assert publishing.publish("with it")[0].sha256 == releases.find("shipped").sha256

    def test_what_others_name_is_not_retired(self, ada: User) -> None:
        with pytest.raises(InvalidContent, match="'folfiri': a key of regimens"):
            actions.propose_retirement(kind="regimens", key="folfiri", by=ada, **REASON)


class TestVersions:
    def test_each_says_who_and_why(self, ada: User, ben: User) -> None:
        rename_folfiri()
        newest, first = Entry.objects.get(key="folfiri").history.all()
        assert (newest.history_user, newest.history_change_reason) == (ben, REASON["reason"])
        assert (first.history_user, first.origin) == (None, "shipped")
        assert "content" in newest.diff_against(first).changed_fields

    def test_a_former_one_is_proposed_again(self, ada: User, ben: User) -> None:
        rename_folfiri()
        former = Entry.objects.get(key="folfiri").history.earliest()
        made = actions.propose_former(former, by=ben, **REASON).proposal
        assert actions.accept(made, by=ada).entry.values["name"] == "FOLFIRI"


class TestContentOf:
    @pytest.mark.parametrize(
        ("kind", "key"),
        [
            ("publications", "walter-2023-bevanec"),
            ("guidelines", "enets-2023-second-line"),
            ("indications", "folfiri-digestive"),
            ("biomarkers", "msi-mmr"),
            ("trials", TRIAL),
        ],
    )
    def test_what_rows_say_is_what_the_entry_says(self, kind: str, key: str) -> None:
        assert actions.content_of(kind, key) == content(kind, key)
        assert actions.content_of(kind, "none") is None


class TestInterests:
    def test_companies_are_named_or_said_to_be_none(self, ada: User) -> None:
        with pytest.raises(ActionRefused, match="Name the companies"):
            actions.declare_interests(by=ada, companies="  ")

    def test_a_statement_holds_for_a_year(self) -> None:
        person = somebody("cem", declares="")
        assert actions.current_statement(person) is None
        today = timezone.now().date()
        with exclusive():
            for days in (366, 365):
                declared = today - timedelta(days=days)
                InterestStatement.objects.create(person=person, declared_on=declared, companies="Acme")
        statement = actions.current_statement(person)
        assert statement is not None
        assert statement.valid_until == today


class TestReinstating:
    @pytest.fixture
    def second(self) -> Any:
        rename_folfiri()
        return publishing.publish("second")[0]

    def test_a_release_put_back_stays_where_publishing_is_a_matter_of_course(self, second: Any) -> None:
        """As when `make run` starts again after the sources changed."""
        call_command("publish_release", "third", "--unless-put-back")
        assert releases.in_force() == second  # nothing changed
        pat, paul = somebody("pat", "Publisher"), somebody("paul", "Publisher")
        asked = actions.ask_to_reinstate(releases.find("shipped"), reason="The second is wrong.", by=pat)
        actions.confirm_reinstatement(asked, by=paul)
        call_command("publish_release", "third", "--unless-put-back")
        assert releases.current().release.name == "shipped"
        call_command("publish_release", "third")
        assert releases.current().release.name == "third"

    def test_a_former_release_comes_into_force_by_two_people(self, second: Any, django_assert_num_queries: Any) -> None:
        pat, paul = somebody("pat", "Publisher"), somebody("paul", "Publisher")
        asked = actions.ask_to_reinstate(releases.find("shipped"), reason="The second is wrong.", by=pat)
        assert releases.current().release.name == "second"
        assert actions.waiting() == [asked]
        with pytest.raises(NotAllowed, match="Somebody other"):
            actions.confirm_reinstatement(asked, by=pat)
        with pytest.raises(NotAllowed):
            actions.confirm_reinstatement(asked, by=somebody("ada"))
        actions.confirm_reinstatement(asked, by=paul)
        assert releases.current().release.name == "shipped"
        with django_assert_num_queries(1):
            releases.current()
        assert actions.waiting() == []
        with pytest.raises(AlreadyDecided):
            actions.confirm_reinstatement(asked, by=paul)

    def test_what_is_in_force_or_asked_for_is_not_asked_for(self, second: Any) -> None:
        pat = somebody("pat", "Publisher")
        with pytest.raises(NothingToChange):
            actions.ask_to_reinstate(second, reason="Again.", by=pat)
        actions.ask_to_reinstate(releases.find("shipped"), reason="Again.", by=pat)
        with pytest.raises(NothingToChange):
            actions.ask_to_reinstate(releases.find("shipped"), reason="Again.", by=pat)
        with pytest.raises(ActionRefused, match="Say why"):
            actions.ask_to_reinstate(releases.find("shipped"), reason=" ", by=pat)

    def test_a_newer_release_lets_it_lapse(self, second: Any) -> None:
        asked = actions.ask_to_reinstate(
            releases.find("shipped"), reason="The second is wrong.", by=somebody("pat", "Publisher")
        )
        rename_folfiri("A third name")
        publishing.publish("third")
        with pytest.raises(AlreadyDecided, match="ask again"):
            actions.confirm_reinstatement(asked, by=somebody("paul", "Publisher"))
        assert actions.waiting() == []
        assert releases.current().release.name == "third"

    def test_publishing_writes_its_own_row(self, second: Any) -> None:
        assert list(ReleaseInForce.objects.values_list("release__name", "how")) == [
            ("second", "publishing"),
            ("shipped", "publishing"),
        ]

    def test_publishing_needs_the_permission(self) -> None:
        rename_folfiri()
        with pytest.raises(NotAllowed):
            publishing.publish("second", by=somebody("ada"))
        release, _ = publishing.publish("second", by=somebody("pat", "Publisher"))
        assert release.published_by == somebody("pat")


class TestEvents:
    def test_every_action_is_one(self, ada: User, ben: User) -> None:
        with events.coming_from("192.0.2.7"):
            proposal = proposed(ada)
            actions.accept(proposal, by=ben)
        accepted, made = Event.objects.all()[:2]
        assert (made.action, made.by, made.address) == ("propose", ada, "192.0.2.7")
        assert (accepted.action, accepted.by, accepted.details["proposal"]) == ("accept", ben, proposal.pk)

    @pytest.mark.parametrize(
        ("is_behind_proxy", "given", "kept"),
        [
            (False, {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "192.0.2.9"}, "192.0.2.7"),
            (True, {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.1, 192.0.2.9"}, "192.0.2.9"),
            (True, {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "a lie"}, None),
            (False, {"REMOTE_ADDR": ""}, None),
        ],
    )
    def test_it_says_from_where_a_request_came(
        self, settings: Any, rf: RequestFactory, is_behind_proxy: bool, given: dict[str, str], kept: str | None
    ) -> None:
        settings.BEHIND_PROXY = is_behind_proxy
        RequestAddress(lambda request: events.record("try"))(rf.get("/", **given))
        assert Event.objects.first().address == kept

    def test_an_action_that_is_refused_is_none(self, ada: User) -> None:
        proposal = proposed(ada)
        before = Event.objects.count()
        with pytest.raises(NotAllowed):
            actions.accept(proposal, by=ada)
        assert Event.objects.count() == before

    def test_loading_again_is_none(self) -> None:
        before = Event.objects.count()
        call_command("load_evidence", verbosity=0)
        assert Event.objects.count() == before


class TestRoles:
    def test_groups_hold_their_permissions(self) -> None:
        held = {
            group.name: set(group.permissions.exclude(codename__startswith="view_").values_list("codename", flat=True))
            for group in Group.objects.all()
        }
        assert held == {
            "Clinician": set(),
            "Board member": set(),
            "Curator": {"propose_change", "review_change"},
            "Publisher": {"publish_release", "reinstate_release"},
            "Administrator": {
                *("add_user", "change_user"),
                *("manage_boards", "manage_tokens", "see_reports"),
            },
        }

    def test_demonstration_users_are_for_development_alone(self, settings: Any) -> None:
        settings.DEBUG = False
        with pytest.raises(CommandError, match="development"):
            call_command("create_demo_users")
        assert not User.objects.exists()

    def test_demonstration_users_can_do_what_their_roles_say(
        self, settings: Any, capsys: pytest.CaptureFixture[str], client: Client
    ) -> None:
        settings.DEBUG = True
        call_command("create_demo_users")
        said = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
        assert set(said) == {
            "clinician",
            "board-member",
            "curator",
            "second-curator",
            "publisher",
            "second-publisher",
            "administrator",
        }
        assert signs_in(client, "curator", said["curator"])
        proposal = proposed(User.objects.get(username="curator"))
        actions.accept(proposal, by=User.objects.get(username="second-curator"))
        call_command("create_demo_users")
        assert signs_in(client, "curator", said["curator"])


def test_an_agreed_change_is_published_with_its_figures() -> None:
    def read_again(values: dict[str, Any]) -> None:
        values["results"][0]["note"] = "Read again."

    agree("publications", "walter-2023-bevanec", read_again)
    release, _ = publishing.publish("second")
    rows = {row["key"]: row for row in releases.compiled(release).document["publications"]}
    assert rows["walter-2023-bevanec"]["results"][0]["note"] == "Read again."
