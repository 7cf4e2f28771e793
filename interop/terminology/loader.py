"""Reads the files of codes and checks their shapes; lays a hospital's own codes over them.

A file is a list of blocks: `reads`, `feature`, `value`, `seen`, settings, and `codes: {system: {code: meaning}}`. Every
fault is found before anything is read with, and each names the file, the block and what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from regimens.rules.patient import FEATURES

from .codes import READS, Code, Terminology

FOLDER = Path(__file__).parent
SUBJECTS = ("tumour", "tests", "genomics", "conditions", "course", "drugs")

# Which settings a block may have, by what its codes are read as; and what it cannot do without.
SETTINGS = {
    "number": {"units", "uln"},
    "enzyme": {"units", "uln"},
    "choice": {"shared", "integer"},
    "answer": {"displays"},
    "shared-answer": {"displays"},
    "condition": {"needs_active", "open"},
    "gene": {"names"},
    "regimen-name": {"names"},
    "drug": {"names", "supportive", "variant_of"},
}
KEYS = {"reads", "feature", "value", "seen", "codes", "replace"}
NEEDS_FEATURE = frozenset(
    {
        *("number", "enzyme", "choice", "answer", "not-specific", "site", "gynaecological-site"),
        *("condition", "condition-not-specific", "morphology", "grade", "change", "ctcae"),
    }
)
# The value of these is one of the feature; null says that the code does not give it.
GIVES_VALUE = frozenset({"answer", "site", "gynaecological-site", "morphology", "grade", "ctcae"})
# The words of the reader's that the value of the others may be.
WORDS = {
    "enzyme": {"AST", "ALT"},
    "protein": {"MLH1", "MSH2", "MSH6", "PMS2"},
    "shared-answer": {"positive", "negative", "indeterminate"},
    "question": {"histology", "grade", "status", "comorbidities", "neuropathy"},
    "element": {
        *("variant", "gene", "protein-change", "coding-change", "genomic-change", "change-type", "copy-number"),
        *("source-class", "therapeutic-implication", "medication-assessed", "genotype", "category", "beside"),
    },
    "mark": {"germline", "fusion", "immune-stain", "methylation"},
    "metaboliser": {"normal", "intermediate", "poor"},
    "change": {"protein-change", "coding-change", "genomic-change"},
    "status": {"CR", "PR", "SD", "PD"},
    "ended": {"progression", "otherwise"},
    "intent": {"curative", "palliative", "around-surgery"},
}
# ECOG 5 is a code of the list, and no value of the feature: the reader says that it is out of range.
OUT_OF_RANGE = {("ecog", 5)}


class TerminologyError(ValueError):
    """Files of codes that cannot be read with: every fault, not only the first."""

    def __init__(self, faults: list[str]):
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


def read(local: str | Path = "") -> Terminology:
    """The codes shipped, with those of a file of the hospital's over them. Raises TerminologyError."""
    shared = _yaml(FOLDER / "systems.yaml")
    systems = {address: name for name, addresses in shared["systems"].items() for address in addresses}
    known = {**{name: [name] for name in shared["systems"]}, **shared["groups"]}
    faults: list[str] = []
    shipped: dict[tuple[Any, ...], Code] = {}
    for subject in SUBJECTS:
        name = f"{subject}.yaml"
        for code, _ in _codes(name, _yaml(FOLDER / name), known, faults):
            if _key(code) in shipped:
                faults.append(f"{name}: {code.system} {code.code or code.means} stands twice as {code.reads}")
            shipped[_key(code)] = code
    codes = _with_local(shipped, Path(local), known, systems, faults) if local else shipped
    if faults:
        raise TerminologyError(faults)
    extensions = {name: frozenset(addresses) for name, addresses in shared["extensions"].items()}
    return Terminology(tuple(codes.values()), systems, extensions, shared["sources"])


