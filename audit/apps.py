"""The app of the trail: what was done, by whom, from where."""

from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import m2m_changed, post_migrate
from django.utils.translation import gettext_lazy


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = gettext_lazy("Audit trail")

    def ready(self) -> None:
        from .checks import quiet_log
        from .guard import check_many_to_many

        m2m_changed.connect(check_many_to_many, dispatch_uid="two-person rule")
        register(quiet_log, Tags.database)
        post_migrate.connect(keep_unique_keys, sender=self, dispatch_uid="unique keys")


def keep_unique_keys(using: str, **_more: Any) -> None:
    from .unique_keys import keep

    keep(using)
