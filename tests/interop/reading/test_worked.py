"""The worked bundles: what is to be read of each, in any order of the entries, and as NDJSON."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from interop.reading import Reading, Refused
from regimens.rules.patient import FEATURES
from tests.interop.shared import bundle, expected, needs_shared, worked

pytestmark = needs_shared

Read = Callable[..., Reading]


def told(plain: dict[str, Any]) -> dict[str, Any]:
    """What a reading says, without the order of its lists."""
    features = {name: sorted(value) if isinstance(value, list) else value for name, value in plain["features"].items()}
    return {
        "features": features,
        "conflicts": sorted(plain["conflicts"]),
        "ignored": sorted((each["resource"], each["why"]) for each in plain["ignored"]),
        "unknown_because": plain["unknown_because"],
    }


def others(name: str) -> Iterator[bytes]:
    """The same bundle in other orders, as an array and as NDJSON."""
    whole = bundle(name)
    drawn = random.Random(name)  # noqa: S311 - an order, no secret
    for _ in range(5):
        drawn.shuffle(whole["entry"])
        yield json.dumps(whole).encode()
    for entry in whole["entry"]:
        # Outside of a Bundle a resource has no fullUrl, and is found by its id.
        entry["resource"].setdefault("id", entry["fullUrl"].rpartition(":")[2].rpartition("/")[2])
    resources = [entry["resource"] for entry in whole["entry"]]
    yield json.dumps(resources).encode()
    yield "\n".join(json.dumps(each) for each in resources).encode()


@pytest.mark.parametrize("name", worked())
def test_a_worked_bundle(name: str, reading: Read) -> None:
    wanted = expected(name)
    whole = json.dumps(bundle(name)).encode()
    if "error" in wanted:
        for data in (whole, *others(name)):
            with pytest.raises(Refused) as refused:
                reading(data)
            assert refused.value.reason == wanted["error"]
        return
    assert told(reading(whole).as_plain()) == told(wanted)
    for data in others(name):
        assert told(reading(data).as_plain()) == told(wanted)


def test_every_feature_says_on_what_it_rests(reading: Read) -> None:
    for name in worked():
        if "error" in expected(name):
            continue
        found = reading(json.dumps(bundle(name)).encode())
        ids = {f"{each['resource']['resourceType']}/{each['resource'].get('id')}" for each in bundle(name)["entry"]}
        urls = {each["fullUrl"] for each in bundle(name)["entry"]}
        for feature in found.features:
            sources = found.provenance[feature]
            assert sources, (name, feature)
            assert {source.resource for source in sources} <= ids | urls


def test_figures() -> None:
    """As many bundles, features, conflicts, ignored resources and reasons as INTEROP, section 12, counts."""
    every = [expected(name) for name in worked()]
    read = [each for each in every if "error" not in each]
    counted = Counter({key: sum(len(each[key]) for each in read) for key in ("features", "conflicts", "ignored")})
    reasons = sum(len(each["unknown_because"]) for each in read)
    assert (len(every), *counted.values(), reasons) == (24, 76, 3, 43, 30)
    assert all(each["features"].keys() <= FEATURES.keys() for each in read)
