"""The app that holds the knowledge and the rules."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class RegimensConfig(AppConfig):
    name = "regimens"
    verbose_name = gettext_lazy("Evidence base")

    def ready(self) -> None:
        from . import event_words

        event_words.register()
