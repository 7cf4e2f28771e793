"""The app of curation: how knowledge changes, by the decision of two people."""

from django.apps import AppConfig


class CurationConfig(AppConfig):
    name = "curation"
    verbose_name = "Curation"

    def ready(self) -> None:
        from regimens.pages.library.frame import BESIDE

        from . import event_words
        from .pages.reports import answered_on

        event_words.register()
        BESIDE.append(answered_on)
