"""What a section of the patient form says while it is folded: what was answered in it, and what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from display.numbers import percent
from display.punctuation import sign
from regimens.rules.patient import CONDITIONS, FEATURES, REGIONS
from regimens.wording.citations import lower_first
from regimens.wording.patient import RESPONSES, feature_words, label, progressed_after
from regimens.wording.sentences import ACTIVE

from .form_layout import FURTHER_MARKERS, MAIN_MARKERS, ORGANS, PERSON

if TYPE_CHECKING:
    from .patient_form import PatientForm

NAMED = 3  # so many unknown facts are named, the others counted


@dataclass(frozen=True)
class Summary:
    """Both parts are sentences or empty."""

    known: str
    unknown: str


def summary(form: PatientForm, section: str) -> Summary:
    """What is wrong is neither known nor unknown: its section is open, and says so."""
    form.is_valid()
    return Summary(*_SAID[section](form))


def _tumour(form: PatientForm) -> tuple[str, str]:
    names = ["primary_site", "gynaecological_site", "histology", "differentiation", "ki67"]
    if form.sent("primary_site") != ["gynaecological"] and not form.sent("gynaecological_site"):
        names.remove("gynaecological_site")  # the question does not arise
    known = [
        f"{label(name)} {percent(value)}" if name == "ki67" else FEATURES[name].worded(value, ACTIVE)
        for name, value in _known(form, names)
    ]
    return _sentence(known), _lacking(_labels(form, _unknown(form, names)), is_nothing_known=not known)


def _treatment(form: PatientForm) -> tuple[str, str]:
    cleaned, known = form.cleaned_data, []
    first_line = cleaned.get("first_line_platinum")
    if first_line:
        known.append(str(dict(form.fields["first_line_platinum"].choices)[first_line]))
    if response := cleaned.get("platinum_best_response"):
        known.append(str(RESPONSES[response]))
    months = cleaned.get("platinum_free_interval_months")
    if months is not None and not (response == "PD" and months == 0):
        known.append(progressed_after(months))
    if (lines := cleaned.get("lines_received")) is not None:
        known.append(ngettext("%(count)d line", "%(count)d lines", lines) % {"count": lines})
    if cleaned.get("rapid_progression"):
        known.append(feature_words("rapid_progression", cleaned["rapid_progression"] == "true"))
    others = form.received_summary
    if not others.is_unknown:
        known.append(_("other treatment: %(treatments)s") % {"treatments": others.words})
    names = ["platinum_best_response", "platinum_free_interval_months", "lines_received"]
    if first_line == "not-given":
        names = names[2:]
    lacking = [] if first_line or "first_line_platinum" in form.errors else [_("first-line platinum")]
    lacking += _labels(form, _unknown(form, names))
    if others.is_unknown and "received" not in form.notes and not form.is_treatment_entered:
        lacking.append(_("other treatment"))
    return _sentence(known), _lacking(lacking, is_nothing_known=not known)


def _markers(form: PatientForm) -> tuple[str, str]:
    names = (*MAIN_MARKERS, *FURTHER_MARKERS)
    known = [feature_words(name, value) for name, value in _known(form, names)]
    return _sentence(known), _lacking(_labels(form, _unknown(form, names)), is_nothing_known=not known)


def _patient(form: PatientForm) -> tuple[str, str]:
    names = (*PERSON, *ORGANS)
    known = [feature_words(name, value) for name, value in _known(form, names)]
    conditions = form.condition_summary
    unknown = [name for name in CONDITIONS if _is_unknown(form, name)]
    if form.sent("conditions"):
        known.append(conditions.words)
    if not unknown and not form.errors:
        known.append(_("no other condition") if form.sent("conditions") else _("no condition that matters"))
    lacking = _labels(form, _unknown(form, names))
    if unknown:
        counted = ngettext("%(count)d condition", "%(count)d conditions", len(unknown)) % {"count": len(unknown)}
        lacking.append(counted)
    return _sentence(known), _lacking(lacking, is_nothing_known=not known, last=bool(unknown))


def _place(form: PatientForm) -> tuple[str, str]:
    said = [_(REGIONS[region]) for region in [form.cleaned_data.get("region")] if region]
    for name, value in (("preference", form.chosen_preference), ("evidence", "nec" if form.is_nec_only else "all")):
        field = form.fields[name]
        said.append(f"{field.label}{sign(':')} {lower_first(str(dict(field.choices)[value]))}")
    return ". ".join(capfirst(each) for each in said) + ".", "" if len(said) > 2 else _("Region not chosen.")


_SAID = {
    "tumour": _tumour,
    "treatment": _treatment,
    "markers": _markers,
    "patient": _patient,
    "place": _place,
}


def _known(form: PatientForm, names: Iterable[str]) -> Iterator[tuple[str, object]]:
    """What was entered and is right."""
    flags = {"true": True, "false": False}
    for name in names:
        value = form.cleaned_data.get(name)
        if value not in (None, ""):
            yield name, flags[value] if FEATURES[name].kind == "flag" else value


def _unknown(form: PatientForm, names: Iterable[str]) -> list[str]:
    return [name for name in names if _is_unknown(form, name)]


def _is_unknown(form: PatientForm, name: str) -> bool:
    """Whether a feature was neither entered nor follows from what was."""
    patient = form.understood
    if patient is not None:
        return not patient.knows(name)
    if name in CONDITIONS:
        return not (form.sent("others_absent") or name in (*form.sent("conditions"), *form.sent("absent")))
    return not form.sent(name) and form.cleaned_data.get(name) in (None, "")


def _labels(form: PatientForm, names: Iterable[str]) -> list[str]:
    return [ACTIVE.text(FEATURES[name].label) for name in names]


def _sentence(words: list[str]) -> str:
    said = capfirst(", ".join(words))
    return said if said.endswith(".") else f"{said}." if said else ""  # an abbreviation ends with one already


def _lacking(names: list[str], *, is_nothing_known: bool, last: bool = False) -> str:
    """What is not known: the first are named, and the last where that is a count itself."""
    if not names:
        return ""
    shown = names
    if len(names) > NAMED + 1:
        kept = [*names[: NAMED - 1], names[-1]] if last else names[:NAMED]
        more = len(names) - len(kept)
        listed = _("%(names)s and %(count)s more") % {"names": ", ".join(kept), "count": more}
    else:
        listed = ", ".join(shown)
    message = _("None known: %(names)s.") if is_nothing_known else _("Not known: %(names)s.")
    return message % {"names": listed}
