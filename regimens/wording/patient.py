"""What the app understood of a patient, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from display.cache import kept
from display.numbers import number, percent
from display.punctuation import sign
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import CONDITIONS, FEATURES, REGIONS, TREATMENTS, Patient, Value

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
    "oesophagogastric-junction": gettext_lazy("%(kind)s of the oesophagogastric junction"),
    "stomach": gettext_lazy("Gastric %(kind)s"),
    "small-bowel": gettext_lazy("Small-bowel %(kind)s"),
    "ampulla": gettext_lazy("Ampullary %(kind)s"),
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
GYNAECOLOGICAL_TUMOURS = {
    "cervix": gettext_lazy("Cervical %(kind)s"),
    "endometrium": gettext_lazy("Endometrial %(kind)s"),
    "ovary": gettext_lazy("Ovarian %(kind)s"),
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
# From what a feature follows that was not entered.
REASONS = {
    "platinum_received": gettext_lazy("the treatment received"),
    "platinum_free_interval_months": gettext_lazy("progression on platinum"),
    "progressed_on": gettext_lazy("none being named"),
    "progressed_on_drugs": gettext_lazy("none being named"),
    "kras_g12c": gettext_lazy("no RAS mutation"),
    "ras_mutation": gettext_lazy("KRAS G12C positive"),
    "severe_hepatic_impairment": gettext_lazy("the Child-Pugh class"),
}
# How an empty set is said that follows.
NO_PROGRESSION = {
    "progressed_on": gettext_lazy("no progression on regimens"),
    "progressed_on_drugs": gettext_lazy("no progression on other drugs"),
}
PLATINUM_STATUS = {
    "refractory": gettext_lazy("platinum-refractory"),
    "resistant": gettext_lazy("platinum-resistant"),
    "intermediate": gettext_lazy("platinum-intermediate"),
    "sensitive": gettext_lazy("platinum-sensitive"),
}


def label(name: str) -> str:
    """What a feature is called."""
    return _label(name, get_language())


@kept(most=512)
def _label(name: str, language: str | None) -> str:
    return str(_(FEATURES[name].label))


def patient_sentence(patient: Patient) -> Iterator[tuple[str, bool]]:
    """What was understood, as runs of (text, emphasised)."""
    values = patient.values
    yield _tumour(values), True
    treatment = _platinum(patient)
    if treatment:
        yield f"{sign(';')} {treatment}", False
    status = PLATINUM_STATUS.get(str(values.get("platinum_status")))
    if status:
        yield f"{sign(':')} ", False
        yield str(status), True
    yield ".", False
    if "ecog" in values:
        yield f" {_('ECOG %(grade)s.') % {'grade': values['ecog']}}", False


def _tumour(values: Mapping[str, Value]) -> str:
    site, part = values.get("primary_site"), values.get("gynaecological_site")
    # What is well differentiated is a NET, unless its histology says otherwise.
    kind = KINDS.get(str(values.get("histology"))) or (
        _("NET") if values.get("differentiation") == "well" else _("NEC")
    )
    tumour = GYNAECOLOGICAL_TUMOURS.get(str(part)) or TUMOURS[None if site is None else str(site)]
    text = capfirst(tumour % {"kind": kind})
    differentiation = DIFFERENTIATION.get(str(values.get("differentiation")))
    if differentiation:
        text = differentiation % {"tumour": text}
    ki67 = values.get("ki67")
    return f"{text}, Ki-67 {percent(ki67)}" if isinstance(ki67, (int, float)) else text


def _platinum(patient: Patient) -> str:
    values = patient.values
    received, response = values.get("platinum_received"), values.get("platinum_best_response")
    if received is False:
        return _("no platinum so far")
    parts = []
    if response is not None:
        parts.append(str(RESPONSES[str(response)]))
    elif received:
        parts.append(_("after platinum"))
    months = patient.features.get("platinum_free_interval_months")
    if isinstance(months, (int, float)) and not (response == "PD" and months == 0):
        parts.append(progressed_after(months))
    return ", ".join(parts)


def progressed_after(months: float) -> str:
    """The platinum-free interval as an event."""
    if months == 0:
        return _("progressed during platinum")
    if months == 1:
        return _("progressed after 1 month")
    return _("progressed after %(months)s months") % {"months": number(months)}


def patient_details(patient: Patient, knowledge: Knowledge) -> Iterator[str]:
    """The rest of what was entered and what follows from it, so that every value can be checked against the form."""
    entered = patient.features
    yield from _treatment(patient, knowledge)
    said = {"primary_site", "gynaecological_site", "histology", "ki67", "ecog", "region", *TREATMENTS}
    said |= {"platinum_received", "platinum_best_response", "platinum_free_interval_months", *CONDITIONS}
    if "primary_site" not in entered or entered.get("gynaecological_site") == "other":
        said -= {"gynaecological_site"}
    plain = [
        feature_words(name, entered[name])
        for name in FEATURES
        if name in entered and name not in said and not (name == "differentiation" and entered[name] != "poor")
    ]
    if plain:
        yield capfirst(", ".join(plain))
    present = [_(label) for name, label in CONDITIONS.items() if entered.get(name) is True]
    absent = sum(entered.get(name) is False for name in CONDITIONS)
    if present:
        yield _("Present: %(conditions)s") % {"conditions": ", ".join(present)}
    if absent:
        yield ngettext("%(count)d condition stated absent", "%(count)d conditions stated absent", absent) % {
            "count": absent
        }
    yield from map(capfirst, implied_words(patient))
    region = entered.get("region")
    if region:
        yield _("Region: %(region)s") % {"region": _(REGIONS[str(region)])}
    else:
        yield _("Region not entered: the United States count")


def _treatment(patient: Patient, knowledge: Knowledge) -> Iterator[str]:
    """What was received, and on what of it the disease progressed; a set that nobody knows is not named."""
    named = (
        (
            *("prior_regimens", "progressed_on", knowledge.regimens),
            *(_("Received: %(regimens)s"), _("Progressed on: %(regimens)s")),
        ),
        (
            *("prior_drugs", "progressed_on_drugs", knowledge.drugs),
            *(_("Drugs received outside of these: %(drugs)s"), _("Progressed on drugs: %(drugs)s")),
        ),
    )
    for received, failed, held, words, words_of_failed in named:
        progressed = _slugs(patient, failed)
        if received in patient.features:
            names = [
                _("%(regimen)s (progressed)") % {"regimen": held[slug].name} if slug in progressed else held[slug].name
                for slug in sorted(_slugs(patient, received))
            ]
        elif progressed:
            words, names = words_of_failed, [held[slug].name for slug in sorted(progressed)]
        else:
            continue
        listed = ", ".join(names) or _("none")
        yield words % {"regimens": listed, "drugs": listed}


def _slugs(patient: Patient, name: str) -> frozenset[str]:
    value = patient.values.get(name)
    return value if isinstance(value, frozenset) else frozenset()


def feature_words(name: str, value: Value) -> str:
    """A feature with a value: "MSI / MMR MSI-high or dMMR", "no rapid progression"."""
    return _feature_words(name, value, get_language())


@kept(most=2048)
def _feature_words(name: str, value: Value, language: str | None) -> str:
    feature = FEATURES[name]
    if isinstance(value, bool):
        return str(_(feature.label if value else feature.absent))
    return _("%(feature)s %(value)s") % {"feature": _(feature.label), "value": feature.worded(value, ACTIVE)}


def implied_words(patient: Patient) -> Iterator[str]:
    """What follows from other entries, each with what it follows from.

    Not that a tumour elsewhere has no gynaecological site: the question does not arise.
    """
    for name, value in patient.implied.items():
        if name in REASONS:
            yield _follows(name, str(NO_PROGRESSION[name]) if name in NO_PROGRESSION else feature_words(name, value))


def implied_values(patient: Patient) -> Iterator[tuple[str, str]]:
    """The same for a place that names the feature itself: ("ras_mutation", "yes (follows from KRAS G12C positive)")."""
    for name, value in patient.implied.items():
        if name in REASONS:
            fact = str(NO_PROGRESSION.get(name) or FEATURES[name].worded(value, ACTIVE))
            yield name, _follows(name, fact)


def _follows(name: str, fact: str) -> str:
    return _("%(fact)s (follows from %(reason)s)") % {"fact": fact, "reason": REASONS[name]}


def supposed_words(patient: Patient, supposed: Iterable[str]) -> tuple[str, ...]:
    """The features that are only tried out, with their value."""
    return tuple(feature_words(name, patient.values[name]) for name in supposed if name in patient.values)
