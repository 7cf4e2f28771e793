"""Why a sign-in by the identity provider came to nothing: for its person, and for the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

BEGIN_AGAIN = _("Begin again. If it happens once more, tell whoever looks after necapp in your hospital.")
TELL_IT = _("Tell whoever looks after necapp in your hospital: the record of events says more.")


@dataclass(frozen=True)
class Failure:
    """words: what happened; advice: what to do; event: the same in English, for administrators."""

    words: Any
    advice: Any
    event: str
    status: int = 403


FAILURES = {
    "state": Failure(
        _("This sign-in was begun in another browser or too long ago, or it was completed already."),
        BEGIN_AGAIN,
        "it was begun elsewhere or too long ago, or was completed already",
    ),
    "denied": Failure(
        _("The hospital's sign-in did not let you in, or you left it."),
        BEGIN_AGAIN,
        "the identity provider refused, or the person left it",
    ),
    "unreachable": Failure(
        _("The hospital's sign-in does not answer."),
        _("Try again in a moment. Options are ranked, and the evidence is read, without signing in."),
        "the identity provider cannot be reached",
        503,
    ),
    "configuration": Failure(
        _("The hospital's sign-in answers otherwise than was agreed with necapp."),
        TELL_IT,
        "the identity provider answers otherwise than the settings say",
        502,
    ),
    "token": Failure(
        _("What the hospital's sign-in said of you cannot be believed."),
        BEGIN_AGAIN,
        "the token is not signed, not for this sign-in, or not in force",
    ),
    "strength": Failure(
        _("You signed in at the hospital without what necapp asks for, such as a second factor."),
        _("Sign in there with it. If you were not asked for it, tell whoever looks after necapp in your hospital."),
        "not by the ACR or AMR that is required",
    ),
    "stale": Failure(
        _("The hospital's sign-in did not ask you anew who you are."),
        _("Sign out at the hospital's sign-in, and begin again."),
        "signed in at the identity provider too long ago, or it does not say when",
    ),
    "groups": Failure(
        _("The hospital's sign-in did not say in which groups you are."),
        TELL_IT,
        "the claim of groups is missing, or no list of names",
    ),
    "no-role": Failure(
        _("None of your groups at the hospital has a role in necapp."),
        _("Ask whoever runs the accounts of your hospital to put you into the group of your role."),
        "none of the groups has a role",
    ),
    "mixed": Failure(
        _("Your groups at the hospital give you the role Administrator and another one. Nobody may have both."),
        _("Ask whoever runs the accounts of your hospital to take you out of one of the groups."),
        "the groups give Administrator and another role",
    ),
    "name": Failure(
        _("The hospital's sign-in did not give a user name that necapp can take."),
        TELL_IT,
        "the claim of the user name is missing, or no user name",
    ),
    "taken": Failure(
        _("There is an account with your user name that is not connected with the hospital's sign-in."),
        _("If it is yours, ask whoever looks after necapp in your hospital to connect it."),
        "an account with this user name is not connected: manage.py connect_identity",
    ),
    "closed": Failure(
        _("Your account is closed."),
        _("An administrator of necapp can open it again."),
        "the account is closed",
    ),
}


class SignInError(Exception):
    """A sign-in that comes to nothing.

    why   a key of FAILURES
    name  the user name, where the token that says it was believed
    """

    def __init__(self, why: str, name: str = ""):
        self.why, self.name = why, name
        super().__init__(why)

    @property
    def failure(self) -> Failure:
        return FAILURES[self.why]
