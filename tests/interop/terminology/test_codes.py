"""The codes as shipped, and a hospital's own laid over them: checked at start, with clear errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from interop.reading import read
from interop.terminology import Terminology, TerminologyError
from interop.terminology import read as read_codes
from regimens.rules.knowledge import Knowledge
from tests.factories.fhir import as_bytes, observation, quantity
from tests.interop.shared import needs_shared, shared

OWN = "https://hospital.example/lab"


def local(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "codes.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_code_says_what_it_means_and_where_it_was_seen(terms: Terminology) -> None:
    assert len(terms.codes) > 900
    assert [each for each in terms.codes if not (each.means and each.seen and each.reads)] == []


def test_each_drug_and_regimen_is_one_of_the_release(terms: Terminology, knowledge: Knowledge) -> None:
    drugs = {code.value for code in terms.of("drug")} - {"warfarin"}
    assert drugs <= knowledge.drugs.keys()
    assert {code.value for code in terms.of("regimen-name")} <= knowledge.regimens.keys()
    assert {drug for regimen in knowledge.regimens.values() for drug in regimen.all_drugs} <= drugs


@needs_shared
def test_no_code_of_the_shared_list_is_missing(terms: Terminology) -> None:
    """Each code in quotes or in brackets of the list by which the reader was specified."""
    written = shared("codes.yaml").read_text(encoding="utf-8")
    shapes = r"\b(?:\d{4,6}-\d|LA\d+-\d|C\d{6}|L01[A-Z]{2}\d{2}|V03AF\d{2}|HGNC:\d+)\b"
    listed = set(re.findall(shapes, re.sub(r"#.*", "", written)))
    known = {code.code for code in terms.codes}
    assert len(listed) > 150
    assert listed - known == set()


def test_the_longest_prefix_counts(terms: Terminology) -> None:
    icd = "http://hl7.org/fhir/sid/icd-10"
    found = [terms.find("site", (icd, code, "")) for code in ("C22.1", "C22.7", "C99", "")]
    assert [code.value if code else None for code in found] == ["biliary", "liver", None, None]


class TestLocalCodes:
    def test_are_read_like_our_own(self, tmp_path: Path, knowledge: Knowledge) -> None:
        path = local(
            tmp_path,
            "- reads: number\n  feature: ki67\n  units: {'%': 1}\n"
            f"  codes: {{'{OWN}': {{KI: Ki-67 in our laboratory}}}}\n",
        )
        terms = read_codes(path)
        assert [code.means for code in terms.codes if code.is_local] == ["Ki-67 in our laboratory"]
        data = as_bytes(observation("a", "KI", system=OWN, valueQuantity=quantity(80, "%")))
        assert read(data, knowledge=knowledge, terms=terms).features == {"ki67": 80}

    def test_override_where_they_say_so(self, tmp_path: Path, knowledge: Knowledge) -> None:
        text = "- reads: not-specific\n  feature: ki67\n  codes: {loinc: {29593-1: not trusted here}}\n"
        with pytest.raises(TerminologyError, match=r"29593-1 is known already as number ki67.*replace: true"):
            read_codes(local(tmp_path, text))
        terms = read_codes(local(tmp_path, text + "  replace: true\n"))
        data = as_bytes(observation("a", "29593-1", valueQuantity=quantity(80, "%")))
        assert read(data, knowledge=knowledge, terms=terms).unknown_because == {"ki67": "not-specific"}

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("reads: number", "a list of blocks"),
            ("- 3", "3 is no block"),
            ("- reads: guess\n  codes: {loinc: {a: b}}", "reads 'guess' is not allowed; allowed: answer,"),
            ("- reads: choice\n  feature: kras\n  codes: {loinc: {a: b}}", "feature 'kras' is unknown"),
            ("- reads: choice\n  codes: {loinc: {a: b}}", "needs a feature"),
            (
                "- reads: answer\n  feature: msi\n  value: low\n  codes: {loinc: {a: b}}",
                "value 'low' is not allowed for msi; allowed: one of high, stable",
            ),
            ("- reads: answer\n  feature: ecog\n  value: 7\n  codes: {loinc: {a: b}}", "whole number from 0 to 4"),
            ("- reads: number\n  feature: ki67\n  codes: {loinc: {a: b}}", "needs units"),
            ("- reads: number\n  feature: msi\n  units: {'%': 1}\n  codes: {loinc: {a: b}}", "msi is no number"),
            ("- reads: number\n  feature: ki67\n  units: {'%': 0}\n  codes: {loinc: {a: b}}", "above 0"),
            ("- reads: condition\n  feature: ki67\n  codes: {icd10: {A01: b}}", "ki67 is not true or false"),
            ("- reads: condition\n  feature: ild\n  codes: {icd99: {A01: b}}", "system 'icd99' is unknown"),
            ("- reads: condition\n  feature: ild\n  codes: {icd10: {1: b}}", "have to be text"),
            ("- reads: condition\n  feature: ild\n  needs: true\n  codes: {icd10: {A01: b}}", "needs is no key"),
            ("- reads: condition\n  feature: ild", "neither codes nor names"),
            (
                "- reads: condition\n  feature: ild\n  codes: {icd10: {A01: b}}\n" * 2,
                "icd10 A01 stands twice",
            ),
            ("- reads: drug\n  reads: drug", "'reads' stands twice"),
            ("- [", "no YAML"),
        ],
    )
    def test_a_fault_is_named(self, text: str, fault: str, tmp_path: Path) -> None:
        with pytest.raises(TerminologyError) as found:
            read_codes(local(tmp_path, text))
        assert fault in str(found.value)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(TerminologyError, match="cannot be read"):
            read_codes(tmp_path / "none.yaml")

    def test_are_checked_at_start(self, settings: Any, tmp_path: Path) -> None:
        settings.INTEROP_LOCAL_CODES = str(local(tmp_path, "- reads: guess\n- reads: condition\n  feature: ild\n"))
        found = [each for each in run_checks() if each.id == "interop.E001"]
        assert len(found) == 2
        assert "block 1: reads 'guess' is not allowed" in found[0].msg

    def test_none_are_no_fault(self, settings: Any) -> None:
        settings.INTEROP_LOCAL_CODES = ""
        assert [each for each in run_checks() if each.id == "interop.E001"] == []
