"""Reading the files of the evidence base: every problem is named, and all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from regimens.knowledge import loader
from regimens.knowledge.loader import LoadError
from tests.factories.files import Change, change, result

CYTOTOXIC, BEVANEC = "publications/cytotoxic.yaml", "walter-2023-bevanec"
LICENCE = "pembrolizumab-us-msi"


def problems(directory: Path) -> list[str]:
    with pytest.raises(LoadError) as caught:
        loader.read(directory)
    return [str(problem) for problem in caught.value.problems]


SPOILT: list[tuple[str, str, Change, str]] = [
    (CYTOTOXIC, BEVANEC, result(orr=118, responders=None), "results[0].orr: 118.0: a percentage from 0 to 100"),
    (CYTOTOXIC, BEVANEC, result(orr=-1, responders=None), "results[0].orr: -1.0: a percentage from 0 to 100"),
    (CYTOTOXIC, BEVANEC, result(orr="18"), "results[0].orr: '18': Input should be a valid number"),
    (CYTOTOXIC, BEVANEC, result(orr=float("nan")), "results[0].orr: nan: Input should be a finite number"),
    (CYTOTOXIC, BEVANEC, result(n=True), "results[0].n: True: Input should be a valid integer"),
    (CYTOTOXIC, BEVANEC, result(os=201), "results[0].os: 201.0: months from 0 to 200"),
    (CYTOTOXIC, BEVANEC, result(pfs=-0.1), "results[0].pfs: -0.1: months from 0 to 200"),
    (CYTOTOXIC, BEVANEC, result(os_ci=[10.6, 5.7]), "results[0].os_ci: 10.6: not above the upper bound, 5.7"),
    (CYTOTOXIC, BEVANEC, result(os_ci=[9.5, 10.6]), "results[0].os: 8.9: not below its interval, 9.5 to 10.6"),
    (CYTOTOXIC, BEVANEC, result(os_ci=[5.7, 8.3]), "results[0].os: 8.9: not above its interval, 5.7 to 8.3"),
    (CYTOTOXIC, BEVANEC, result(os_ci=[5.7]), "results[0].os_ci: [5.7]: List should have at least 2 items"),
    (CYTOTOXIC, BEVANEC, result(responders=62, evaluable=61), "results[0].responders: 62: at most the 61 evaluable"),
    (
        CYTOTOXIC,
        BEVANEC,
        result(orr=25, evaluable=61),
        "results[0].orr: 25.0: within 1.6 points of 11 of 61, which is 18.0",
    ),
    (CYTOTOXIC, BEVANEC, result(ci_level=99), "results[0].ci_level: 99: one of 80, 90, 95"),
    (CYTOTOXIC, BEVANEC, result(regimen="folfri"), "results[0].regimen: 'folfri': a key of regimens"),
    (CYTOTOXIC, BEVANEC, result(rates={"os-x": 4}), "results[0].rates.os-x"),
    (CYTOTOXIC, BEVANEC, result(rates={"os-6": 140}), "results[0].rates.os-6: 140.0: a percentage from 0 to 100"),
    (CYTOTOXIC, BEVANEC, result(subgroup="Ki-67 55 % or more"), "results[0].subgroup_kind: '': set together with"),
    (CYTOTOXIC, BEVANEC, result(where={"feature": "ki67", "at_least": 155}), "results[0].where: "),
    (CYTOTOXIC, BEVANEC, result(where={"feature": "ki76", "at_least": 55}), "results[0].where: "),
    (CYTOTOXIC, BEVANEC, result(where="sometimes"), "results[0].where: 'sometimes': "),
    (CYTOTOXIC, BEVANEC, result(population={"line": "second"}), "population.line: 'second': differs from the study's"),
    (
        CYTOTOXIC,
        BEVANEC,
        result(population={"sites": ["colon"]}),
        "results[0].population.sites: ['colon']: colon: each",
    ),
    (CYTOTOXIC, BEVANEC, result(colour="red"), "results[0].colour: 'red': no key of this entry"),
    (CYTOTOXIC, BEVANEC, lambda row: row["results"][0].pop("deaths"), "results[0].deaths: this key is required"),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(kind="paper"), "kind: 'paper': one of results, protocol"),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(doi="doi:10.1/x"), "doi: 'doi:10.1/x': a DOI, such as"),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(pmid="PMID 1"), "pmid: 'PMID 1': five to nine digits"),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(verified_at=None), "verified_at: '': the page on which it was read"),
    (
        CYTOTOXIC,
        BEVANEC,
        lambda row: row.update(url="http://10.1.2.3/x"),
        "url: 'http://10.1.2.3/x': an address with a",
    ),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(url="javascript:alert(1)"), "url: 'javascript:alert(1)': an http or"),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(study_key="NCT02820858"), "study_key: 'NCT02820858': the registry id"),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(study_key=None), "study_key: given where there is a study"),
    (CYTOTOXIC, BEVANEC, lambda row: row.update(study=None), "study: given where there are results"),
    (CYTOTOXIC, BEVANEC, lambda row: row["study"].update(design="phase-9"), "study.design: 'phase-9': one of"),
    (CYTOTOXIC, BEVANEC, lambda row: row["study"].update(n=-1), "study.n: -1: "),
    (
        "regimens.yaml",
        "folfiri",
        lambda row: row.update(setting="third-line"),
        "setting: 'third-line': one of later-line",
    ),
    ("regimens.yaml", "folfiri", lambda row: row["otherwise"].pop("JP"), "otherwise: 'JP': each region once"),
    (
        "regimens.yaml",
        "folfiri",
        lambda row: row["otherwise"].update(JP="approved"),
        "otherwise.JP: 'approved': one of off-label",
    ),
    (
        "regimens.yaml",
        "folfiri",
        lambda row: row["drugs"].append("irinotecan"),
        "drugs: 'irinotecan': each at most once",
    ),
    (
        "regimens.yaml",
        "folfox",
        lambda row: row["cautions"][0].update(level="grave"),
        "cautions[0].level: 'grave': one",
    ),
    ("regimens.yaml", "folfox", lambda row: row["cautions"][0].update(when={"all": []}), "cautions[0].when: "),
    (
        "regimens.yaml",
        "folfox",
        lambda row: row["cautions"][0].update(when={"feature": "prior_regimens", "includes": "folfri"}),
        "cautions[0].when: 'folfri': prior_regimens includes a key of regimens; the nearest is folfiri",
    ),
    (
        "drugs.yaml",
        "irinotecan",
        lambda row: row["cautions"][0].update(when={"feature": "prior_drugs", "includes": ["topotecan", "camptosar"]}),
        "cautions[0].when: 'camptosar': prior_drugs includes a key of drugs; the nearest is irinotecan",
    ),
    (
        "regimens.yaml",
        "folfiri",
        lambda row: row["drugs"].append({"alternatives": ["cisplatin", "Paraplatin"]}),
        "drugs: 'Paraplatin': a key of drugs; the nearest is carboplatin",
    ),
    (
        "regimens.yaml",
        "folfiri",
        lambda row: row.update(drugs=["5-FU"]),
        "drugs: '5-FU': a key of drugs; the nearest is",
    ),
    (
        "regimens.yaml",
        "folfiri",
        lambda row: row["lead_drugs"].append("irinotecam"),
        "lead_drugs: 'irinotecam': a key of drugs; the nearest is irinotecan",
    ),
    ("regimens.yaml", "folfiri", lambda row: row.update(drugs=[{"alternatives": ["cisplatin"]}]), "drugs[0]"),
    (
        "drugs.yaml",
        "irinotecan",
        lambda row: row.update(classes=["topoisomerase 1"]),
        "classes: 'topoisomerase 1': a key of exposure_classes; the nearest is topoisomerase-1",
    ),
    (
        "drugs.yaml",
        "irinotecan",
        lambda row: row["labels"].append({"region": "Europe", "url": "https://example.org"}),
        "labels: [",
    ),
    (
        "exposure_classes.yaml",
        "taxane",
        lambda row: row["exceptions"].append("folfri"),
        "exceptions: 'folfri': a key of regimens; the nearest is folfiri",
    ),
    (
        "exposure_classes.yaml",
        "taxane",
        lambda row: row.update(alone="contraindicated"),
        "alone: 'contraindicated': one of",
    ),
    (
        "licences.yaml",
        LICENCE,
        lambda row: row.update(regimen="Pembrolizumab alone"),
        "regimen: 'Pembrolizumab alone': a key of regimens; the nearest is pembrolizumab",
    ),
    ("licences.yaml", LICENCE, lambda row: row.update(covers="perhaps"), "covers: 'perhaps': one of yes, arguable"),
    (
        "indications.yaml",
        "folfiri-digestive",
        lambda row: row.update(stance="maybe"),
        "stance: 'maybe': one of recommend",
    ),
    (
        "indications.yaml",
        "folfiri-digestive",
        lambda row: row.update(regions=["USA"]),
        "regions: ['USA']: USA: each one of",
    ),
    (
        "indications.yaml",
        "folfiri-digestive",
        lambda row: row.update(sources=["approval:US"]),
        "sources[0]: 'approval:US': guideline:KEY, publication:KEY or licence:KEY",
    ),
    (
        "indications.yaml",
        "pembrolizumab-msi",
        lambda row: row.update(sources=["licence:pembrolizumab-us-msi-h"]),
        "sources[0]: 'licence:pembrolizumab-us-msi-h': a licence that the evidence base holds for this regimen; "
        "the nearest is pembrolizumab-us-msi",
    ),
    (
        "indications.yaml",
        "folfiri-digestive",
        lambda row: row.update(sources=["licence:pembrolizumab-us-msi"]),
        "sources[0]: 'licence:pembrolizumab-us-msi': a licence that the evidence base holds for this regimen",
    ),
    (
        "indications.yaml",
        "folfiri-digestive",
        lambda row: row.update(sources=["book:x"]),
        "sources[0]: 'book:x': guideline:",
    ),
    (
        "indications.yaml",
        "folfiri-digestive",
        lambda row: row.update(sources=[]),
        "sources: []: List should have at least 1",
    ),
    ("biomarkers.yaml", "msi-mmr", lambda row: row.update(positive="low"), "positive: 'low': "),
    ("biomarkers.yaml", "msi-mmr", lambda row: row.update(feature="msi_h"), "feature: 'msi_h': a feature of a patient"),
    (
        "biomarkers.yaml",
        "msi-mmr",
        lambda row: row["prevalence"][0].update(percent=101),
        "prevalence[0].percent: 101.0: a",
    ),
    (
        "biomarkers.yaml",
        "msi-mmr",
        lambda row: row.update(guideline_keys=["x"]),
        "guideline_keys: 'x': a key of guidelines",
    ),
    (
        "guidelines.yaml",
        "enets-2023-second-line",
        lambda row: row.update(topic="third"),
        "topic: 'third': one of first-line",
    ),
    ("trials.yaml", "NCT05882058", lambda row: row.update(phase="4"), "phase: '4': one of 1, 1/2"),
    ("trials.yaml", "NCT05882058", lambda row: row.update(regimen="none"), "regimen: 'none': a key of regimens"),
]


@pytest.mark.parametrize(("file", "key", "how", "said"), SPOILT, ids=[said[:40] for *_, said in SPOILT])
def test_a_wrong_value_is_refused_with_file_key_field_value_and_rule(
    files: Path, file: str, key: str, how: Change, said: str
) -> None:
    change(files, file, key, how)
    found = problems(files)
    assert [problem for problem in found if problem.startswith(f"{file}: {key}: ") and said in problem], found


def test_every_problem_is_reported_at_once(files: Path) -> None:
    change(files, CYTOTOXIC, BEVANEC, result(dor=900))
    change(files, "trials.yaml", "NCT05882058", lambda row: row.update(line="third"))
    found = problems(files)
    assert len(found) == 2
    assert found[0].startswith(f"{CYTOTOXIC}: {BEVANEC}: results[0].dor: 900.0: ")
    assert found[1].startswith("trials.yaml: NCT05882058: line: 'third': ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- key: [", "cannot be read"),
        ("key: x", "a list of entries"),
        ("- key: x\n  key: y\n", "given twice"),
        ("- 5\n", "entry 0"),
        ("- ? [1, 2]\n  : x\n", "cannot be read"),
        ('- key: "a\\0b"\n', "key"),
    ],
)
def test_a_file_of_another_shape_is_refused(files: Path, content: str, said: str) -> None:
    (files / "guidelines.yaml").write_text(content, encoding="utf-8")
    assert any(problem.startswith("guidelines.yaml: ") and said in problem for problem in problems(files))


def test_a_missing_directory_is_said_once(tmp_path: Path) -> None:
    assert problems(tmp_path / "none") == [f"{tmp_path / 'none'}: is no directory"]


def test_a_wrong_criterion_is_said_once(files: Path) -> None:
    change(files, CYTOTOXIC, BEVANEC, result(where={"feature": "ki76", "at_least": 55}))
    assert len(problems(files)) == 1


def test_a_missing_file_is_refused(files: Path) -> None:
    (files / "trials.yaml").unlink()
    assert [problem for problem in problems(files) if problem.startswith("trials.yaml: cannot be read")]


def test_a_key_that_two_entries_have_is_refused(files: Path) -> None:
    path = files / "publications" / "overview.yaml"
    path.write_text(path.read_text() + (files / CYTOTOXIC).read_text(), encoding="utf-8")
    assert f"publications/overview.yaml: {BEVANEC}: key: '{BEVANEC}': unique; also in {CYTOTOXIC}" in problems(files)


def test_what_is_changed_afterwards_is_not_what_the_next_one_gets() -> None:
    given = loader.read(loader.SHIPPED)["drugs"]["carboplatin"]
    first = loader.normal("drugs", "carboplatin", given)
    first["synonyms"].append("anything")
    assert loader.normal("drugs", "carboplatin", given)["synonyms"] == given["synonyms"]


def test_what_looks_the_same_is_not_taken_for_it() -> None:
    given = loader.read(loader.SHIPPED)["drugs"]["carboplatin"]
    assert loader.normal("drugs", "carboplatin", given | {"name": "5"})["name"] == "5"
    with pytest.raises(LoadError, match="name: 5: Input should be a valid string"):
        loader.normal("drugs", "carboplatin", given | {"name": 5})
