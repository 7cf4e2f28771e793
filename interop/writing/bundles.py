"""The resources of a Bundle, each with its place, its address and the release that it rests on.

Addresses are made of what is written and of the resource's place in it, so that the same input gives the same bytes.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from regimens.rules.knowledge import ReleaseIdentity

Resource = dict[str, Any]

MEDIA_TYPE = "application/fhir+json"

# The names of our own lists.
RELEASE = "urn:necapp:release"
OPTION = "urn:necapp:option"
FEATURE = "urn:necapp:feature"

DISCLAIMER = (
    "Supports and does not replace judgement. Evidence for groups of patients, not a prediction for one. No order: "
    "nothing here was prescribed, and each option is to be weighed by the clinicians who treat the patient."
)
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:necapp:resource")
_DIGITS = 12  # as a ranking's own JSON has its numbers


class Entries:
    """The entries of a Bundle as they are added.

    seed   what all of it is made of: with another one every address is another
    """

    def __init__(self, release: ReleaseIdentity, seed: str) -> None:
        self._tag = {"system": RELEASE, "code": release.sha256, "display": release.name}
        self._seed = seed
        self._found: list[Resource] = []

    def add(self, place: str, kind: str, **elements: Any) -> Resource:
        """A resource at its place, "RequestGroup" or "ServiceRequest/msi"; what refers to it."""
        resource = {"resourceType": kind, "meta": {"tag": [self._tag]}} | _filled(elements)
        self._found.append({"fullUrl": address(self._seed, place), "resource": resource})
        return self.reference(place)

    def reference(self, place: str) -> Resource:
        """What refers to the resource of that place, which may be added later."""
        return {"reference": address(self._seed, place), "type": place.partition("/")[0]}

    def bundle(self, **elements: Any) -> Resource:
        found = {"resourceType": "Bundle", "meta": {"tag": [self._tag]}}
        return found | _filled(elements) | {"entry": list(self._found)}


def address(seed: str, place: str) -> str:
    return f"urn:uuid:{uuid5(_NAMESPACE, f'{seed} {place}')}"


def as_json(bundle: Resource) -> bytes:
    """The bytes of a Bundle: always the same for the same one."""
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def concept(system: str, code: str, words: str) -> Resource:
    """A code of one of our own lists, with its words."""
    return {"coding": [{"system": system, "code": code, "display": words}], "text": words}


def extension(url: str, **value: Any) -> Resource:
    """One of a value, such as `valueCode="B"`, or of further ones under `extension`."""
    return {"url": url, **value}


def extensions(**values: Any) -> list[Resource]:
    """Those of which a value is known: `rank_valueInteger=1` is called "rank"."""
    found = ((*name.split("_value"), value) for name, value in values.items() if value not in (None, ""))
    return [extension(name.replace("_", "-"), **{f"value{kind}": value}) for name, kind, value in found]


def decimal(value: float | None) -> float | None:
    """A number with as many digits as a ranking's JSON gives it."""
    return None if value is None else float(f"{value:.{_DIGITS}g}")


def annotations(*texts: str) -> list[Resource]:
    return [{"text": text} for text in texts if text]


def _filled(elements: Resource) -> Resource:
    """Without what is empty: FHIR has no empty text, list or object."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {}, ())}
