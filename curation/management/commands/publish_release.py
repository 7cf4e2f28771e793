"""`manage.py publish_release NAME`: the evidence base, compiled into an immutable release and put in force."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import ActionRefused
from curation.actions import publishing
from curation.identity import twins
from curation.review.warnings import warnings_of
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.models.choices import InForceBy
from regimens.releases import newest_in_force
from regimens.rules.knowledge import EDITION

from ._people import add_by, person


class Command(BaseCommand):
    help = "Compile the evidence base into an immutable release and put it in force, unless nothing changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the release is called, for people")
        add_by(parser, "who publishes it; if left out, the person who runs this command")
        parser.add_argument("--summary", default="", metavar="TEXT", help="what is new, kept with the release")
        parser.add_argument(
            "--unless-put-back",
            action="store_true",
            help="as a matter of course after an update: publish nothing while a former or imported release is in "
            "force, or where a publication that nobody has published looks like another one",
        )

    def handle(
        self, *args: Any, name: str, by: str | None, summary: str, unless_put_back: bool, **options: Any
    ) -> None:
        newest = newest_in_force()
        if unless_put_back and newest and newest.how != InForceBy.PUBLISHING and _can_rank(newest.release):
            self.stdout.write(f"Nothing published: release {newest.release.name} was put in force, and stays")
            return
        if unless_put_back and newest and (found := _unseen_twins(newest.release)):
            self.stderr.write(
                f"Warning: nothing published: {'; '.join(found)}. The same patients would count twice. Retire one of "
                "the two, or look at it and publish on the admin’s page “Publish a release”."
            )
            return
        publisher = person(by) if by else None
        try:
            release, is_new = publishing.publish(name, by=publisher, summary=summary)
        except (releases.ReleaseError, ActionRefused) as error:
            raise CommandError(str(error)) from error
        said = "Published" if is_new else "Nothing changed; still in force:"
        self.stdout.write(f"{said} release {release.name}, SHA-256 {release.sha256}")
        for warning in warnings_of(releases.current().document["validation"]):
            self.stderr.write(f"Warning: {warning}")


def _unseen_twins(release: KnowledgeRelease) -> list[str]:
    """Publications that look like one text, where this release does not hold both: so no publisher has seen them.

    Such as one that people entered under a key of theirs, once it is shipped as well.
    """
    if not _can_rank(release):
        return []
    try:
        held = {one["key"] for one in releases.compiled(release).document["publications"]}
        found = twins(publishing.content_as_accepted()["publications"])
    except releases.ReleaseError:  # which publishing says
        return []
    return [f"{key} looks like {other}" for key, other, _ in found if not {key, other} <= held]


def _can_rank(release: KnowledgeRelease) -> bool:
    """Of a former edition of the method, a release is in force and no patient is ranked: a new one is due."""
    try:
        return releases.edition_of(release.sha256) == EDITION
    except releases.DamagedRelease:
        return True
