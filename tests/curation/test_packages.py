"""Work packages: proposed, decided and withdrawn whole, by whatever path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from audit.actions import exclusive
from audit.errors import ActionRefused, NotAllowed
from audit.models import Event
from curation import actions
from curation.accepted import accepted, intruders
from curation.actions import Drafted, packages
from curation.errors import AlreadyDecided, InvalidContent, LooksAlike, NothingToChange, StaleProposal
from curation.models import Entry, PackageEntry, Proposal, WorkPackage
from tests.factories.curation import REASON, content, proposed, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

KNOWN = "walter-2023-bevanec"


def new_publication(key: str = "other-2025-study", **changes: Any) -> dict[str, Any]:
    """A text that is not here yet, with the study and cohorts of one that is."""
    known = content("publications", KNOWN)
    told = {"key": key, "doi": None, "pmid": "39000001", "title": "Another study of another drug", "year": 2025}
    return (
        known
        | told
        | {"authors": "Other O", "study_key": key, "study": known["study"] | {"registry_id": None}}
        | changes
    )


def version(kind: str, key: str) -> str:
    return Entry.objects.get(kind=kind, key=key).version


def drafted(by: User, *more: Drafted, named: str = "FOLFIRI, renamed") -> WorkPackage:
    """A publication that is new, and a regimen that is not."""
    regimen = Drafted("regimens", "folfiri", content("regimens", "folfiri", name=named), version("regimens", "folfiri"))
    publication = new_publication()
    entries = [Drafted("publications", publication["key"], publication), regimen, *more]
    return actions.begin_package(title="Another study", identifier="39000001", entries=entries, by=by)


def proposed_package(by: User, *more: Drafted) -> WorkPackage:
    package = drafted(by, *more)
    actions.propose_package(package, **REASON, by=by)
    return again(package)


def again(package: WorkPackage) -> WorkPackage:
    return WorkPackage.objects.get(pk=package.pk)


def statuses(package: WorkPackage) -> set[str]:
    return {one.proposal.status for one in package.entries.select_related("proposal")}


@pytest.fixture
def ada() -> User:
    return somebody("ada")


@pytest.fixture
def ben() -> User:
    return somebody("ben")


class TestWhole:
    def test_all_of_it_comes_into_force_by_another_person(self, ada: User, ben: User) -> None:
        package = proposed_package(ada)
        assert statuses(package) == {"proposed"} and "other-2025-study" not in accepted()["publications"]
        with pytest.raises(NotAllowed):
            actions.accept_package(package, by=ada)
        actions.accept_package(package, by=ben, comment="Read.")
        evidence = accepted()
        assert evidence["regimens"]["folfiri"]["name"] == "FOLFIRI, renamed"
        assert "other-2025-study" in evidence["publications"]
        assert statuses(package) == {"accepted"} and not intruders()
        told = [event.action for event in Event.objects.order_by("pk") if event.details.get("package") == package.pk]
        assert told == ["begin-package", "propose-package", "accept-package"]

    def test_none_of_it_where_one_breaks_a_rule(self, ada: User, ben: User) -> None:
        broken = Drafted("trials", "NCT00000009", content("trials", "NCT05882058", nct="NCT00000009", line="tenth"))
        package = drafted(ada, broken)
        with pytest.raises(InvalidContent):
            actions.propose_package(package, **REASON, by=ada)
        assert not Proposal.objects.exists() and again(package).status == "draft"

    @pytest.mark.parametrize("decide", [actions.accept, actions.reject, actions.ask_for_change, actions.withdraw])
    def test_one_of_it_is_not_decided_alone(self, ada: User, ben: User, decide: Callable[..., Any]) -> None:
        package = proposed_package(ada)
        one = package.entries.first().proposal
        given = {"by": ada} if decide is actions.withdraw else {"by": ben, "comment": "Alone."}
        with pytest.raises(ActionRefused, match=f"work package {package.pk}"):
            decide(one, **given)
        assert statuses(package) == {"proposed"}

    def test_a_change_is_asked_for_and_made_of_the_whole(self, ada: User, ben: User) -> None:
        package = proposed_package(ada)
        with pytest.raises(ActionRefused):
            actions.ask_for_change_of_package(package, by=ben, comment=" ")
        actions.ask_for_change_of_package(package, by=ben, comment="Name it anew.")
        assert statuses(package) == {"change-asked"}
        named = content("regimens", "folfiri", name="FOLFIRI again")
        wanted = Drafted("regimens", "folfiri", named, version("regimens", "folfiri"))
        actions.keep_in_package(again(package), drafted=wanted, by=ada)
        former = {one.proposal_id for one in package.entries.all()}
        actions.propose_package(again(package), by=ada)
        assert {one.proposal.replaces_id for one in package.entries.all()} == former
        actions.accept_package(again(package), by=ben)
        assert accepted()["regimens"]["folfiri"]["name"] == "FOLFIRI again"

    def test_it_is_rejected_and_withdrawn_whole(self, ada: User, ben: User) -> None:
        package = proposed_package(ada)
        actions.reject_package(package, by=ben, comment="Not this.")
        assert statuses(package) == {"rejected"}
        with pytest.raises(AlreadyDecided):
            actions.withdraw_package(again(package), by=ada)
        other = drafted(ada)
        actions.propose_package(other, **REASON, by=ada)
        with pytest.raises(NotAllowed):
            actions.withdraw_package(other, by=ben)
        actions.withdraw_package(other, by=ada)
        assert statuses(other) == {"withdrawn"} and again(other).status == "withdrawn"

    def test_what_another_change_overtakes_is_a_draft_again(self, ada: User, ben: User) -> None:
        package = proposed_package(ada)
        actions.accept(proposed(somebody("cleo"), name="FOLFIRI, otherwise"), by=ben)
        assert again(package).status == "draft" and statuses(package) == {"superseded"}
        with pytest.raises(StaleProposal, match="folfiri"):
            actions.propose_package(again(package), by=ada)
        named = content("regimens", "folfiri", name="FOLFIRI, renamed")
        wanted = Drafted("regimens", "folfiri", named, version("regimens", "folfiri"))
        actions.keep_in_package(again(package), drafted=wanted, by=ada)
        actions.propose_package(again(package), by=ada)
        actions.accept_package(again(package), by=ben)
        assert again(package).status == "accepted"

    def test_nothing_new_is_said_and_taken_out(self, ada: User, ben: User) -> None:
        same = Drafted("regimens", "folfox", content("regimens", "folfox"), version("regimens", "folfox"))
        package = drafted(ada, same)
        with pytest.raises(NothingToChange, match="folfox"):
            actions.propose_package(package, **REASON, by=ada)
        with pytest.raises(NotAllowed):
            actions.take_out_of_package(package.entries.get(key="folfox"), by=ben)
        actions.take_out_of_package(package.entries.get(key="folfox"), by=ada)
        assert len(actions.propose_package(package, **REASON, by=ada)) == 2


class TestNothingHalfMade:
    """As when the process dies there: whatever was written before it is gone."""

    @pytest.mark.parametrize("writes", [1, 2, 4, 6, 7])
    def test_accepting_stops_anywhere(self, ada: User, ben: User, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
        package = proposed_package(ada)
        before = {one.pk: one.sha256 for one in Entry.objects.all()}, Event.objects.count()
        left = [writes]
        for name in ("decide", "put_in_force", "supersede_rivals", "record"):
            monkeypatch.setattr(packages, name, _dying(getattr(packages, name), left))
        try:
            actions.accept_package(package, by=ben)
        except KeyboardInterrupt:
            assert ({one.pk: one.sha256 for one in Entry.objects.all()}, Event.objects.count()) == before
            assert statuses(package) == {"proposed"} and again(package).status == "proposed"
        else:
            assert left[0] >= 0 and statuses(package) == {"accepted"}


def _dying(action: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def dies(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return action(*args, **kwargs)

    return dies


class TestDatabase:
    """It refuses a part of a package, whatever program writes."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE regimens_proposal SET status = 'accepted', reviewer_id = {ben}, reviewed_at = proposed_at "
            "WHERE id = {proposal}",
            "UPDATE regimens_packageentry SET content = '{{}}' WHERE package_id = {package}",
            "DELETE FROM regimens_packageentry WHERE package_id = {package}",
            "DELETE FROM regimens_workpackage WHERE id = {package}",
            "UPDATE regimens_workpackage SET identifier = 'other' WHERE id = {package}",
            "UPDATE regimens_workpackage SET status = 'accepted', reviewer_id = begun_by_id, decided_at = begun_at "
            "WHERE id = {package}",
        ],
    )
    def test_it_is_refused(self, ada: User, ben: User, statement: str) -> None:
        package = proposed_package(ada)
        names = {"package": package.pk, "proposal": package.entries.first().proposal_id, "ben": ben.pk}
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(**names))

    def test_a_package_is_not_accepted_without_one_of_its_proposals(self, ada: User, ben: User) -> None:
        package = drafted(ada)
        with exclusive():
            for field in ("reason", "source"):
                setattr(package, field, "x")
            package.status, package.reviewer, package.decided_at = "accepted", ben, package.begun_at
            with pytest.raises(IntegrityError), transaction.atomic():
                package.save()
        assert PackageEntry.objects.filter(proposal=None).count() == 2


