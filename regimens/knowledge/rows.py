"""An entry of the evidence base as rows of the database: which rows it makes, what is wrong with them, writing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from regimens.models import (
    Biomarker,
    Caution,
    Cohort,
    Drug,
    DrugCaution,
    ExposureClass,
    Finding,
    GuidelineStatement,
    Indication,
    IndicationSource,
    LeadDrug,
    Licence,
    Prevalence,
    Publication,
    Regimen,
    RegimenDrug,
    RegionalAvailability,
    Study,
    StudyReport,
    SurvivalRate,
    Trial,
)
from regimens.models.cohort_figures import WITH_INTERVAL

from .document import (
    APPLIES_TO,
    CAUTION_KEYS,
    COHORT_FIELDS,
    COHORT_KEYS,
    ENTRIES,
    NOTICE,
    PREVALENCE_FIELDS,
    PUBLICATION_FIELDS,
    REGIMEN_FIELDS,
    SOURCED,
    STUDY_FIELDS,
)

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A row to be: its values by field, without what relates it to others.

    path, keys   lead back to the entry: where its part stands, and which key a field is there ("" for the part itself)
    """

    model: type[models.Model]
    values: dict[str, Any]
    path: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> Iterator[tuple[str, Any, str]]:
        """Place in the entry, value and rule of everything that the model refuses."""
        row = self.model(**self.values)
        related = {one.name for one in self.model._meta.get_fields() if one.is_relation}
        for check in (lambda: row.clean_fields(exclude=related), row.clean):
            try:
                check()
            except ValidationError as error:
                for name, found in error.update_error_dict({}).items():
                    for one in found:
                        yield self._place(name), self.values.get(name), self._rule(name, one)

    def _place(self, name: str) -> str:
        key = self.keys.get(name, name)
        return f"{self.path}.{key}".strip(".")

    def _rule(self, name: str, error: ValidationError) -> str:
        if error.code != "invalid_choice":
            return " ".join(error.messages)
        choices = self.model._meta.get_field(name).flatchoices
        return "one of " + ", ".join(str(choice) for choice, _ in choices if choice != "")


def rows_of(name: str, values: Values) -> tuple[Row, list[Row]]:
    """The row of an entry of the list `name`, and those that hang on it."""
    return _ROWS[name](values)


def write(name: str, given: Sequence[Values]) -> None:
    """Write entries of the list `name`, each in place of what the database holds of it."""
    key = ENTRIES[name][2]
    for values in given:
        row, hanging = rows_of(name, values)
        related = _RELATED.get(name, lambda _: {})(values)
        parent, _ = row.model._default_manager.update_or_create(**{key: values[key]}, defaults=row.values | related)
        _HANG.get(name, lambda *_: None)(parent, values, hanging)


def _publication_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    keys = (
        "key review_ref review_mark authors title journal year locator doi pmid url read_on kind verified "
        "verified_at second_read_at doubts"
    )
    main = _row(Publication, values, keys, PUBLICATION_FIELDS)
    notice = values.get("notice") or dict.fromkeys(NOTICE, "")
    main.values.update({f"notice_{key}": notice[key] for key in NOTICE})
    main = Row(Publication, main.values, "", {**main.keys, **{f"notice_{key}": f"notice.{key}" for key in NOTICE}})
    children = [
        Row(Finding, {"position": index, "text": text}, f"findings[{index}]", {"text": ""})
        for index, text in enumerate(values["findings"])
    ]
    if values["study_key"]:
        children.append(Row(Study, {"key": values["study_key"]}, "study_key", {"key": ""}))
    if study := values["study"]:
        keys = "name registry_id design comparative line histology sites population biomarker n"
        children.append(_row(StudyReport, study, keys, STUDY_FIELDS, "study"))
    for index, result in enumerate(values["results"]):
        children.append(_cohort_row(result, index))
        for rate, percent in result["rates"].items():
            endpoint, months = rate.split("-")
            rates = {"endpoint": endpoint, "months": int(months), "percent": percent}
            children.append(Row(SurvivalRate, rates, f"results[{index}].rates.{rate}", {"percent": ""}))
    return main, children


def _cohort_row(result: Mapping[str, Any], index: int) -> Row:
    row = _row(Cohort, result, COHORT_KEYS, COHORT_FIELDS, f"results[{index}]")
    values, back = dict(row.values), dict(row.keys)
    values |= {"position": index, "confidence_level": result.get("ci_level"), "readings": result.get("readings")}
    for figure in WITH_INTERVAL:
        key = f"{figure.key}_ci"
        _set_interval(values, back, figure.column, result[key], key)
    for name, value in (result["population"] or {}).items():
        values[f"population_{name}"] = value
        back[f"population_{name}"] = f"population.{name}"
    if hazard := result["hr"]:
        values |= {
            "hazard_ratio": hazard["value"],
            "hazard_ratio_endpoint": hazard["endpoint"],
            "hazard_ratio_versus": hazard["versus"],
        }
        _set_interval(values, back, "hazard_ratio", hazard["ci"], "hr.ci")
        back |= {"hazard_ratio": "hr.value", "hazard_ratio_endpoint": "hr.endpoint", "hazard_ratio_versus": "hr.versus"}
    return Row(Cohort, values, row.path, back)


