"""The app of accounts: signing in and out, invitations, second factors, sessions."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = gettext_lazy("Accounts")

    def ready(self) -> None:
        from . import (
            checks,
            event_words,
            events,
            lockout,  # noqa: F401 - its receiver
            notices,
            own_sessions,
            rights,
        )

        register(checks.seed_key)
        register(checks.seeds_open, Tags.database)
        register(checks.breached_passwords)
        register(checks.identity)
        register(checks.identity_is_strong, deploy=True)
        register(checks.seed_key_is_its_own, deploy=True)
        event_words.register()
        # What makes an administrator of an account goes before what says that it was made.
        rights.connect()
        events.connect()
        notices.connect()
        own_sessions.connect()
