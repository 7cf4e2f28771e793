"""What the app understood of a patient, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..rules.knowledge import Knowledge
from ..rules.patient import CONDITIONS, FEATURES, REGIONS, Patient, Value
from .numbers import plural

SITE_ADJECTIVES = {
    "oesophagus": "Oesophageal",
    "stomach": "Gastric",
    "small-bowel": "Small-bowel",
    "colorectal": "Colorectal",
    "anal": "Anal",
    "pancreas": "Pancreatic",
    "biliary": "Biliary",
    "liver": "Hepatic",
    "gynaecological": "Gynaecological",
    "bladder": "Bladder",
    "prostate": "Prostate",
    "genitourinary": "Genitourinary",
    "head-neck": "Head-and-neck",
    "breast": "Breast",
    "thymus": "Thymic",
    "skin": "Cutaneous",
    "lung": "Pulmonary",
}


def patient_sentence(patient: Patient) -> Iterator[tuple[str, bool]]:
    """What was understood, as runs of (text, emphasised)."""
    values = patient.values
    yield _tumour(values), True
    treatment = _platinum(values)
    if treatment:
        yield f"; {treatment}", False
    status = values.get("platinum_status")
    if status and status != "naive":
        yield ": ", False
        yield f"platinum-{status}", True
    yield ".", False
    if "ecog" in values:
        yield f" ECOG {values['ecog']}.", False


def _tumour(values: Mapping[str, Value]) -> str:
    site, histology = values.get("primary_site"), values.get("histology")
    kind = {"small-cell": "small-cell NEC", "large-cell": "large-cell NEC", "minen": "MiNEN"}.get(str(histology), "NEC")
    if site is None:
        text = f"{kind[:1].upper()}{kind[1:]}, primary site not entered"
    elif site == "unknown-primary":
        text = f"{kind[:1].upper()}{kind[1:]} of unknown primary"
    elif site == "other":
        text = f"{kind[:1].upper()}{kind[1:]} of another site"
    else:
        text = f"{SITE_ADJECTIVES[str(site)]} {kind}"
    differentiation = values.get("differentiation")
    if differentiation in ("well", "uncertain"):
        word = FEATURES["differentiation"].worded(differentiation).lower()
        text += f", {word}ly differentiated" if word == "uncertain" else ", well differentiated"
    return f"{text}, Ki-67 {values['ki67']:g} %" if "ki67" in values else text


def _platinum(values: Mapping[str, Value]) -> str:
    received, response = values.get("platinum_received"), values.get("platinum_best_response")
    if received is False:
        return "no platinum so far"
    parts = []
    if response is not None:
        word = FEATURES["platinum_best_response"].worded(response).lower()
        parts.append(f"{word} {'to' if response in ('CR', 'PR') else 'on'} platinum")
    elif received:
        parts.append("after platinum")
    if "platinum_free_interval_months" in values:
        parts.append(f"progressed after {values['platinum_free_interval_months']:g} months")
    return ", ".join(parts)


def patient_details(patient: Patient, knowledge: Knowledge) -> Iterator[str]:
    """The rest of what was entered, so that every value can be checked against the form."""
    values = patient.values
    if patient.knows("prior_regimens"):
        names = [
            knowledge.names[slug] + (" (progressed)" if slug in patient.progressed_on else "")
            for slug in sorted(patient.prior_regimens)
        ]
        yield f"Received: {', '.join(names) or 'none'}"
    elif patient.progressed_on:
        yield f"Progressed on: {', '.join(knowledge.names[slug] for slug in sorted(patient.progressed_on))}"
    said = {"primary_site", "histology", "ki67", "ecog", "region", "prior_regimens", "progressed_on"}
    said |= {"platinum_received", "platinum_best_response", "platinum_free_interval_months", *CONDITIONS}
    plain = [
        f"{feature.label} {feature.worded(values[name])}"
        for name, feature in FEATURES.items()
        if name in values and name not in said and not (name == "differentiation" and values[name] != "poor")
    ]
    if plain:
        yield f"{plain[0][:1].upper()}{', '.join(plain)[1:]}"
    present = [label for name, label in CONDITIONS.items() if values.get(name) is True]
    absent = sum(values.get(name) is False for name in CONDITIONS)
    if present:
        yield f"Present: {', '.join(present)}"
    if absent:
        yield f"{plural(absent, 'condition', 'conditions')} stated absent"
    region = values.get("region")
    yield f"Region: {REGIONS[str(region)]}" if region else "Region not entered: the United States count"


def supposed_words(patient: Patient, supposed: Iterable[str]) -> tuple[str, ...]:
    """The features that are only tried out, with their value: "MSI / MMR MSI-high or dMMR"."""
    return tuple(
        f"{FEATURES[name].label} {FEATURES[name].worded(patient.values[name])}"
        for name in supposed
        if name in patient.values
    )
