"""What every Bundle that we write is held against: the models of FHIR R4B, and the invariants beside the checkout."""

from __future__ import annotations

from typing import Any

import fhirpathpy
import yaml
from fhir.resources.R4B.bundle import Bundle

from interop.writing.bundles import as_json
from tests.interop.shared import FOLDER, shared


def parses(bundle: dict[str, Any]) -> None:
    """Every resource of it is one of R4B. Raises ValidationError."""
    Bundle.model_validate_json(as_json(bundle))


def invariants(context: str) -> dict[str, str]:
    """The expressions of a context by key; none where the shared folder is not there."""
    if not FOLDER.is_dir():
        return {}
    rows = yaml.safe_load(shared("cds-hooks", "invariants.yaml").read_text(encoding="utf-8"))
    return {row["key"]: row["expression"] for row in rows if row["context"] == context}


def broken(bundle: dict[str, Any], context: str) -> list[str]:
    """The keys of the invariants that a Bundle breaks: an empty result passes."""
    found = {key: fhirpathpy.evaluate(bundle, text) for key, text in invariants(context).items()}
    return [key for key, result in found.items() if result not in ([], [True])]


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [resource for resource in found if resource["resourceType"] == kind]


def one(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = resources(bundle, kind)
    return found


def references(value: Any) -> set[str]:
    """Every reference of a resource that leads into its own Bundle."""
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = value.get("reference")
    found = {own} if isinstance(own, str) and own.startswith("urn:uuid:") else set()
    return found.union(*map(references, value.values()))
