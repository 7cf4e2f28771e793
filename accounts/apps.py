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
        )

        event_words.register()
        events.connect()
