"""This process and the server that it starts on one database, with a hospital's settings and a folder of their own."""

from __future__ import annotations

import os
from pathlib import Path


def set_up(folder: Path, database: str, **more: str) -> None:
    """Before anything of Django's is imported; `more` are further variables of the environment."""
    static = folder / "static"
    static.mkdir()
    os.environ |= {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "necapp.settings",
        "HTTPS": "false",
        "DEBUG": "false",
        "STATIC_ROOT": str(static),
        **more,
    }
    import django

    django.setup()
