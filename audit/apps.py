"""The app of the trail: what was done, by whom, from where."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import m2m_changed


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = "Audit trail"

    def ready(self) -> None:
        from .checks import quiet_log
        from .guard import check_many_to_many

        m2m_changed.connect(check_many_to_many, dispatch_uid="two-person rule")
        register(quiet_log, Tags.database)
