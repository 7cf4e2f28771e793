"""The app of tumour boards: cases, meetings, votes and decisions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class BoardsConfig(AppConfig):
    name = "boards"
    verbose_name = gettext_lazy("Tumour boards")

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from accounts.rights import STANDINGS
        from audit.models import Event
        from regimens.signals import release_in_force

        from . import event_words, sealing
        from .members import standing_of
        from .receivers import RECEIVER, TELLING, replay_on, tell_after

        event_words.register()
        sealing.register_kinds()
        if standing_of not in STANDINGS:
            STANDINGS.append(standing_of)
        release_in_force.connect(replay_on, dispatch_uid=RECEIVER)
        post_save.connect(tell_after, sender=Event, dispatch_uid=TELLING)