def _set_interval(
    values: dict[str, Any], back: dict[str, str], field: str, interval: list[float | None], key: str
) -> None:
    for end, value in zip(("low", "high"), interval, strict=True):
        values[f"{field}_{end}"] = value
        back[f"{field}_{end}"] = key


def _regimen_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    main = _row(Regimen, values, "slug name class setting requires gaps", REGIMEN_FIELDS)
    back = dict(main.keys)
    for key in ("schedule", "region_note"):
        sourced = values[key] or dict.fromkeys(SOURCED)
        for part, name in zip(SOURCED, (key, f"{key}_url", f"{key}_read_on"), strict=True):
            main.values[name] = sourced[part] or ""
            back[name] = f"{key}.{part}"
    children = [
        *(
            Row(RegionalAvailability, {"region": region, "status": status}, "", {"status": f"otherwise.{region}"})
            for region, status in values["otherwise"].items()
        ),
        *(
            Row(LeadDrug, {"name": name, "position": index}, f"lead_drugs[{index}]", {"name": ""})
            for index, name in enumerate(values["lead_drugs"])
        ),
        *_caution_rows(Caution, values["cautions"]),
    ]
    return Row(Regimen, main.values, "", back), children


def _caution_rows(model: type[models.Model], cautions: Sequence[Mapping[str, Any]]) -> list[Row]:
    return [
        _row(model, caution, CAUTION_KEYS, {}, f"cautions[{index}]", position=index)
        for index, caution in enumerate(cautions)
    ]


def _exposure_class_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    return _row(ExposureClass, values, "slug name alone combined exceptions text sources"), []


def _drug_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    main = _row(Drug, values, "slug name synonyms atc classes labels")
    return main, _caution_rows(DrugCaution, values["cautions"])


def _licence_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    further = {"since": str(values["since"] or ""), "seen_on": values["seen_on"]}
    return _row(Licence, values, "key region when covers kind label url read_on", **further), []


def _indication_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    return _row(Indication, values, "key when stance regions rechallenge rationale"), []


def _biomarker_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    main = _row(Biomarker, values, "slug name feature positive values test_methods why_it_matters")
    children = []
    for index, prevalence in enumerate(values["prevalence"]):
        keys = "population percent n url read_on"
        row = _row(Prevalence, prevalence, keys, PREVALENCE_FIELDS, f"prevalence[{index}]", position=index)
        chance = prevalence["chance"] or {"sites": None, "percent": None}
        row.values.update(chance_sites=chance["sites"], chance_percent=chance["percent"])
        back = {**row.keys, "chance_sites": "chance.sites", "chance_percent": "chance.percent"}
        children.append(Row(Prevalence, row.values, row.path, back))
    return main, children


def _statement_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    main = _row(GuidelineStatement, values, "key guideline year topic statement strength url read_on verified")
    applies = values["applies_to"]
    main.values["applies_sites"] = applies["sites"]
    main.values.update({f"applies_{name}": applies.get(name) or "" for name in APPLIES_TO})
    back = {f"applies_{name}": f"applies_to.{name}" for name in ("sites", *APPLIES_TO)}
    return Row(GuidelineStatement, main.values, "", back), []


