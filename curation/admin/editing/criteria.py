"""The field of a criterion: lines of text, or rows with a script, with what they read as and whom they hold for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from curation.review.effect import reference_patients
from regimens.models.base import NEVER
from regimens.rules.logic import COMPARISONS, CriterionError, check_criterion, describe, evaluate
from regimens.rules.patient import CONDITIONS, DERIVED, FEATURES, Feature, Patient, Value, Vocabulary

from .criterion_text import ALL_FEATURES, EVERYBODY, CriterionTextError, from_text, to_text

NO_NAMES: Mapping[str, str] = {}
GROUPS = (
    (_("Tumour"), ("primary_site", "gynaecological_site", "histology", "differentiation", "ki67")),
    (
        _("Treatment so far"),
        (
            *("platinum_received", "platinum_best_response", "platinum_free_interval_months", "platinum_status"),
            *("prior_regimens", "progressed_on", "prior_drugs", "progressed_on_drugs"),
            *("lines_received", "lines_next", "rapid_progression"),
        ),
    ),
    (
        _("Biomarkers"),
        (
            *(
                "msi",
                "tmb",
                "tmb_high",
                "braf_v600e",
                "kras_g12c",
                "ras_mutation",
                "ntrk",
                "ret",
                "her2",
                "dll3",
                "sstr",
            ),
            *("rb1_loss", "mgmt_methylated", "pd_l1_cps", "dpd", "ugt1a1"),
        ),
    ),
    (
        _("Organs and performance"),
        (
            *("ecog", "bilirubin_uln", "ast_alt_uln", "child_pugh", "creatinine_clearance", "anc", "platelets"),
            *("proteinuria", "neuropathy_grade", "lvef", "qtcf"),
        ),
    ),
    (_("Conditions and drugs"), tuple(CONDITIONS)),
    (_("Where treated"), ("tce_centre", "region")),
)
OPERATORS = {"at_least": "at least", "above": "above", "at_most": "at most", "below": "below", "is": "is"}


@dataclass(frozen=True)
class CriterionEdited:
    """A criterion as it stands while it is edited.

    tree       the criterion itself, null for everybody, or "never"
    text       the same as lines of text
    sentence   as it reads on the pages
    holds, fails, unknown   labels of the reference patients for whom it holds, does not, or cannot be known
    problem    why it is no criterion; the rest is empty then
    """

    tree: Any = None
    text: str = ""
    sentence: str = ""
    holds: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    problem: str = ""

    @property
    def counts(self) -> str:
        """Of the reference patients, in words."""
        if self.problem:
            return ""
        among = len(self.holds) + len(self.fails) + len(self.unknown)
        said = gettext(
            "Of %(among)s reference patients it holds for %(holds)s, does not for %(fails)s, and cannot be known for "
            "%(unknown)s."
        )
        counts = {"holds": len(self.holds), "fails": len(self.fails), "unknown": len(self.unknown)}
        return said % {"among": among, **counts}

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"counts": self.counts}


def read(text: str, *, may_be_never: bool = False, names: Mapping[str, str] = NO_NAMES) -> CriterionEdited:
    """What a text says of whom; empty is everybody. `names` are those of regimens and drugs by slug."""
    try:
        return reading(understood(text, may_be_never=may_be_never), names=names)
    except (CriterionTextError, CriterionError) as error:
        return CriterionEdited(text=text, problem=str(error))


def understood(text: str, *, may_be_never: bool = False) -> Any:
    """The criterion of a text, checked; None for everybody. Raises CriterionTextError, CriterionError."""
    if may_be_never and text.strip().casefold() == NEVER:
        return NEVER
    criterion = from_text(text)
    check_criterion(criterion)
    return criterion or None


def reading(criterion: Any, *, names: Mapping[str, str] = NO_NAMES) -> CriterionEdited:
    """Of a checked criterion, None or "never"."""
    labels: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for label, values in _reference_values().items():
        truth = False if criterion == NEVER else evaluate(criterion or {}, values)
        labels[truth].append(label)
    if criterion == NEVER:
        said, text = "nobody: shown, never pooled", NEVER
    else:
        said = describe(criterion, names=names) if criterion else EVERYBODY
        text = to_text(criterion) if criterion else ""
    return CriterionEdited(criterion, text, said, tuple(labels[True]), tuple(labels[False]), tuple(labels[None]))


def operators_of(feature: Feature) -> tuple[str, ...]:
    """The operators that a feature is compared with, most usual first."""
    if feature.kind == "set":
        return ("includes",)
    if feature.kind == "count":
        return ("is", *COMPARISONS)
    return tuple(COMPARISONS) if feature.kind == "number" else ("is",)


@dataclass(frozen=True)
class FeatureHelp:
    """A feature as the list beside the form explains it."""

    label: str
    operators: str
    values: str


def vocabulary() -> list[tuple[str, list[FeatureHelp]]]:
    """What a criterion may say, by groups of features."""
    return [(str(title), [_help(ALL_FEATURES[name]) for name in names]) for title, names in GROUPS]


def vocabulary_json(*, regimens: Mapping[str, str], drugs: Mapping[str, str]) -> dict[str, Any]:
    """The same for the script that shows criteria as rows."""
    return {
        "groups": [[str(title), list(names)] for title, names in GROUPS],
        "features": {
            name: {
                "label": feature.label,
                "kind": feature.kind,
                "operators": list(operators_of(feature)),
                "values": dict(feature.values),
                "low": feature.low,
                "high": feature.high,
                "unit": feature.unit,
                "holds": feature.holds if feature.kind == "set" else "",
            }
            for name, feature in ALL_FEATURES.items()
        },
        "operators": OPERATORS | {"includes": "include"},
        "regimens": dict(regimens),
        "drugs": dict(drugs),
    }


class CriterionWidget(forms.Textarea):
    """Lines of text with what they read as; `static/admin-criteria.js` shows them as rows instead."""

    template_name = "curation/editing/criterion.html"
    may_be_never = False
    empty: str | Promise = EVERYBODY
    names: Mapping[str, str] = NO_NAMES

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        text = value or ""
        rows = max(2, min(2 + text.count("\n"), 10))
        context = super().get_context(name, value, {**(attrs or {}), "rows": rows})
        context |= {"tree": "", "empty": self.empty, "may_be_never": self.may_be_never}
        context |= {"reads": gettext("Reads:"), "how": gettext("How a criterion is written"), "is_english": True}
        current = read(text, may_be_never=self.may_be_never, names=self.names)
        if current.problem:
            return context
        context["tree"] = json.dumps(current.tree)
        if current.tree is None:
            return context | {"sentence": self.empty, "counts": "", "is_english": False}
        return context | {"sentence": current.sentence, "counts": current.counts}


class CriterionField(forms.CharField):
    """A criterion; the value is the criterion, `blank_value` where nothing is said, or "never" where it may be.

    empty   what a criterion left empty says, in words
    """

    look = "criterion"
    widget = CriterionWidget

    def __init__(self, *, empty: str | Promise, blank_value: Any = None, may_be_never: bool = False, **kwargs: Any):
        self.blank_value, self.may_be_never, self.empty = blank_value, may_be_never, empty
        super().__init__(**{"required": False, "strip": False} | kwargs)
        self.widget.may_be_never, self.widget.empty = may_be_never, empty

    def offer(self, names: Mapping[str, str]) -> None:
        """The regimens and drugs that a criterion may name, by slug."""
        self.widget.names = names

    def prepare_value(self, value: Any) -> Any:
        return to_text(value) if isinstance(value, dict) and value else ("" if value == {} else value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value) or ""
        try:
            criterion = understood(text, may_be_never=self.may_be_never)
        except (CriterionTextError, CriterionError) as error:
            raise forms.ValidationError(str(error), code="criterion") from error
        return self.blank_value if criterion is None else criterion


@cache
def _reference_values() -> dict[str, Mapping[str, Value]]:
    """What is known of each reference patient, whatever the release knows."""
    found = {}
    for patient in reference_patients():
        named = {
            holds: frozenset(
                slug
                for name, one in FEATURES.items()
                if one.kind == "set" and one.holds == holds
                for slug in patient.features.get(name, ())
            )
            for holds in ("regimens", "drugs")
        }
        found[patient.label] = Patient.from_features(patient.features, vocabulary=Vocabulary(**named)).values
    return found


def _help(feature: Feature) -> FeatureHelp:
    operators = ", ".join((OPERATORS | {"includes": "include"})[name] for name in operators_of(feature))
    if feature.kind == "choice":
        values = ", ".join(feature.values)
    elif feature.kind == "flag":
        values = "yes, no"
    elif feature.kind == "set":
        values = f"slugs of {feature.holds}"
    else:
        values = f"{feature.low:g} to {feature.high:g}{f' {feature.unit}' if feature.unit else ''}"
    return FeatureHelp(feature.label, operators, values)


_SHOWN = {name for _title, names in GROUPS for name in names}
assert {*FEATURES, *DERIVED} == _SHOWN, "every feature stands in one group"
