"""Releases and rankings by which a decision looks different afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils import timezone

from audit.canonical import canonical_json, sha256_of
from audit.guard import RECORDS
from boards.models import CaseVersion
from curation import actions as curation_actions
from curation.actions import publishing
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.rules.benchmark import benchmark_constants
from tests.databases import without_triggers

from .curation import REASON, content, somebody

DIGESTIVE, WALTER = "folfiri-digestive", "walter-2023-bevanec"


def weaker() -> KnowledgeRelease:
    """A release on which guidelines no longer recommend FOLFIRI for digestive NEC, and a title is mended."""
    agreed("indications", DIGESTIVE, content("indications", DIGESTIVE, stance="consider"))
    agreed("publications", WALTER, content("publications", WALTER, title="Another title"))
    return publishing.publish("weaker")[0]


def without(slug: str) -> KnowledgeRelease:
    """A release that does not know a regimen, made as the rules of the evidence base would not let it be."""
    document = json.loads(json.dumps(dict(releases.current().document)))
    document["regimens"] = [row for row in document["regimens"] if row["slug"] != slug]
    for name in ("indications", "licences"):
        document[name] = [row for row in document[name] if row["regimen"] != slug]
    for publication in document["publications"]:
        publication["results"] = [row for row in publication["results"] if row["regimen"] != slug]
    del document["constants"]
    document["constants"] = benchmark_constants(document)
    text = canonical_json(document)
    with RECORDS.open():
        release = publishing._add(f"without {slug}", text, sha256_of(text), timezone.now(), None)
        publishing._put_in_force(release, None)
    return release


def tamper(version: CaseVersion) -> None:
    """A ranking as an older version of the rules might have made it: the first two in the other order."""
    ranked = version.ranked
    first, second, *others = ranked.options
    version.keep(replace(ranked, options=(replace(first, rank=2), replace(second, rank=1), *others)))
    with without_triggers(), connection.cursor() as cursor:
        statement = "UPDATE boards_caseversion SET ranking = %s, sha256 = %s WHERE id = %s"
        cursor.execute(statement, [bytes(version.ranking), version.sha256, version.pk])


def agreed(kind: str, key: str, values: dict[str, Any]) -> None:
    """An entry as it shall be, by two curators who are on no board."""
    proposed = curation_actions.propose(kind=kind, key=key, content=values, by=somebody("curator"), **REASON)
    curation_actions.accept(proposed.proposal, by=somebody("reviewer"))
