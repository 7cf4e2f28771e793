"""`manage.py replay_decisions`: what the release in force, or another, makes of every decided case."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from boards.actions.replays import replay_decisions
from boards.models import AgendaItem, CaseVersion, DamagedRanking
from boards.shown.replay import Reproduction, release_in_use, reproduction
from boards.shown.stored_ranking import Frozen
from regimens import releases
from regimens.rules.first_edition import MADE_AGAIN_WITH


class Command(BaseCommand):
    help = (
        "Replay the decided cases of every board on the release in force, so that their lists say for which the first "
        "option has changed, and raise what it says for or against decisions that are watched. Only what is not known "
        "yet is replayed; run it after a release where there are thousands."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--release", help="a release by name or SHA-256; default: in force")
        parser.add_argument("--again", action="store_true", help="replay all anew, as after an update of the software")
        parser.add_argument(
            "--check",
            action="store_true",
            help="instead, rank every decided case again on its own release, and say which is not reproduced: numbers "
            "to 1e-9, all else exactly; the exit status is then 1. Those of the method's first edition are counted: "
            "the version of then makes them again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        try:
            release_id = releases.find(options["release"]).pk if options["release"] else release_in_use()
            if release_id is None:
                raise CommandError(str(releases.NoRelease()))
            progress = replay_decisions(release_id, again=options["again"])
        except releases.ReleaseError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{progress.made} replayed; the first option is another one for {progress.changed} of them. "
            f"{progress.raised} developments of watched decisions were raised."
        )

    def _check(self) -> None:
        decided = AgendaItem.objects.filter(decisions__isnull=False, version__isnull=False)
        versions = CaseVersion.objects.filter(pk__in=decided.values("version_id")).order_by("release_id", "pk")
        failed = former = 0
        for version in versions.iterator(chunk_size=100):
            try:
                found = reproduction(Frozen(version))
                former += found is Reproduction.FORMER_EDITION
                fault = "what the same release gives now is another ranking" if found is Reproduction.ANOTHER else ""
            except (DamagedRanking, releases.DamagedRelease) as error:
                fault = str(error)
            if fault:
                failed += 1
                self.stderr.write(f"{version}: {fault}")
        count = versions.count() - former
        self.stdout.write(f"{count - failed} of {count} rankings are reproduced: numbers to 1e-9, all else exactly.")
        if former:
            self.stdout.write(
                f"{former} made with the method's first edition: stored as shown, and made again by {MADE_AGAIN_WITH}."
            )
        if failed:
            sys.exit(1)
