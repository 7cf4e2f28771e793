"""Reads the evidence base from its files and checks it: all of it or, when anything is wrong, nothing.

Every problem is found before anything is used, and each names the file, the entry, the field, the value and the rule.
What is read becomes entries of the database through `curation.actions` alone.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pydantic
import yaml
from django.utils import timezone

from regimens.models.choices import Region
from regimens.rules.evidence import EITHER_PLATINUM
from regimens.rules.logic import CriterionError, check_criterion, comparisons
from regimens.rules.patient import FEATURES

from . import schema
from .document import ENTRIES, OVERRIDES
from .rows import rows_of

SHIPPED = Path(__file__).parent

SCHEMAS: Mapping[str, type[schema.Entry]] = {
    "exposure_classes": schema.ExposureClassEntry,
    "drugs": schema.DrugEntry,
    "regimens": schema.RegimenEntry,
    "licences": schema.LicenceEntry,
    "guidelines": schema.GuidelineEntry,
    "publications": schema.PublicationEntry,
    "indications": schema.IndicationEntry,
    "biomarkers": schema.BiomarkerEntry,
    "trials": schema.TrialEntry,
}


# The days on which an entry was looked up, by list.
DAYS: Mapping[str, str] = {"licences": "seen_on", "trials": "looked_up_on"}

# Entries by list and key, each in the shape of its file.
Evidence = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class LoadProblem:
    """One thing that is wrong, and where."""

    file: str
    key: str
    field: str
    value: Any
    rule: str

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, self.key, self.field) if part)
        return f"{where}: {self.rule}" if self.value is None else f"{where}: {self.value!r}: {self.rule}"


class LoadError(Exception):
    """Nothing was loaded; `problems` says why, all of it."""

    def __init__(self, problems: list[LoadProblem]):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class _Given:
    """An entry as a file gives it, with every key in its place."""

    file: str
    key: str
    values: dict[str, Any]  # shared with whoever is given the same: never changed
    text: str  # as it was given, each value with its type


def problems_in(document: Mapping[str, Any]) -> list[LoadProblem]:
    """What is wrong with the lists of a document, by the same rules as for files; the name of its list for a file."""
    given, problems = _entries((name, name, document.get(name)) for name in ENTRIES)
    return problems or _checked(given)


def normal(name: str, key: str, values: Any) -> dict[str, Any]:
    """An entry of the list `name` with every key in its place, as `document.entries` gives it. Raises LoadError.

    Its shape is checked here; its values and what it says of others are for `problems_in`.
    """
    given, problems = _entries([(name, name, [values])])
    if not problems and key not in given[name]:
        key_name = ENTRIES[name][2]
        problems = [LoadProblem(name, key, key_name, values[key_name], "the key of this entry, which never changes")]
    if problems:
        raise LoadError(problems)
    return deepcopy(given[name][key].values)


def days_to_come(name: str, key: str, values: Mapping[str, Any]) -> list[LoadProblem]:
    """The days of an entry on which something was looked up, and that are not there yet: refused of whoever gives
    them. What is in force was looked up whatever the clock says, so the rules of the evidence base do not ask."""
    return list(_to_come(_Given(name, key, dict(values), ""), name, timezone.localdate()))


def read(directory: Path) -> Evidence:
    """The entries of a directory's files, checked as a whole. Raises LoadError."""
    if not directory.is_dir():
        raise LoadError([LoadProblem(str(directory), "", "", None, "is no directory")])
    found, unreadable = _read(directory)
    given, problems = _entries(found)
    problems = [*unreadable, *problems, *_checked(given)]
    if directory != SHIPPED:  # whose days have been, whatever the clock of this machine says
        problems += [
            problem
            for name in DAYS
            for entry in given[name].values()
            for problem in _to_come(entry, name, timezone.localdate())
        ]
    if problems:
        raise LoadError(sorted(problems, key=lambda problem: (problem.file, problem.key, problem.field)))
    return {name: {key: deepcopy(entry.values) for key, entry in given[name].items()} for name in ENTRIES}


def stamp(directory: Path) -> tuple[tuple[str, int, int], ...]:
    """Which files a directory holds, when each was written and how long it is: while that is the same, so are they."""
    found = ((path.name, path) for _, path in _files(directory) if path.exists())
    return tuple((name, (status := path.stat()).st_mtime_ns, status.st_size) for name, path in found)


