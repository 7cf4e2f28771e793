"""What of an option a patient had before, where that is no caution: the regimen, a drug of it, a drug of its class."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from django.utils.translation import gettext as _

from regimens.rules.assessment import Failed
from regimens.rules.evidence import CautionFinding, Regimen, stands_for
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import RECEIVED, Patient
from regimens.rules.wording import all_of_them, one_of_them

from .sentences import ACTIVE


def earlier_treatment(
    regimen: Regimen, cautions: Collection[CautionFinding], patient: Patient, knowledge: Knowledge
) -> Iterator[str]:
    """In words, each with what is known of how it went; nothing that one of the `cautions` says already."""
    regimens = patient.prior_regimens | patient.progressed_on
    drugs = patient.prior_drugs | patient.progressed_on_drugs
    if regimen.slug in regimens:
        yield _("already received; %(outcome)s") % {"outcome": _outcome(regimen.slug in patient.progressed_on, patient)}
        return
    received = Failed.of(regimens, drugs, knowledge)
    failed = Failed.of(patient.progressed_on, patient.progressed_on_drugs, knowledge)
    told = _drugs_told(cautions)
    classes_told = {finding.caution.exposure_class for finding in cautions}
    again = {
        slug
        for slug in regimen.all_drugs & received.all_drugs - told
        if (classes := knowledge.drugs[slug].classes) and classes.isdisjoint(classes_told)
    }
    for other in received.regimens:
        if shared := [group for group in other.drugs if not again.isdisjoint(group)]:
            yield _("%(drugs)s received before (%(regimen)s); %(outcome)s") % {
                "drugs": ", ".join(_one_of(group, knowledge) for group in shared),
                "regimen": other.name,
                "outcome": _outcome(other.slug in patient.progressed_on, patient),
            }
    for slug in sorted(again & drugs):
        yield _("%(drug)s received before; %(outcome)s") % {
            "drug": knowledge.drugs[slug].name,
            "outcome": _outcome(slug in patient.progressed_on_drugs, patient),
        }
    classes_told |= {name for slug in (*again, *told) for name in knowledge.drugs[slug].classes}
    for name in sorted(regimen.classes & received.classes.keys()):
        if name not in classes_told:
            yield _("another drug of the class %(name)s received before (%(regimens)s); %(outcome)s") % {
                "name": knowledge.exposure_classes[name].name,
                "regimens": all_of_them(list(dict.fromkeys(received.classes[name])), ACTIVE),
                "outcome": _outcome(name in failed.classes, patient),
            }


def had_before(
    regimen: Regimen, cautions: Collection[CautionFinding], patient: Patient, knowledge: Knowledge
) -> Iterator[str]:
    """The same in a few words: what of the option was received, by drug or class."""
    regimens = patient.prior_regimens | patient.progressed_on
    drugs = patient.prior_drugs | patient.progressed_on_drugs
    if not regimens and not drugs:
        return
    if regimen.slug in regimens:
        yield _("this regimen")
        return
    received = Failed.of(regimens, drugs, knowledge)
    told, classes_told = _drugs_told(cautions), {finding.caution.exposure_class for finding in cautions}
    for slug in sorted(regimen.all_drugs & received.all_drugs - told):
        yield knowledge.drugs[slug].name
        classes_told |= knowledge.drugs[slug].classes
    for name in sorted(regimen.classes & received.classes.keys() - classes_told):
        yield knowledge.exposure_classes[name].name


def _one_of(group: Sequence[str], knowledge: Knowledge) -> str:
    """A drug, or those of which one was given."""
    return one_of_them([knowledge.drugs[slug].name for slug in group], ACTIVE)


def _outcome(has_failed: bool, patient: Patient) -> str:
    """How it went, as far as that is known of all that was received."""
    if has_failed:
        return _("the disease progressed on it")
    if all(patient.knows(failed) or not patient.values.get(received) for received, failed in RECEIVED):
        return _("no progression on it was entered")
    return _("whether the disease progressed on it is not known")


def _drugs_told(cautions: Collection[CautionFinding]) -> frozenset[str]:
    """The drugs of which a caution of shared resistance says that they were received."""
    leads = [f.caution.drug for f in cautions if not f.caution.is_evidence and f.caution.drug]
    return frozenset[str]().union(*map(stands_for, leads))
