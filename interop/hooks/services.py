"""The services that are offered, each with its hooks and what a client should send along; and their list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PATIENT = "context.patientId"
MOST_OF_A_KIND = 200  # resources that a search should give at once

# Without these nothing is said; without the others the card says what was not sent.
REQUIRED = ("Patient", "Condition", "Observation")
THERAPIES = ("MedicationStatement", "MedicationAdministration", "MedicationRequest", "Procedure", "CarePlan")
OTHERS = ("AllergyIntolerance", "AdverseEvent")
KINDS = (*REQUIRED, *THERAPIES, *OTHERS)


def query(kind: str, patient: str) -> str:
    """What is asked of a FHIR server for one key of the prefetch, `patient` being an id or its placeholder."""
    if kind == "Patient":
        return f"Patient/{patient}"
    return f"{kind}?patient={patient}&_count={MOST_OF_A_KIND}"


PREFETCH: Mapping[str, str] = {kind: query(kind, f"{{{{{PATIENT}}}}}") for kind in KINDS}


@dataclass(frozen=True)
class Service:
    """A service: `hooks` are those that it answers, of which the list names the last."""

    id: str
    hooks: tuple[str, ...]
    title: Promise
    description: Promise
    needs: Promise

    @property
    def is_for_orders(self) -> bool:
        return "order-sign" in self.hooks

    def as_listed(self) -> dict[str, Any]:
        return {
            "hook": self.hooks[-1],
            "id": self.id,
            "title": str(self.title),
            "description": str(self.description),
            "usageRequirements": str(self.needs),
            "prefetch": dict(PREFETCH),
        }


SERVICES: Mapping[str, Service] = {
    service.id: service
    for service in (
        Service(
            "necapp-options",
            ("patient-view",),
            _("Later-line options in neuroendocrine carcinoma"),
            _(
                "For a patient with an extrapulmonary neuroendocrine carcinoma: the later-line options with their "
                "evidence, and the tests that could change their order. It supports and does not replace judgement."
            ),
            _("Patient, Condition and Observation have to be sent, or be there to be read."),
        ),
        Service(
            "necapp-orders",
            ("order-select", "order-sign"),
            _("Later-line options and cautions when drugs are ordered"),
            _(
                "The same when drugs are ordered for the patient, with a warning where a drug ordered is ruled out or "
                "advised against. It supports and does not replace judgement."
            ),
            _("Patient, Condition and Observation have to be sent, or be there to be read. Answers order-select too."),
        ),
    )
}


def listed() -> dict[str, Any]:
    """The answer of discovery."""
    return {"services": [service.as_listed() for service in SERVICES.values()]}
