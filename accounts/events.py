"""Signing in and out, and what becomes of accounts and groups, as events: by Django's own signals, whoever causes them.

Of passwords nothing is kept but that one was changed. What goes past signals, `QuerySet.update()` and SQL, leaves no
event: docs/audit.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.http import HttpRequest

from audit.events import record

from .identity_provider import is_by_provider

# Kept as they were and are; of names and addresses, only that they changed.
_KEPT = ("username", "is_active", "is_staff", "is_superuser")
_PRIVATE = ("first_name", "last_name", "email")
_FORMER = "_audited_former"
_CLEARED = "_audited_cleared"


def connect() -> None:
    """Once, when the app is ready."""
    user = get_user_model()
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="audit")
    for sender in (user, Group):
        pre_save.connect(_before_saving, sender, dispatch_uid="audit")
        pre_delete.connect(_before_deletion, sender, dispatch_uid="audit")
    post_save.connect(_account_saved, user, dispatch_uid="audit")
    post_save.connect(_group_saved, Group, dispatch_uid="audit")
    post_delete.connect(_account_deleted, user, dispatch_uid="audit")
    post_delete.connect(_group_deleted, Group, dispatch_uid="audit")
    for sender in (user.groups.through, user.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_rights_changed, sender, dispatch_uid="audit")


def _signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    details = {"account": user.pk}
    if not settings.OIDC_ISSUER or request is None:
        record("sign-in", user, by=user, details=details)
    elif is_by_provider(request):
        record("sign-in", user, by=user, details=details | {"by": "the hospital's identity provider"})
    else:
        record("use-break-glass", user, by=user, details=details)


def _signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    if getattr(user, "pk", None):
        record("sign-out", user, by=user, details={"account": user.pk})


def _sign_in_failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """The name that was tried; of all that was given besides, nothing."""
    field = get_user_model().USERNAME_FIELD
    tried = next((credentials[name] for name in (field, "username", "login", "email") if credentials.get(name)), "")
    record("sign-in-failed", tried)


def _before_saving(sender: type[Model], instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """Keep what the row said, to compare it with what is saved; the time of the last sign-in is no change."""
    if instance.pk is None or (update_fields is not None and set(update_fields) <= {"last_login"}):
        setattr(instance, _FORMER, None)
    else:
        setattr(instance, _FORMER, sender._default_manager.filter(pk=instance.pk).first())


def _account_saved(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    former = instance.__dict__.pop(_FORMER, None)
    if created:
        rights = {name: True for name in ("is_staff", "is_superuser") if getattr(instance, name)}
        record("create-account", instance, details={"account": instance.pk} | rights)
    elif former is not None:
        _say_what_changed(former, instance)


def _say_what_changed(former: Any, instance: Any) -> None:
    account = {"account": instance.pk}
    if former.password != instance.password and not _is_only_hashed_anew(former, instance):
        record("change-password", instance, details=account)
    changed = {
        name: [getattr(former, name), getattr(instance, name)]
        for name in _KEPT
        if getattr(former, name) != getattr(instance, name)
    }
    private = [name for name in _PRIVATE if getattr(former, name) != getattr(instance, name)]
    if not changed and not private:
        return
    action = "change-account"
    if "is_active" in changed:
        action = "activate-account" if instance.is_active else "deactivate-account"
    said = ({"changed": changed} if changed else {}) | ({"also_changed": private} if private else {})
    record(action, instance, details=account | said)


def _is_only_hashed_anew(former: Any, instance: Any) -> bool:
    """Django renews the hash of the same password when somebody signs in after its way of hashing changed."""
    if instance._password is not None or not former.has_usable_password() or not instance.has_usable_password():
        return False
    old, new = identify_hasher(former.password), identify_hasher(instance.password)
    return old.algorithm != new.algorithm or old.must_update(former.password)


def _group_saved(sender: Any, instance: Group, created: bool, **kwargs: Any) -> None:
    former = instance.__dict__.pop(_FORMER, None)
    if created:
        record("create-group", instance, details={"group": instance.pk})
    elif former is not None and former.name != instance.name:
        changed = {"name": [former.name, instance.name]}
        record("change-group", instance, details={"group": instance.pk, "changed": changed})


def _before_deletion(sender: Any, instance: Any, **kwargs: Any) -> None:
    """What is deleted has no id any more when it is said."""
    setattr(instance, _FORMER, instance.pk)


def _account_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    record("delete-account", instance, details={"account": instance.__dict__.pop(_FORMER, None)})


def _group_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    record("delete-group", instance, details={"group": instance.__dict__.pop(_FORMER, None)})


def _rights_changed(
    sender: Any, instance: Any, action: str, reverse: bool, model: type[Model], pk_set: Any, **kwargs: Any
) -> None:
    """What was added and removed, said of the account or group that has it, from whichever side it was done."""
    when, _, what = action.partition("_")
    if what == "clear":
        if when == "pre":
            setattr(instance, _CLEARED, list(_related(sender, instance, reverse)))
            return
        others = instance.__dict__.pop(_CLEARED, [])
    elif when == "pre":
        return
    else:
        others = list(model._default_manager.filter(pk__in=pk_set))
    key = "added" if what == "add" else "removed"
    if reverse:
        for holder in others:
            _say_rights(holder, key, [instance])
    elif others:
        _say_rights(instance, key, others)


def _related(through: Any, instance: Any, reverse: bool) -> Iterable[Any]:
    user = get_user_model()
    forward, backward = {
        user.groups.through: ("groups", "user_set"),
        user.user_permissions.through: ("user_permissions", "user_set"),
        Group.permissions.through: ("permissions", "group_set"),
    }[through]
    return getattr(instance, backward if reverse else forward).all()


def _say_rights(holder: Any, key: str, rights: list[Any]) -> None:
    is_group = isinstance(holder, Group)
    if isinstance(rights[0], Permission):
        names = sorted(f"{right.content_type.app_label}.{right.codename}" for right in rights)
        action = "change-group-permissions" if is_group else "change-account-permissions"
    else:
        names = sorted(right.name for right in rights)
        action = "change-account-groups"
    record(action, holder, details={"group" if is_group else "account": holder.pk, key: names})