def _read(directory: Path) -> tuple[list[tuple[str, str, Any]], list[LoadProblem]]:
    """Name of the list, name of the file and content of every file that can be read."""
    found: list[tuple[str, str, Any]] = []
    problems: list[LoadProblem] = []
    for name, path in _files(directory):
        file = path.relative_to(directory).as_posix()
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
        except OSError as error:
            problems.append(LoadProblem(file, "", "", None, f"cannot be read: {error.strerror}"))
        except (UnicodeDecodeError, yaml.YAMLError, TypeError, RecursionError) as error:
            problems.append(LoadProblem(file, "", "", None, f"cannot be read: {' '.join(str(error).split())}"))
        else:
            found.append((name, file, content))
    return found, problems


def _entries(
    found: Iterable[tuple[str, str, Any]],
) -> tuple[dict[str, dict[str, _Given]], list[LoadProblem]]:
    """Entries of the right shape, by list and key, and what is wrong with the others."""
    given: dict[str, dict[str, _Given]] = {name: {} for name in ENTRIES}
    problems: list[LoadProblem] = []
    for name, file, content in found:
        if not isinstance(content, list):
            problems.append(LoadProblem(file, "", "", None, "a list of entries"))
            continue
        key_name = ENTRIES[name][2]
        for position, values in enumerate(content):
            key = str(values.get(key_name)) if isinstance(values, dict) else f"entry {position}"
            try:
                text = repr(values)
                shaped = _shaped(name, values, text)
            except (pydantic.ValidationError, RecursionError) as error:
                problems += _structural_problems(file, key, error)
                continue
            if key in given[name]:
                problems.append(LoadProblem(file, key, key_name, key, f"unique; also in {given[name][key].file}"))
            given[name][key] = _Given(file, key, shaped, text)
    return given, problems


def _shaped(name: str, values: Any, text: str) -> dict[str, Any]:
    """An entry with every key in its place; what was given before is not worked out again.

    Raises pydantic.ValidationError and RecursionError.
    """
    if (found := _shapes.get((name, text))) is None:
        found = _normal(name, SCHEMAS[name].model_validate(values))
        _keep(_shapes, (name, text), found)
    return found


def _checked(given: Mapping[str, Mapping[str, _Given]]) -> list[LoadProblem]:
    """What is wrong with values and references, each thing once."""
    found = [*_across(given)]
    found += [problem for name in given for entry in given[name].values() for problem in _values(name, entry)]
    return list({(problem.file, problem.key, problem.field, problem.rule): problem for problem in found}.values())


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    for name in ENTRIES:
        if name == "publications":
            yield from ((name, path) for path in sorted((directory / name).glob("*.yaml")))
        else:
            yield name, directory / f"{name}.yaml"


class _Loader(yaml.CSafeLoader):
    """Refuses a mapping that gives one key twice, where YAML would keep the last in silence."""


