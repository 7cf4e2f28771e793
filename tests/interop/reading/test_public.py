"""Every public example is read without a crash, and the few that say something of a feature say what they should."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interop.reading import Reading, Refused
from tests.interop.shared import examples, needs_shared, shared

pytestmark = needs_shared

Read = Callable[..., Reading]

SEVERAL_PATIENTS = {
    "patient_data.json",
    "patient_data_missing_histology_morph.json",
    "patient_data_missing_birthdate_invalid_ecog_karnofsky.json",
}


@pytest.mark.parametrize(("folder", "count"), [("mcode", 179), ("genomics", 204)])
def test_every_example_is_read(folder: str, count: int, reading: Read) -> None:
    found = {path.name: reading(path.read_bytes()) for path in examples(folder)}
    assert len(found) == count
    assert sum(bool(each.features) for each in found.values()) >= 5


def test_trial_matching_is_read_or_refused_in_words(reading: Read) -> None:
    refused = {}
    for path in examples("trial-matching"):
        try:
            reading(path.read_bytes())
        except Refused as error:
            refused[path.name] = error.reason
    assert len(examples("trial-matching")) == 6
    assert refused == dict.fromkeys(SEVERAL_PATIENTS, "several-patients")


@pytest.mark.parametrize(
    ("folder", "name", "features"),
    [
        ("mcode", "Bundle-gx-genomic-bundle-adam-anyperson.json", {"tmb": 57.1, "braf_v600e": "negative"}),
        ("mcode", "Bundle-mcode-patient-bundle-jenny-m.json", {"ecog": 0, "her2": "negative"}),
        (
            "mcode",
            "MedicationRequest-cancer-related-medication-request-cisplatin-stopped.json",
            {"platinum_received": True},
        ),
        ("genomics", "Bundle-bundle-oncology-diagnostic.json", {"braf_v600e": "positive", "tmb": 25}),
    ],
)
def test_what_an_example_says(folder: str, name: str, features: dict[str, object], reading: Read) -> None:
    found = reading(shared(folder, name).read_bytes()).features
    assert features.items() <= found.items()


def test_a_gene_with_the_code_of_another_is_not_read(reading: Read) -> None:
    """mCODE's example of absent variants has the code of NRAS with the display "KIT"."""
    found = reading(
        shared("mcode", "Observation-gx-genomic-variant-pertinent-negative-nras-kit-braf.json").read_bytes()
    )
    assert found.features == {"braf_v600e": "negative"}
    assert found.unknown_because == {"ras_mutation": "display"}
