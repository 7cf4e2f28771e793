"""The app of interfaces. It imports nothing of FHIR at start: a worker that serves none keeps its memory."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy


class InteropConfig(AppConfig):
    name = "interop"
    verbose_name = gettext_lazy("Interfaces")

    def ready(self) -> None:
        from . import event_words
        from .checks import allowed_systems, local_codes

        register(local_codes)
        register(allowed_systems)
        event_words.register()
