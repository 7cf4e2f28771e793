"""`manage.py make_smart_key FILE`: the key with which this app shows a hospital's server who it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = (
        "Writes a new private key (P-384, for ES384) into a file that only this user may read, and prints the set of "
        "public keys (JWKS) to register with the hospital's server. A file that is there is not written over."
    )
    requires_system_checks = ()  # the file of INTEROP_CLIENTS may name the key that is to be made

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where the private key is to be, outside the app's folder")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        from joserfc.jwk import ECKey

        key = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"}, private=True, auto_kid=True)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
                json.dump(key.as_dict(private=True), written)
        except FileExistsError as error:
            raise CommandError(f"{file} is there already; name another file.") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(json.dumps({"keys": [key.as_dict(private=False)]}, indent=2))
