"""Patients who were drawn, to try registries out: by the prevalence figures of a release, and otherwise by plain rules.

Biomarkers are positive as often as the release says for the site (`Prevalence.chance`); one of which it says nothing is
not tested. It does not say how sites, laboratory values or treatments are spread: those are drawn by the rules below,
which claim nothing of any hospital. Survival does not depend on what was given. Every file says that its patients were
drawn.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from regimens.rules.evidence import covers
from regimens.rules.knowledge import Knowledge
from regimens.rules.missing_tests import POSITIVE_VALUE
from regimens.rules.patient import FEATURES, TMB_HIGH_FROM

from .engine.mapping import DIED, MONTHS, TREATMENT
from .engine.sources import SYNTHETIC
from .engine.work import write

PATIENTS_A_FILE = 50_000
SEED = 1

# How often a site is drawn, for one time that any other is.
SITES = {
    "colorectal": 5,
    "pancreas": 4,
    "oesophagus": 4,
    "stomach": 4,
    "bladder": 4,
    "gynaecological": 4,
    "prostate": 4,
}
NEGATIVE = {"msi": "stable", "her2": "negative"}
FIRST_LINE = "etoposide-platinum"
MOST_MONTHS_FOLLOWED = 36


def make(many: int, out: Path, knowledge: Knowledge, *, seed: int = SEED) -> list[Path]:
    """So many patients as Parquet, `PATIENTS_A_FILE` a file: the same ones for the same seed and release."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    written = []
    for number, start in enumerate(range(0, many, PATIENTS_A_FILE)):
        drawn = _Drawn(knowledge, random.Random(f"{seed} {number}"))  # noqa: S311 - draws examples, no secrets
        rows = [drawn.patient() for _ in range(min(PATIENTS_A_FILE, many - start))]
        columns = {name: [row.get(name) for row in rows] for name in _columns()}
        columns["id"] = [f"synthetic-{start + offset:08}" for offset in range(len(rows))]
        table = arrow.table(columns, schema=_schema()).replace_schema_metadata(SYNTHETIC)
        with arrow.BufferOutputStream() as stream:
            parquet.write_table(table, stream, compression="zstd")
            path = out / f"synthetic-{number:05}.parquet"
            write(path, stream.getvalue().to_pybytes())
        written.append(path)
    return written


def _columns() -> tuple[str, ...]:
    return ("id", *FEATURES, TREATMENT, MONTHS, DIED)


def _schema() -> Any:
    import pyarrow as arrow

    kinds = {"number": arrow.float64(), "count": arrow.int16(), "flag": arrow.bool_()}
    kinds |= {"set": arrow.list_(arrow.string()), "choice": arrow.string()}
    features = [(name, kinds[feature.kind]) for name, feature in FEATURES.items()]
    outcome = [(TREATMENT, arrow.string()), (MONTHS, arrow.int16()), (DIED, arrow.bool_())]
    return arrow.schema([("id", arrow.string()), *features, *outcome])