TWINS = {
    "by its PMID": {"title": "Some other words", "authors": "Else E", "doi": None},
    "by its DOI": {"title": "Some other words", "authors": "Else E", "pmid": None},
    "by its words": {"pmid": None, "doi": None},
}


class TestOneTextOnce:
    """A text that is here is not entered again by any path, until a person says that they are two."""

    @pytest.mark.parametrize("twin", TWINS)
    @pytest.mark.parametrize("path", ["propose", "propose_all", "package", "revise"])
    def test_by_whatever_path(self, ada: User, ben: User, path: str, twin: str) -> None:
        known = content("publications", KNOWN) | {"pmid": "37000001", "doi": "10.1000/known"}
        actions.accept(
            actions.propose(kind="publications", key=KNOWN, content=known, by=ada, **REASON).proposal, by=ben
        )
        key = "walter-2023-again"
        text = known | {"key": key} | TWINS[twin]
        change = actions.Change("publications", key, text)
        with pytest.raises(LooksAlike, match=KNOWN) as refused:  # noqa: PT012 - each path is refused in its last step
            if path == "propose":
                actions.propose(kind="publications", key=key, content=text, by=ada, **REASON)
            elif path == "propose_all":
                actions.propose_all([change], by=ada, **REASON)
            elif path == "package":
                package = actions.begin_package(title="x", entries=[Drafted("publications", key, text)], by=ada)
                actions.propose_package(package, by=ada, **REASON)
            else:
                other = new_publication(key)
                made = actions.propose(kind="publications", key=key, content=other, by=ada, **REASON).proposal
                actions.ask_for_change(made, by=ben, comment="Look again.")
                actions.revise(made, content=text, by=ada)
        assert refused.value.alike.keys() == {KNOWN}

    def test_of_two_that_are_proposed_at_once_one_is_accepted(self, ada: User, ben: User) -> None:
        """The second was told apart by who proposed it, and is by who accepts it."""
        first, second = new_publication("other-2025-a"), new_publication("other-2025-b")
        one = actions.propose(kind="publications", key=first["key"], content=first, by=ada, **REASON).proposal
        given = {"kind": "publications", "key": second["key"], "content": second, **REASON}
        with pytest.raises(LooksAlike):
            actions.propose(**given, by=somebody("cleo"))
        two = actions.propose(**given, told_apart=["other-2025-a"], by=somebody("cleo")).proposal
        actions.accept(one, by=ben)
        with pytest.raises(LooksAlike):
            actions.accept(two, by=ben)
        actions.accept(two, by=ben, told_apart=["other-2025-a"])

    def test_a_known_text_does_not_take_anothers_identifier(self, ada: User) -> None:
        others = [one for one in Entry.objects.filter(kind="publications") if one.values["pmid"]]
        taken = others[0].values["pmid"]
        values = others[1].values | {"pmid": taken}
        with pytest.raises(LooksAlike):
            actions.propose(kind="publications", key=others[1].key, content=values, by=ada, **REASON)