def _with_local(
    shipped: Mapping[tuple[Any, ...], Code],
    path: Path,
    known: Mapping[str, list[str]],
    systems: Mapping[str, str],
    faults: list[str],
) -> dict[tuple[Any, ...], Code]:
    """The codes with a hospital's own; one that is shipped is overridden only where its block says `replace: true`."""
    try:
        blocks = _yaml(path)
    except OSError as error:
        raise TerminologyError([f"{path}: cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TerminologyError([f"{path}: no YAML: {error}"]) from error
    if not isinstance(blocks, list):
        raise TerminologyError([f"{path}: a list of blocks is wanted, each with reads, feature and codes"])
    codes, own = dict(shipped), set[tuple[Any, ...]]()
    for code, may_replace in _codes(str(path), blocks, known, faults, systems=systems, is_local=True):
        key = _key(code)
        if key in own:
            faults.append(f"{path}: {code.system} {code.code or code.means} stands twice")
        elif key in shipped and not may_replace:
            there = shipped[key]
            faults.append(
                f"{path}: {code.system} {code.code or code.means} is known already as {there.reads} "
                f"{there.feature} {there.value if there.value is not None else ''}".rstrip()
                + ": say replace: true in its block to override it"
            )
        own.add(key)
        codes.pop(key, None)
        codes[key] = code
    return codes


def _codes(
    file: str,
    blocks: Any,
    known: Mapping[str, list[str]],
    faults: list[str],
    *,
    systems: Mapping[str, str] | None = None,
    is_local: bool = False,
) -> Iterator[tuple[Code, bool]]:
    """The codes of a file, each with whether it may replace another; a block with a fault gives none."""
    for number, block in enumerate(blocks, 1):
        where = f"{file}, block {number}"
        found = list(_faults(block, known, is_local=is_local))
        if found:
            faults.extend(f"{where}: {fault}" for fault in found)
            continue
        reads, named = block["reads"], {key: block[key] for key in block.keys() - KEYS}
        shape = {"reads": reads, "feature": block.get("feature", ""), "value": block.get("value")}
        shape |= {"seen": block.get("seen", ""), "settings": named, "is_local": is_local}
        may_replace = block.get("replace", False)
        for system, meanings in block.get("codes", {}).items():
            for name in known.get(system, [(systems or {}).get(system, system)]):
                for code, means in meanings.items():
                    yield Code(name, code, means, **shape), may_replace
        if reads in ("gene", "regimen-name", "drug"):
            for name in block.get("names", []):
                yield Code("", "", name, **shape), may_replace


def _faults(block: Any, known: Mapping[str, list[str]], *, is_local: bool) -> Iterator[str]:
    if not isinstance(block, dict):
        yield f"{block!r} is no block with reads, feature and codes"
        return
    reads = block.get("reads")
    if reads not in READS:
        yield f"reads {reads!r} is not allowed; allowed: {', '.join(sorted(READS))}"
        return
    for key in sorted(map(str, block.keys() - KEYS - SETTINGS.get(reads, set()))):
        yield f"{key} is no key of a block that reads {reads}"
    feature = block.get("feature")
    if feature is not None and feature not in FEATURES:
        yield f"feature {feature!r} is unknown"
        return
    if reads in NEEDS_FEATURE and feature is None:
        yield f"a block that reads {reads} needs a feature"
        return
    yield from _value_faults(block, reads, feature)
    yield from _setting_faults(block, reads, feature)
    if "replace" in block and not isinstance(block["replace"], bool):
        yield f"replace {block['replace']!r} is not allowed; allowed: true or false"
    if not block.get("codes") and not block.get("names"):
        yield "there are neither codes nor names"
    codes = block.get("codes", {})
    if not isinstance(codes, dict):
        yield "codes has to be a table of systems"
        return
    for system, meanings in codes.items():
        if system not in known and not (is_local and isinstance(system, str) and ":" in system):
            yield f"system {system!r} is unknown; allowed: {', '.join(known)}, or the address of a system"
        if not isinstance(meanings, dict):
            yield f"codes of {system} have to be a table of codes and meanings"
        elif bad := [code for code, means in meanings.items() if not (_text(code) and _text(means))]:
            yield f"codes of {system}: {bad[0]!r} and its meaning have to be text (in quotes)"


def _value_faults(block: Mapping[str, Any], reads: str, feature: str | None) -> Iterator[str]:
    value = block.get("value")
    if reads in GIVES_VALUE and feature and value is not None and (feature, value) not in OUT_OF_RANGE:
        each = FEATURES[feature]
        fits = {
            "choice": value in each.values if isinstance(value, str) else False,
            "flag": isinstance(value, bool),
            "count": isinstance(value, int) and not isinstance(value, bool) and each.low <= value <= each.high,
        }
        if not fits.get(each.kind, False):
            yield f"value {value!r} is not allowed for {feature}; allowed: {each.allowed}"
    if reads in WORDS and value not in WORDS[reads]:
        yield f"value {value!r} is not allowed; allowed: {', '.join(sorted(WORDS[reads]))}"
    if reads in ("gene", "drug", "regimen-name") and not _text(value):
        yield f"a block that reads {reads} needs a value"


def _setting_faults(block: Mapping[str, Any], reads: str, feature: str | None) -> Iterator[str]:
    if reads in ("number", "enzyme"):
        if feature and not FEATURES[feature].is_numeric:
            yield f"{feature} is no number"
        units = block.get("units")
        if not isinstance(units, dict) or not units:
            yield "a number needs units, each with its factor"
        elif bad := [
            u for u, f in units.items() if not isinstance(u, str) or not isinstance(f, (int, float)) or f <= 0
        ]:
            yield f"the factor of unit {bad[0]!r} has to be a number above 0"
    if reads in ("condition", "condition-not-specific") and feature and FEATURES[feature].kind != "flag":
        yield f"{feature} is not true or false"
    if "shared" in block:
        shared, each = block["shared"], FEATURES[feature or ""]
        allowed = [True, False] if each.kind == "flag" else list(each.values)
        if not isinstance(shared, dict) or not shared.keys() <= {"positive", "negative"}:
            yield "shared has to say what positive, and perhaps negative, mean"
        elif bad := [value for value in shared.values() if value not in allowed]:
            yield f"shared: value {bad[0]!r} is not allowed for {feature}; allowed: {each.allowed}"
    for key in ("displays", "names"):
        if key in block and not (isinstance(block[key], list) and all(map(_text, block[key]))):
            yield f"{key} has to be a list of texts"


def _key(code: Code) -> tuple[Any, ...]:
    return (*code.family, code.system, code.code, "" if code.code else (code.value, code.means.casefold()))


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _yaml(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=_Loader)  # noqa: S506 - a safe loader


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """YAML in which a key that stands twice is a fault."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for place, key in enumerate(keys) if key in keys[:place]]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{twice[0]!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)
