"""`manage.py create_demo_users`: an account for each role, to try curation out; for development alone."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from curation import actions

USERS = {
    "clinician": "Clinician",
    "board-member": "Board member",
    "curator": "Curator",
    "second-curator": "Curator",
    "publisher": "Publisher",
    "second-publisher": "Publisher",
    "administrator": "Administrator",
}


class Command(BaseCommand):
    help = (
        "Make an account for each role, with a new password that is printed, and a statement of interests where one is "
        "needed. An account that is there stays as it is. Refused unless DEBUG is on: for development alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("demonstration users are for development: DEBUG is off")
        with transaction.atomic():
            for username, role in USERS.items():
                self._make(username, role)

    def _make(self, username: str, role: str) -> None:
        people = get_user_model().objects
        if people.filter(username=username).exists():
            return
        password = secrets.token_urlsafe(12)
        person = people.create_user(username, password=password, is_staff=role != "Clinician")
        person.groups.add(Group.objects.get(name=role))
        if role == "Curator":
            actions.declare_interests(by=person, companies="none")
        self.stdout.write(f"{username}: {password}")
