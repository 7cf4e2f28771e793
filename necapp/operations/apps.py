"""The app of running the service; it has no tables."""

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy


class OperationsConfig(AppConfig):
    name = "necapp.operations"
    verbose_name = gettext_lazy("Operations")

    def ready(self) -> None:
        from audit.models import Event

        from . import event_words, security

        event_words.register()
        post_save.connect(security.tell, sender=Event, dispatch_uid="events for a collector")
