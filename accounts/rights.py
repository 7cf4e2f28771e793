"""What an account may do: what its roles hold, and an administrator nothing besides (decision 21).

Roles are groups that migrations make; nobody changes what they hold, and nobody holds a right but by a role. An
administrator's account holds no other role: the actions and triggers (migration 0002) refuse it, and where an account
holds both from before, the other roles have no effect until an administrator, or the server, takes one side away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, Q, QuerySet
from django.db.models.signals import post_save, pre_save
from django.utils.translation import gettext as _

ADMINISTRATOR = "Administrator"
ROLES = ("Administrator", "Board member", "Clinician", "Curator", "Publisher")
# Who only uses the pages outside of the admin.
OUTSIDE_THE_ADMIN = ("Clinician",)
# What makes an administrator of whoever holds it, and what an administrator never may. Migration 0002 names them again.
ADMINISTERING = ("auth.add_user", "auth.change_user", "boards.manage_boards", "interop.manage_tokens")
DECIDING = (
    "regimens.propose_change",
    "regimens.review_change",
    "regimens.publish_release",
    "regimens.reinstate_release",
)
# Of accounts: it is an administrator's.
IS_ADMINISTRATORS = Q(groups__name=ADMINISTRATOR)
# What else somebody is, in words, by which they cannot become an administrator: rooms above add theirs.
STANDINGS: list[Callable[[User], list[str]]] = []

_BECOMES = "_becomes_an_administrator"


class RolePermissions(ModelBackend):
    """The rights of an account as a backend says them: every backend that knows rights derives from this."""

    def _get_user_permissions(self, user_obj: User) -> QuerySet[Permission]:
        """None: a right that was given to one account is nobody's role, and nobody looks for it."""
        return Permission.objects.none()

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        found = Permission.objects.filter(group__in=groups_in_effect(user_obj))
        administers = Exists(found.filter(_named(ADMINISTERING)))
        # Whoever administers, by whichever role, decides nothing.
        return found.exclude(_named(DECIDING) & Q(administers))


def groups_in_effect(person: User) -> list[int]:
    held = dict(person.groups.values_list("name", "pk"))
    return [held[ADMINISTRATOR]] if ADMINISTRATOR in held else list(held.values())


def is_administrator(person: User) -> bool:
    return person.groups.filter(name=ADMINISTRATOR).exists()


def why_not_together(roles: Iterable[str]) -> str:
    """Why nobody holds these roles at once, for administrators; empty where one person may."""
    others = sorted(set(roles) - {ADMINISTRATOR})
    if ADMINISTRATOR not in roles or not others:
        return ""
    said = _("An administrator holds no other role: take away Administrator, or %(roles)s.")
    return said % {"roles": ", ".join(others)}


def without_effect(person: User) -> list[str]:
    """The roles that an account holds beside that of an administrator, from before that was refused."""
    held = sorted(group.name for group in person.groups.all())
    return [name for name in held if name != ADMINISTRATOR] if ADMINISTRATOR in held else []


def standings(person: User) -> list[str]:
    """What else a person is, by which they cannot become an administrator, in words."""
    return [words for of in STANDINGS for words in of(person)]


def connect() -> None:
    """Once, when the app is ready: nobody may do everything, and `createsuperuser` makes an administrator."""
    user = get_user_model()
    pre_save.connect(_is_no_superuser, user, dispatch_uid="rights")
    post_save.connect(_is_an_administrator, user, dispatch_uid="rights")


def _is_no_superuser(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    if instance.is_superuser:
        instance.is_superuser = False
        instance.is_staff = True
        setattr(instance, _BECOMES, True)


def _is_an_administrator(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    if instance.__dict__.pop(_BECOMES, False):
        instance.groups.set(Group.objects.filter(name=ADMINISTRATOR))


def _named(permissions: Iterable[str]) -> Q:
    found = Q(pk__in=())
    for name in permissions:
        app, _, codename = name.partition(".")
        found |= Q(content_type__app_label=app, codename=codename)
    return found
