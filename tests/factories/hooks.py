"""A hospital's system as CDS Hooks has it: requests about a patient, signed, and what they bring along."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from interop.hooks.services import KINDS

Resource = dict[str, Any]
ISSUER = "https://ehr.example/"
SERVER = "https://testserver"  # as the test client calls it by https
OPTIONS, ORDERS = "/cds-services/necapp-options", "/cds-services/necapp-orders"


def prefetch_of(bundle: Resource) -> tuple[str, dict[str, Any]]:
    """A Bundle of one patient as an EHR would send it along: the patient's id, and each kind in a Bundle of its own.

    Kinds that no search asks for stand with the Observations, as `_include` brings them.
    """
    found: dict[str, Any] = dict.fromkeys(KINDS)
    patient = ""
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            patient = resource.get("id") or entry["fullUrl"].rpartition(":")[2]
            found["Patient"] = resource | {"id": patient}
            continue
        kind = resource["resourceType"] if resource["resourceType"] in KINDS else "Observation"
        found[kind] = found[kind] or {"resourceType": "Bundle", "type": "searchset", "entry": []}
        found[kind]["entry"].append(entry)
    return patient, found


def bundle_of(*resources: Resource) -> Resource:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}


def drafts_of(patient: str, *drugs: str) -> Resource:
    """Drafted orders of drugs, by name."""
    return bundle_of(
        *(
            {
                "resourceType": "MedicationRequest",
                "id": f"draft-{number}",
                "status": "draft",
                "intent": "order",
                "subject": {"reference": f"Patient/{patient}"},
                "medicationCodeableConcept": {"text": drug},
            }
            for number, drug in enumerate(drugs)
        )
    )


def hook_request(patient: str, prefetch: Any, hook: str = "patient-view", **more: Any) -> dict[str, Any]:
    """`more` are further keys; `draftOrders` goes into the context."""
    context: dict[str, Any] = {"userId": "Practitioner/example", "patientId": patient}
    if drafts := more.pop("draftOrders", None):
        context["draftOrders"] = drafts
    found = {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, "prefetch": prefetch}
    return found | more


class Hospital:
    """A system that signs what it asks, with a key of its own."""

    def __init__(self, key: ECKey | RSAKey, *, issuer: str = ISSUER, algorithm: str = "ES384", jku: str = "") -> None:
        self.key, self.issuer, self.algorithm, self.jku = key, issuer, algorithm, jku
        self.client = Client(raise_request_exception=False)

    def claims(self, path: str, now: datetime | None = None, **changed: Any) -> dict[str, Any]:
        """Those of a token for an address of ours; a claim that is changed to None is left out."""
        issued = int((now or timezone.now()).timestamp())
        found = {
            "iss": self.issuer,
            "aud": f"{SERVER}{path}",
            "iat": issued,
            "exp": issued + int(timedelta(minutes=5).total_seconds()),
            "jti": str(uuid.uuid4()),
        }
        return {name: value for name, value in (found | changed).items() if value is not None}

    def token(
        self,
        path: str,
        *,
        now: datetime | None = None,
        header: dict[str, Any] | None = None,
        key: ECKey | RSAKey | OctKey | None = None,
        **claims: Any,
    ) -> str:
        usual = {"alg": self.algorithm, "typ": "JWT", "kid": self.key.kid} | ({"jku": self.jku} if self.jku else {})
        said = {name: value for name, value in (usual | (header or {})).items() if value is not None}
        return jwt.encode(said, self.claims(path, now, **claims), key or self.key, algorithms=[said["alg"]])

    def ask(self, path: str, content: Any, *, token: str | None = None, **headers: str) -> Any:
        """A request with a token of its own, or with the one given ("" for none)."""
        sent = self.token(path) if token is None else token
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.client.post(
            path,
            body,
            content_type="application/json",
            headers=({"Authorization": f"Bearer {sent}"} if sent else {}) | headers,
            secure=True,
        )
