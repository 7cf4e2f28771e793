"""The app of accounts: signing in and out, invitations, second factors, sessions."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from . import (
            event_words,
            events,
            lockout,  # noqa: F401 - its receiver
            notices,
            own_sessions,
            rights,
        )

        event_words.register()
        # What makes an administrator of an account goes before what says that it was made.
        rights.connect()
        events.connect()
        notices.connect()
        own_sessions.connect()
