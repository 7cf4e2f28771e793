"""The app that holds the knowledge and the rules."""

from django.apps import AppConfig


class RegimensConfig(AppConfig):
    name = "regimens"
    verbose_name = "Evidence base"

    def ready(self) -> None:
        from . import event_words

        event_words.register()
