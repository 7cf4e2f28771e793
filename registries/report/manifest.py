"""A manifest as it comes from a folder or from an upload, checked: whoever sends one may send anything."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from registries.engine.summary import COUNTED

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 200_000  # of one counter

Text = Annotated[str, Field(max_length=500)]
Cell = Annotated[str, Field(max_length=200)] | bool | int | float | None
Row = Annotated[list[Cell], Field(min_length=1, max_length=8)]


class ManifestError(ValueError):
    """A text that is no manifest of a ranked registry; the message says what is wrong with it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Release(_Strict):
    name: Text
    published: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Job(_Strict):
    """How it was ranked; see `engine.job.Job`."""

    edition: int
    preference: Text
    nec_only: bool
    draws: bool
    code: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    versions: dict[Text, Text]
    is_synthetic: bool


class Input(_Strict):
    file: Text
    rows: Annotated[int, Field(ge=0)]
    sha256_of_parts: Text


class Caution(_Strict):
    level: Text
    text: Annotated[str, Field(max_length=5_000)]
    features: list[Text]


class Manifest(_Strict):
    """What a report reads of a manifest. `summary` are the counters of `engine.summary.COUNTED`."""

    release: Release
    job: Job
    inputs: list[Input]
    names: dict[Text, Text]
    demonstrated: dict[Text, bool]
    cautions: dict[Text, Caution]
    summary: dict[Text, Annotated[list[Row], Field(max_length=MOST_ROWS)]]

    @model_validator(mode="after")
    def _adds_up(self) -> Manifest:
        if lacking := sorted(COUNTED.keys() - self.summary.keys()):
            raise ValueError(f"the summary has no {lacking[0]}")
        for name, rows in self.summary.items():
            if any(type(row[-1]) is not int or row[-1] < 0 for row in rows):
                raise ValueError(f"summary.{name}: a count is a whole number from 0 on")
            if len({len(row) for row in rows}) > 1:
                raise ValueError(f"summary.{name}: its rows are of several lengths")
        read = sum(each.rows for each in self.inputs)
        counted = sum(self.counter("rows").values())
        if read != counted:
            raise ValueError(f"the files have {read} rows and {counted} are counted")
        return self

    def counter(self, name: str) -> Counter[tuple[Any, ...]]:
        """The counts of a counter, by key."""
        found: Counter[tuple[Any, ...]] = Counter()
        for *key, many in self.summary[name]:
            assert isinstance(many, int)
            found[tuple(key)] += many
        return found

    @property
    def ranked(self) -> int:
        """The patients in scope."""
        return self.counter("rows")[("ranked",)]

    def name_of(self, slug: str) -> str:
        """What a regimen is called."""
        return self.names.get(slug, slug)


def manifest_of(data: bytes) -> Manifest:
    """Raises ManifestError."""
    if len(data) > MOST_BYTES:
        raise ManifestError(f"it has {len(data)} bytes, and at most {MOST_BYTES} are read")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"it is no JSON: {error}") from error
    try:
        return TypeAdapter(Manifest).validate_python(content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in fault["loc"])
        raise ManifestError(f"{place}: {fault['msg'].removeprefix('Value error, ')}".lstrip(": ")) from error