def _trial_rows(values: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    keys = (
        "nct acronym title phase intervention line histology sites biomarker key_eligibility countries status_as_seen "
        "url read_on seen_note"
    )
    return _row(Trial, values, keys, looked_up_on=values.get("looked_up_on")), []


_ROWS = {
    "exposure_classes": _exposure_class_rows,
    "drugs": _drug_rows,
    "regimens": _regimen_rows,
    "licences": _licence_rows,
    "guidelines": _statement_rows,
    "publications": _publication_rows,
    "indications": _indication_rows,
    "biomarkers": _biomarker_rows,
    "trials": _trial_rows,
}


def _publication_relations(values: Values) -> dict[str, Any]:
    key = values["study_key"]
    return {"study": Study.objects.get_or_create(key=key)[0] if key else None}


def _to_a_regimen(values: Values) -> dict[str, Any]:
    return {"regimen": Regimen.objects.get(slug=values["regimen"])}


def _trial_relations(values: Values) -> dict[str, Any]:
    slug = values["regimen"]
    return {"regimen": Regimen.objects.get(slug=slug) if slug else None}


def _hang_publication(publication: Publication, values: Values, hanging: list[Row]) -> None:
    StudyReport.objects.filter(publication=publication).delete()
    for related in (publication.findings, publication.cohorts):
        related.all().delete()
    _create(hanging, StudyReport, publication=publication)
    _create(hanging, Finding, publication=publication)
    regimens = Regimen.objects.in_bulk({result["regimen"] for result in values["results"]}, field_name="slug")
    cohorts = [row for row in hanging if row.model is Cohort]
    made = Cohort.objects.bulk_create(
        Cohort(publication=publication, regimen=regimens.get(result["regimen"]), **row.values)
        for row, result in zip(cohorts, values["results"], strict=True)
    )
    by_path = {row.path: cohort for row, cohort in zip(cohorts, made, strict=True)}
    SurvivalRate.objects.bulk_create(
        SurvivalRate(cohort=by_path[row.path.partition(".")[0]], **row.values)
        for row in hanging
        if row.model is SurvivalRate
    )


def _hang_regimen(regimen: Regimen, values: Values, hanging: list[Row]) -> None:
    for model in (RegimenDrug, LeadDrug, RegionalAvailability, Caution):
        model._default_manager.filter(regimen=regimen).delete()
    entries = list(_drug_entries(values["drugs"]))
    drugs = Drug.objects.in_bulk([slug for slug, _, _ in entries], field_name="slug")
    RegimenDrug.objects.bulk_create(
        RegimenDrug(regimen=regimen, drug=drugs[slug], position=position, alternative=alternative)
        for slug, position, alternative in entries
    )
    for model in (LeadDrug, RegionalAvailability, Caution):
        _create(hanging, model, regimen=regimen)


def _drug_entries(drugs: Sequence[str | Mapping[str, Any]]) -> Iterator[tuple[str, int, int | None]]:
    """Slug, position, and place among its alternatives of every drug of a regimen."""
    for position, given in enumerate(drugs):
        if isinstance(given, str):
            yield given, position, None
        else:
            yield from ((slug, position, place) for place, slug in enumerate(given["alternatives"]))


def _hang_drug(drug: Drug, values: Values, hanging: list[Row]) -> None:
    drug.cautions.all().delete()
    _create(hanging, DrugCaution, drug=drug)


def _hang_indication(indication: Indication, values: Values, hanging: list[Row]) -> None:
    indication.sources.all().delete()
    for position, source in enumerate(values["sources"]):
        kind, _, key = source.partition(":")
        IndicationSource.objects.create(
            indication=indication,
            position=position,
            statement=GuidelineStatement.objects.get(key=key) if kind == "guideline" else None,
            publication=Publication.objects.get(key=key) if kind == "publication" else None,
            licence=Licence.objects.get(key=key) if kind == "licence" else None,
        )


def _hang_biomarker(biomarker: Biomarker, values: Values, hanging: list[Row]) -> None:
    biomarker.prevalence.all().delete()
    _create(hanging, Prevalence, biomarker=biomarker)
    biomarker.actionable_with.set(Regimen.objects.filter(slug__in=values["actionable_with"]))
    biomarker.guideline_statements.set(GuidelineStatement.objects.filter(key__in=values["guideline_keys"]))


def _hang_statement(statement: GuidelineStatement, values: Values, hanging: list[Row]) -> None:
    statement.regimens.set(Regimen.objects.filter(slug__in=values["regimens"]))


_RELATED: Mapping[str, Callable[[Values], dict[str, Any]]] = {
    "publications": _publication_relations,
    "licences": _to_a_regimen,
    "indications": _to_a_regimen,
    "trials": _trial_relations,
}
_HANG: Mapping[str, Callable[[Any, Values, list[Row]], None]] = {
    "drugs": _hang_drug,
    "regimens": _hang_regimen,
    "guidelines": _hang_statement,
    "publications": _hang_publication,
    "indications": _hang_indication,
    "biomarkers": _hang_biomarker,
}


def _create(hanging: Sequence[Row], model: type[models.Model], **parent: models.Model) -> None:
    model._default_manager.bulk_create(model(**row.values, **parent) for row in hanging if row.model is model)


def _row(
    model: type[models.Model],
    values: Mapping[str, Any],
    keys: str,
    fields: Mapping[str, str] = {},
    path: str = "",
    **further: Any,
) -> Row:
    """Values by field: a text that is null is empty."""
    found = {}
    for key in keys.split():
        name = fields.get(key, key)
        is_text = isinstance(model._meta.get_field(name), (models.CharField, models.TextField))
        found[name] = "" if is_text and values[key] is None else values[key]
    return Row(model, found | further, path, {name: key for key, name in fields.items()})
