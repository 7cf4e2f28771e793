"""Records to rows: what each says of its patient as features, and what of it is not read, with why."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interop.reading import Reading
from regimens.rules.patient import FEATURES
from registries.engine.work import write

RECORDS_A_FILE = 10_000
UNREAD = "_unread"  # beside the records, where a run that ranks them does not look


@dataclass(frozen=True)
class Unread:
    """Something in a record that gave no feature: the table or resource that it is of, the feature if any, and why."""

    record: int
    where: str
    feature: str
    why: str


@dataclass(frozen=True)
class Read:
    """A record: its number from 1, its key, the features of METHOD, and what is not read of it.

    is_refused   whether it cannot be read at all, so that there is no row of it
    """

    number: int
    key: str
    features: dict[str, Any]
    unread: tuple[Unread, ...]
    is_refused: bool = False


def of_reading(number: int, key: str, reading: Reading, beside: Iterable[Unread] = ()) -> Read:
    """A record as `interop.reading` has read it, with what was not read `beside` it."""
    unread = [*beside]
    unread += [Unread(number, "", feature, why) for feature, why in reading.unknown_because.items()]
    unread += [
        Unread(number, each.resource.partition("/")[0], ";".join(each.features), each.why) for each in reading.ignored
    ]
    return Read(number, key, dict(reading.features), tuple(unread))


def write_records(records: Iterable[Read], out: Path, *, key: str | None) -> dict[str, int]:
    """Records as Parquet for `rank_registry`, `RECORDS_A_FILE` a file; how many were read, refused, and left unsaid.

    The key is written under the name `key`, and not at all without one. The folder is there when it is whole.
    """
    counts = {"read": 0, "refused": 0, "unread": 0}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
        beside = Path(name, "out")
        beside.mkdir()
        for number, some in enumerate(_some_at_a_time(records)):
            rows = [each for each in some if not each.is_refused]
            unread = [one for each in some for one in each.unread]
            counts["read"] += len(rows)
            counts["refused"] += len(some) - len(rows)
            counts["unread"] += len(unread)
            write(beside / f"records-{number:05}.parquet", _as_parquet(_columns(rows, key)))
            write(beside / f"{UNREAD}-{number:05}.parquet", _as_parquet(_unread_columns(unread)))
        beside.replace(out)
    return counts


def _some_at_a_time(records: Iterable[Read]) -> Iterator[list[Read]]:
    some: list[Read] = []
    for each in records:
        some.append(each)
        if len(some) == RECORDS_A_FILE:
            yield some
            some = []
    if some:
        yield some


def _columns(rows: list[Read], key: str | None) -> dict[str, Any]:
    import pyarrow as arrow

    kinds = {"number": arrow.float64(), "count": arrow.int16(), "flag": arrow.bool_()}
    kinds |= {"set": arrow.list_(arrow.string()), "choice": arrow.string()}
    found = {key: arrow.array([each.key for each in rows], type=arrow.string())} if key else {}
    for name, feature in FEATURES.items():
        found[name] = arrow.array([each.features.get(name) for each in rows], type=kinds[feature.kind])
    return found


def _unread_columns(unread: list[Unread]) -> dict[str, Any]:
    import pyarrow as arrow

    texts = {name: [getattr(each, name) for each in unread] for name in ("where", "feature", "why")}
    return {
        "record": arrow.array([each.record for each in unread], type=arrow.int64()),
        **{name: arrow.array(values, type=arrow.string()) for name, values in texts.items()},
    }


def _as_parquet(columns: dict[str, Any]) -> bytes:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    with arrow.BufferOutputStream() as stream:
        parquet.write_table(arrow.table(columns), stream, compression="zstd")
        data: bytes = stream.getvalue().to_pybytes()
    return data
