"""The app of tumour boards: cases, meetings, votes and decisions."""

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"
    verbose_name = "Tumour boards"

    def ready(self) -> None:
        from regimens.signals import release_in_force

        from . import event_words
        from .receivers import RECEIVER, replay_on

        event_words.register()
        release_in_force.connect(replay_on, dispatch_uid=RECEIVER)