class _Drawn:
    """Draws one patient after another."""

    def __init__(self, knowledge: Knowledge, source: random.Random):
        self.source, self.knowledge = source, knowledge
        sites = list(FEATURES["primary_site"].values)
        self.sites = sites, [SITES.get(site, 1) for site in sites]
        self.later = [each.slug for each in knowledge.ranked_regimens if not each.holds_platinum and each.drugs]
        self.hazard = math.log(2) / knowledge.benchmark.typical("os")

    def patient(self) -> dict[str, Any]:
        """Features without a contradiction, half of the tests done, and what was given and came of it."""
        source = self.source
        site = source.choices(*self.sites)[0]
        found: dict[str, Any] = {"primary_site": site, "region": source.choice(["US", "EU", "EU", "UK", "JP"])}
        found |= self._tumour(site) | self._course() | self._state()
        for feature in POSITIVE_VALUE:
            chance = self._chance(feature, site)
            if chance is not None and source.random() < 0.5:
                found[feature] = self._test(feature, chance)
        found |= self._outcome()
        return found

    def _tumour(self, site: str) -> dict[str, Any]:
        source = self.source
        histology = source.choices(["small-cell", "large-cell", "nos", "minen"], [4, 4, 3, 1])[0]
        well = histology in ("large-cell", "nos") and source.random() < 0.04
        found: dict[str, Any] = {"histology": histology, "differentiation": "well" if well else "poor"}
        if site == "gynaecological":
            found["gynaecological_site"] = source.choice(list(FEATURES["gynaecological_site"].values))
        if source.random() < 0.9:
            found["ki67"] = float(round(source.triangular(20, 100, 80)))
        return found

    def _course(self) -> dict[str, Any]:
        source = self.source
        lines = source.choices([1, 2, 3], [6, 3, 1])[0]
        received = [FIRST_LINE, *source.sample(self.later, lines - 1)]
        response = source.choices(["CR", "PR", "SD", "PD"], [1, 8, 5, 4])[0]
        found: dict[str, Any] = {"platinum_received": True, "lines_received": lines, "prior_regimens": received}
        found["platinum_best_response"] = response
        failed = [slug for slug in received[1:] if source.random() < 0.8]
        if response == "PD":
            failed.append(FIRST_LINE)
        else:
            found["platinum_free_interval_months"] = round(min(source.expovariate(1 / 5), 24), 1)
        if source.random() < 0.8:
            found["progressed_on"] = failed
        return found

    def _state(self) -> dict[str, Any]:
        source = self.source
        found: dict[str, Any] = {"ecog": source.choices([0, 1, 2, 3], [3, 5, 2, 1])[0]}
        if source.random() < 0.7:
            found["creatinine_clearance"] = round(min(max(source.gauss(80, 22), 12), 150), 0)
            found["anc"] = round(min(max(source.gauss(4.5, 1.8), 0.3), 20), 1)
            found["platelets"] = round(min(max(source.gauss(230, 80), 15), 700), 0)
        if source.random() < 0.6:
            found["bilirubin_uln"] = round(min(source.lognormvariate(-0.6, 0.6), 12), 1)
            found["ast_alt_uln"] = round(min(source.lognormvariate(-0.3, 0.7), 25), 1)
        for name in ("neuropathy_grade", "brain_metastases_untreated", "autoimmune_active", "active_infection", "ild"):
            if source.random() < 0.5:
                is_there = source.random() < 0.06
                found[name] = (source.choice([1, 2]) if is_there else 0) if name == "neuropathy_grade" else is_there
        return found

    def _test(self, feature: str, chance: float) -> Any:
        is_positive = self.source.random() < chance
        if feature == "tmb":
            low, high = (TMB_HIGH_FROM, 60) if is_positive else (0, TMB_HIGH_FROM - 0.1)
            return round(self.source.uniform(low, high), 1)
        return POSITIVE_VALUE[feature] if is_positive else NEGATIVE.get(feature, "negative")

    def _chance(self, feature: str, site: str) -> float | None:
        """The figure that a missing test uses: of the site, of a group that holds it, of any (METHOD, section 10)."""
        figures: Sequence[Any] = self.knowledge.prevalence.get(feature, ())
        fitting = [each for each in figures if site in each.sites]
        fitting += [each for each in figures if covers(each.sites, site)]
        fitting += [each for each in figures if "any" in each.sites]
        return fitting[0].chance if fitting else None

    def _outcome(self) -> Mapping[str, Any]:
        """Death at the rate of the benchmark, whatever was given; some are still followed."""
        if self.source.random() < 0.3:
            return {}
        survived, followed = self.source.expovariate(self.hazard), self.source.uniform(1, MOST_MONTHS_FOLLOWED)
        given = {TREATMENT: self.source.choice(["folfiri", "folfox", "topotecan", *self.later[:3]])}
        return given | {MONTHS: int(min(survived, followed)), DIED: survived <= followed}
