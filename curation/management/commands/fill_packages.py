"""`manage.py fill_packages`: asks PubMed and the register for what work packages were begun with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.errors import ActionRefused
from curation import actions
from curation.imports import clinicaltrials, pubmed, web
from curation.imports.beginnings import Records, beginning
from curation.imports.found import found_on_desk
from curation.imports.identifiers import Identifier, IdentifierKind, identifier_in
from curation.models import WorkPackage
from regimens.knowledge.loader import LoadError
from regimens.models.choices import PackageStatus


class Command(BaseCommand):
    help = (
        "Fill in the work packages that were begun with a PMID, a DOI or a number of ClinicalTrials.gov of which "
        "nothing is known here, by asking PubMed and the register (the hosts of SURVEY_HOSTS, each within "
        "SURVEY_SECONDS). Each by itself, as a draft of the person who began it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        rows = WorkPackage.objects.filter(status=PackageStatus.DRAFT, entries=None).exclude(identifier="")
        for row in rows.select_related("begun_by").order_by("pk"):
            identifier = identifier_in(row.identifier)
            if identifier is None:
                continue
            with web.Web(hosts=settings.SURVEY_HOSTS, seconds=settings.SURVEY_SECONDS) as line:
                try:
                    said = _filled(row, identifier, line)
                except LoadError as error:
                    failed += 1
                    self.stderr.write("\n".join(map(str, error.problems)))
                except ActionRefused as error:
                    failed += 1
                    self.stderr.write(f"{row}: {error}")
                else:
                    self.stdout.write(f"{row}: {said}")
        if failed:
            count = f"{failed} work package{'' if failed == 1 else 's'}"
            raise CommandError(f"{count} could not be filled in")


def _filled(row: WorkPackage, identifier: Identifier, line: web.Web) -> str:
    """What was found of one package. Raises LoadError where it cannot be had."""
    # A search may have found it meanwhile.
    records = Records() if found_on_desk(identifier) else _asked(identifier, line)
    found = beginning(identifier, records, today=timezone.localdate(), within=row)
    if not found.is_known:
        return "; ".join(found.remarks) or "nothing was found"
    kept = actions.fill_package(row, title=found.title, entries=found.entries, by=row.begun_by)
    return f"filled in: {', '.join(map(str, kept))}"


def _asked(identifier: Identifier, line: web.Web) -> Records:
    if identifier.kind is IdentifierKind.NCT:
        return Records(trials=tuple(clinicaltrials.fetch([identifier.value], line, api=clinicaltrials.API)))
    if identifier.kind is IdentifierKind.DOI:
        texts = pubmed.fetch_by_doi(identifier.value, line, search=pubmed.SEARCH, api=pubmed.API)
    else:
        texts = pubmed.fetch([identifier.value], line, api=pubmed.API)
    return Records(texts=tuple(texts))