def _unique_mapping(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    for key, count in Counter(key.value for key, _ in node.value).items():
        if count > 1:
            raise yaml.constructor.ConstructorError(None, None, f"key {key} is given twice", node.start_mark)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def _structural_problems(file: str, key: str, error: Exception) -> list[LoadProblem]:
    if isinstance(error, pydantic.ValidationError):
        return [_structural(file, key, one) for one in error.errors()]
    return [LoadProblem(file, key, "", None, "nested too deeply")]


def _structural(file: str, key: str, error: Any) -> LoadProblem:
    place = ""
    for part in error["loc"]:
        if isinstance(part, int):
            place += f"[{part}]"
        elif not part.startswith(("dict[", "literal[", "function-", "tagged-")):
            place += f".{part}" if place else str(part)
    value = None if error["type"] == "missing" else error["input"]
    rules = {
        "missing": "this key is required, null where nothing is known",
        "extra_forbidden": "no key of this entry",
    }
    return LoadProblem(file, key, place, value, rules.get(error["type"], error["msg"]))


def _normal(name: str, entry: schema.Entry) -> dict[str, Any]:
    """As `document.entries` gives it: every key, in the document's order where the order says nothing."""
    values = entry.model_dump(by_alias=True)
    if name == "publications":
        for result, given in zip(values["results"], entry.results, strict=True):
            if result["ci_level"] is None:
                del result["ci_level"]
            if given.population:
                result["population"] = given.population.model_dump(exclude_unset=True)
            if not result["readings"]:
                del result["readings"]
        if values["notice"] is None:
            del values["notice"]
    elif name == "trials":
        if values["looked_up_on"] is None:
            del values["looked_up_on"]
    elif name == "regimens":
        for key in ("schedule", "region_note"):
            if values[key] and not any(values[key].values()):
                values[key] = None
    elif name == "guidelines":
        values["regimens"].sort()
        values["applies_to"] = {"sites": []} | entry.applies_to.model_dump(exclude_unset=True)
    elif name == "biomarkers":
        values["actionable_with"].sort()
        values["guideline_keys"].sort()
    return values


def _to_come(entry: _Given, name: str, today: date) -> Iterator[LoadProblem]:
    field = DAYS.get(name)
    day = entry.values.get(field) if field else None
    if day and day > today.isoformat():  # both as 2026-03-01
        yield LoadProblem(entry.file, entry.key, str(field), day, f"not after today, {today}")


def _across(given: Mapping[str, Mapping[str, _Given]]) -> list[LoadProblem]:
    """What one entry says of another."""
    return [
        *_references(given),
        *_study_keys(given["publications"]),
        *_subgroups(given["publications"]),
    ]


def _references(given: Mapping[str, Mapping[str, _Given]]) -> Iterator[LoadProblem]:
    def lacking(entry: _Given, field: str, keys: Any, name: str) -> Iterator[LoadProblem]:
        for key in keys:
            if key is not None and key not in given[name]:
                yield LoadProblem(entry.file, entry.key, field, key, f"a key of {name}{_meant(key, given[name])}")

    for entry in given["publications"].values():
        for index, result in enumerate(entry.values["results"]):
            yield from lacking(entry, f"results[{index}].regimen", [result["regimen"]], "regimens")
            if isinstance(result["where"], dict):
                yield from _criterion(given, entry, f"results[{index}].where", result["where"])
    for entry in given["regimens"].values():
        yield from _criterion(given, entry, "requires", entry.values["requires"])
        yield from _cautions(given, entry)
        if odd := sorted(set(Region.values) ^ set(entry.values["otherwise"])):
            rule = f"each region once: {', '.join(Region.values)}"
            yield LoadProblem(entry.file, entry.key, "otherwise", ", ".join(odd), rule)
        drugs = [slug for group in drug_groups(entry.values) for slug in group]
        for listed, slugs in (("drugs", drugs), ("lead_drugs", entry.values["lead_drugs"])):
            if repeated := [slug for slug, count in Counter(slugs).items() if count > 1]:
                yield LoadProblem(entry.file, entry.key, listed, ", ".join(repeated), "each at most once")
        yield from lacking(entry, "drugs", drugs, "drugs")
        leads = [slug for slug in entry.values["lead_drugs"] if slug != EITHER_PLATINUM]
        yield from lacking(entry, "lead_drugs", leads, "drugs")
    for entry in given["drugs"].values():
        yield from lacking(entry, "classes", entry.values["classes"], "exposure_classes")
        yield from _cautions(given, entry)
    for entry in given["exposure_classes"].values():
        yield from lacking(entry, "exceptions", entry.values["exceptions"], "regimens")
    for entry in given["licences"].values():
        yield from lacking(entry, "regimen", [entry.values["regimen"]], "regimens")
        yield from _criterion(given, entry, "when", entry.values["when"])
    for entry in given["indications"].values():
        yield from lacking(entry, "regimen", [entry.values["regimen"]], "regimens")
        yield from _criterion(given, entry, "when", entry.values["when"])
        for index, source in enumerate(entry.values["sources"]):
            yield from _source(given, entry, index, source)
    for entry in given["guidelines"].values():
        yield from lacking(entry, "regimens", entry.values["regimens"], "regimens")
    for entry in given["biomarkers"].values():
        yield from lacking(entry, "actionable_with", entry.values["actionable_with"], "regimens")
        yield from lacking(entry, "guideline_keys", entry.values["guideline_keys"], "guidelines")
    for entry in given["trials"].values():
        yield from lacking(entry, "regimen", [entry.values["regimen"]], "regimens")


def _criterion(
    given: Mapping[str, Mapping[str, _Given]], entry: _Given, field: str, criterion: Any
) -> Iterator[LoadProblem]:
    try:
        check_criterion(criterion or {})
    except CriterionError as error:
        yield LoadProblem(entry.file, entry.key, field, None, str(error))
        return
    for comparison in comparisons(criterion or {}):
        feature = FEATURES.get(comparison["feature"])
        if feature is None or feature.kind != "set":
            continue
        named = comparison["includes"]
        for slug in [named] if isinstance(named, str) else named:
            if slug not in given[feature.holds]:
                rule = f"{feature.name} includes a key of {feature.holds}{_meant(slug, given[feature.holds])}"
                yield LoadProblem(entry.file, entry.key, field, slug, rule)


def _meant(key: str, entries: Mapping[str, _Given]) -> str:
    """Which entry is probably meant by a key that there is not, in words: by its key, its name or a synonym."""
    known: dict[str, str] = {}
    for slug, entry in entries.items():
        names = (slug, slug.replace("-", " "), entry.values.get("name"), *entry.values.get("synonyms", ()))
        known |= {name.casefold(): slug for name in names if name}
    wanted = key.strip().casefold()
    found = [wanted] if wanted in known else difflib.get_close_matches(wanted, sorted(known), n=1, cutoff=0.6)
    return f"; the nearest is {known[found[0]]}" if found else ""


def _cautions(given: Mapping[str, Mapping[str, _Given]], entry: _Given) -> Iterator[LoadProblem]:
    for index, caution in enumerate(entry.values["cautions"]):
        yield from _criterion(given, entry, f"cautions[{index}].when", caution["when"])


def drug_groups(regimen: Mapping[str, Any]) -> Iterator[list[str]]:
    """The drugs of a regimen's entry, by slug: each alone, or with its alternatives."""
    for group in regimen["drugs"]:
        yield [group] if isinstance(group, str) else group["alternatives"]


def _source(given: Mapping[str, Mapping[str, _Given]], entry: _Given, index: int, source: str) -> Iterator[LoadProblem]:
    kind, _, key = source.partition(":")
    regimen = entry.values["regimen"]
    known = {
        "guideline": given["guidelines"],
        "publication": given["publications"],
        "licence": {key: one for key, one in given["licences"].items() if one.values["regimen"] == regimen},
    }
    if kind not in known:
        rule = "guideline:KEY, publication:KEY or licence:KEY"
    elif key not in known[kind]:
        rule = f"a {kind} that the evidence base holds" + (" for this regimen" if kind == "licence" else "")
        rule += _meant(key, known[kind])
    else:
        return
    yield LoadProblem(entry.file, entry.key, f"sources[{index}]", source, rule)


def _study_keys(publications: Mapping[str, _Given]) -> Iterator[LoadProblem]:
    sharing = Counter(entry.values["study_key"] for entry in publications.values())
    for entry in publications.values():
        key, study = entry.values["study_key"], entry.values["study"]
        if study and key is None:
            yield LoadProblem(entry.file, entry.key, "study_key", None, "given where there is a study")
        if not study and entry.values["results"]:
            yield LoadProblem(entry.file, entry.key, "study", None, "given where there are results")
        registry_id = study and study["registry_id"]
        if key and registry_id and sharing[key] < 2 and key != registry_id and not key.startswith(f"{registry_id}-"):
            rule = f"the registry id {registry_id}, with a suffix or without, unless publications share it"
            yield LoadProblem(entry.file, entry.key, "study_key", key, rule)


def _subgroups(publications: Mapping[str, _Given]) -> Iterator[LoadProblem]:
    for entry in publications.values():
        for index, result in enumerate(entry.values["results"]):
            population, study = result["population"], entry.values["study"]
            if population is None:
                continue
            field = f"results[{index}].population"
            if not population or None in population.values():
                rule = f"some of {', '.join(OVERRIDES)}, each with a value, or null"
                yield LoadProblem(entry.file, entry.key, field, population, rule)
            for name, value in population.items():
                if study and study[name] == value:
                    yield LoadProblem(entry.file, entry.key, f"{field}.{name}", value, "differs from the study's")


def _values(name: str, entry: _Given) -> list[LoadProblem]:
    """What the models refuse of an entry's values; nothing is worked out again for one that was found sound."""
    if (name, entry.text) in _sound:
        return []
    main, children = rows_of(name, entry.values)
    found = [
        LoadProblem(entry.file, entry.key, place, value, rule)
        for row in (main, *children)
        for place, value, rule in row.problems()
    ]
    if not found:
        _keep(_sound, (name, entry.text), True)
    return found


# Schemas and models judge an entry by itself: without the clock, the database and other entries. So what had a shape
# keeps it, and what was sound stays so.
MOST_KEPT = 4096  # entries: the evidence base is some 900; each takes some 10 KB
_shapes: dict[tuple[str, str], dict[str, Any]] = {}
_sound: dict[tuple[str, str], bool] = {}


def _keep(kept: dict[tuple[str, str], Any], entry: tuple[str, str], found: Any) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[entry] = found
