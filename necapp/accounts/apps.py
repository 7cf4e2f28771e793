from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "necapp.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from . import lockout  # noqa: F401 - its receiver
