"""The app of curation: how knowledge changes, by the decision of two people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class CurationConfig(AppConfig):
    name = "curation"
    verbose_name = gettext_lazy("Curation")

    def ready(self) -> None:
        from regimens.pages.library.frame import BESIDE

        from . import event_words
        from .pages.reports import answered_on

        event_words.register()
        BESIDE.append(answered_on)
