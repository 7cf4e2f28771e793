"""What the app understood of a patient, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.numbers import number, percent
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import CONDITIONS, FEATURES, REGIONS, Patient, Value

from .sentences import ACTIVE

KINDS = {
    "small-cell": gettext_lazy("small-cell NEC"),
    "large-cell": gettext_lazy("large-cell NEC"),
    "minen": gettext_lazy("MiNEN"),
}
# A tumour by its primary site; `%(kind)s` is one of KINDS, or NEC.
TUMOURS = {
    None: gettext_lazy("%(kind)s, primary site not entered"),
    "oesophagus": gettext_lazy("Oesophageal %(kind)s"),
    "stomach": gettext_lazy("Gastric %(kind)s"),
    "small-bowel": gettext_lazy("Small-bowel %(kind)s"),
    "colorectal": gettext_lazy("Colorectal %(kind)s"),
    "anal": gettext_lazy("Anal %(kind)s"),
    "pancreas": gettext_lazy("Pancreatic %(kind)s"),
    "biliary": gettext_lazy("Biliary %(kind)s"),
    "liver": gettext_lazy("Hepatic %(kind)s"),
    "gynaecological": gettext_lazy("Gynaecological %(kind)s"),
    "bladder": gettext_lazy("Bladder %(kind)s"),
    "prostate": gettext_lazy("Prostate %(kind)s"),
    "genitourinary": gettext_lazy("Genitourinary %(kind)s"),
    "head-neck": gettext_lazy("Head-and-neck %(kind)s"),
    "breast": gettext_lazy("Breast %(kind)s"),
    "thymus": gettext_lazy("Thymic %(kind)s"),
    "skin": gettext_lazy("Cutaneous %(kind)s"),
    "lung": gettext_lazy("Pulmonary %(kind)s"),
    "unknown-primary": gettext_lazy("%(kind)s of unknown primary"),
    "other": gettext_lazy("%(kind)s of another site"),
}
DIFFERENTIATION = {
    "well": gettext_lazy("%(tumour)s, well differentiated"),
    "uncertain": gettext_lazy("%(tumour)s, uncertainly differentiated"),
}
RESPONSES = {
    "CR": gettext_lazy("complete response to platinum"),
    "PR": gettext_lazy("partial response to platinum"),
    "SD": gettext_lazy("stable disease on platinum"),
    "PD": gettext_lazy("progression on platinum"),
}
PLATINUM_STATUS = {
    "refractory": gettext_lazy("platinum-refractory"),
    "resistant": gettext_lazy("platinum-resistant"),
    "intermediate": gettext_lazy("platinum-intermediate"),
    "sensitive": gettext_lazy("platinum-sensitive"),
}


def patient_sentence(patient: Patient) -> Iterator[tuple[str, bool]]:
    """What was understood, as runs of (text, emphasised)."""
    values = patient.values
    yield _tumour(values), True
    treatment = _platinum(values)
    if treatment:
        yield f"; {treatment}", False
    status = PLATINUM_STATUS.get(str(values.get("platinum_status")))
    if status:
        yield ": ", False
        yield str(status), True
    yield ".", False
    if "ecog" in values:
        yield f" {_('ECOG %(grade)s.') % {'grade': values['ecog']}}", False


def _tumour(values: Mapping[str, Value]) -> str:
    site = values.get("primary_site")
    kind = KINDS.get(str(values.get("histology")), "NEC")
    text = capfirst(TUMOURS[None if site is None else str(site)] % {"kind": kind})
    differentiation = DIFFERENTIATION.get(str(values.get("differentiation")))
    if differentiation:
        text = differentiation % {"tumour": text}
    ki67 = values.get("ki67")
    return f"{text}, Ki-67 {percent(ki67)}" if isinstance(ki67, (int, float)) else text


def _platinum(values: Mapping[str, Value]) -> str:
    received, response = values.get("platinum_received"), values.get("platinum_best_response")
    if received is False:
        return _("no platinum so far")
    parts = []
    if response is not None:
        parts.append(str(RESPONSES[str(response)]))
    elif received:
        parts.append(_("after platinum"))
    months = values.get("platinum_free_interval_months")
    if isinstance(months, (int, float)):
        parts.append(_("progressed after %(months)s months") % {"months": number(months)})
    return ", ".join(parts)


def patient_details(patient: Patient, knowledge: Knowledge) -> Iterator[str]:
    """The rest of what was entered, so that every value can be checked against the form."""
    values = patient.values
    if patient.knows("prior_regimens"):
        names = [
            _("%(regimen)s (progressed)") % {"regimen": knowledge.names[slug]}
            if slug in patient.progressed_on
            else knowledge.names[slug]
            for slug in sorted(patient.prior_regimens)
        ]
        yield _("Received: %(regimens)s") % {"regimens": ", ".join(names) or _("none")}
    elif patient.progressed_on:
        failed = ", ".join(knowledge.names[slug] for slug in sorted(patient.progressed_on))
        yield _("Progressed on: %(regimens)s") % {"regimens": failed}
    said = {"primary_site", "histology", "ki67", "ecog", "region", "prior_regimens", "progressed_on"}
    said |= {"platinum_received", "platinum_best_response", "platinum_free_interval_months", *CONDITIONS}
    plain = [
        feature_words(name, values[name])
        for name in FEATURES
        if name in values and name not in said and not (name == "differentiation" and values[name] != "poor")
    ]
    if plain:
        yield capfirst(", ".join(plain))
    present = [_(label) for name, label in CONDITIONS.items() if values.get(name) is True]
    absent = sum(values.get(name) is False for name in CONDITIONS)
    if present:
        yield _("Present: %(conditions)s") % {"conditions": ", ".join(present)}
    if absent:
        yield ngettext("%(count)d condition stated absent", "%(count)d conditions stated absent", absent) % {
            "count": absent
        }
    region = values.get("region")
    if region:
        yield _("Region: %(region)s") % {"region": _(REGIONS[str(region)])}
    else:
        yield _("Region not entered: the United States count")


def feature_words(name: str, value: Value) -> str:
    """A feature with a value: "MSI / MMR MSI-high or dMMR"."""
    feature = FEATURES[name]
    return f"{_(feature.label)} {feature.worded(value, ACTIVE)}"


def supposed_words(patient: Patient, supposed: Iterable[str]) -> tuple[str, ...]:
    """The features that are only tried out, with their value."""
    return tuple(feature_words(name, patient.values[name]) for name in supposed if name in patient.values)
