"""The app of curation: how knowledge changes, by the decision of two people."""

from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "curation"
    verbose_name = "Curation"

    def ready(self) -> None:
        from . import event_words

        event_words.register()
