"""The app that holds the knowledge and the rules."""

from django.apps import AppConfig
from django.db.models.signals import m2m_changed


class RegimensConfig(AppConfig):
    name = "regimens"
    verbose_name = "Evidence base"

    def ready(self) -> None:
        from .audit import accounts
        from .models.guard import check_many_to_many

        m2m_changed.connect(check_many_to_many, dispatch_uid="two-person rule")
        accounts.connect()
