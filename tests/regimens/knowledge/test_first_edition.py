"""What the first edition said, said in the shapes of the second."""

from __future__ import annotations

from typing import Any

import pytest

from regimens.knowledge.first_edition import (
    NOTHING,
    SecondEdition,
    as_second_edition,
    criterion_as_second_edition,
    document_as_second_edition,
    is_first_edition,
    slug_of,
)
from regimens.rules.logic import check_criterion, evaluate
from tests.factories import first_edition as former
from tests.factories.evidence import shipped_document

FORMER = "bleeding_or_thrombosis"
THREE = ("bleeding_active", "arterial_thrombosis", "venous_thrombosis")
ENTRIES = {
    "regimens": former.regimen(),
    "guidelines": former.statement(),
    "publications": former.publication(),
    "indications": former.indication(),
    "biomarkers": former.biomarker(),
    "trials": former.trial(),
}


def drug(slug: str, *classes: str, cautions: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {
        "slug": slug,
        "name": slug.capitalize(),
        "synonyms": [f"{slug}-brand"],
        "atc": None,
        "classes": list(classes),
        "cautions": [*cautions],
        "labels": [],
    }


def licence(key: str, region: str = "US", when: dict[str, Any] | None = None, covers: str = "yes") -> dict[str, Any]:
    return {"key": key, "regimen": "cisplatin-novatecan", "region": region, "when": when or {}, "covers": covers}


def known(
    *drugs: dict[str, Any], licences: tuple[dict[str, Any], ...] = (), regimens: tuple[dict[str, Any], ...] = ()
) -> SecondEdition:
    platinum = (drug("cisplatin", "platinum"), drug("carboplatin", "platinum"))
    return SecondEdition(
        drugs={row["slug"]: row for row in (*platinum, *drugs)},
        licences={row["key"]: row for row in licences},
        regimens={row["slug"]: row for row in regimens},
    )


class TestShape:
    @pytest.mark.parametrize("kind", ENTRIES)
    def test_the_first_is_told_from_the_second(self, kind: str) -> None:
        entry = ENTRIES[kind]
        assert is_first_edition(kind, entry)
        assert not is_first_edition(kind, as_second_edition(kind, entry, known()).content)

    @pytest.mark.parametrize("kind", ENTRIES)
    def test_what_is_of_the_second_stays_as_it_is(self, kind: str) -> None:
        entry = as_second_edition(kind, ENTRIES[kind], known()).content
        again = as_second_edition(kind, entry, known())
        assert (again.content, again.more, again.notes) == (entry, {}, ())

    def test_what_is_shipped_now_is_of_the_second(self) -> None:
        document = shipped_document()
        assert not [(kind, row) for kind in ENTRIES for row in document[kind] if is_first_edition(kind, row)]

    @pytest.mark.parametrize("kind", ["guidelines", "publications"])
    def test_the_address_stays_and_the_page_that_was_read_is_the_same(self, kind: str) -> None:
        entry = ENTRIES[kind]
        assert as_second_edition(kind, entry, NOTHING).content == {**entry, "read_on": None}

    def test_a_trial_was_seen_at_its_address(self) -> None:
        found = as_second_edition("trials", former.trial(looked_up_on="2026-11-02"), NOTHING).content
        assert (found["url"], found["read_on"]) == ("https://clinicaltrials.gov/study/NCT09999999", None)
        assert found["looked_up_on"] == "2026-11-02"
        assert "seen_at" not in found

    def test_so_do_prevalence_schedules_and_notes_on_regions(self) -> None:
        found = as_second_edition("biomarkers", former.biomarker(), NOTHING).content
        assert found["prevalence"][0]["read_on"] is None
        note = {"text": "Reimbursed.", "url": None}
        regimen = as_second_edition("regimens", former.regimen(region_note=note), known()).content
        assert regimen["schedule"] == {
            "text": "Every three weeks.",
            "url": "https://example.org/schedule",
            "read_on": None,
        }
        assert regimen["region_note"] == {**note, "read_on": None}

    def test_no_reader_is_sent_to_a_bare_address(self) -> None:
        entry = former.regimen(cautions=[former.caution({}) | {"url": "http://10.1.2.3/label"}])
        (found,) = as_second_edition("regimens", entry, known()).content["cautions"]
        assert (found["url"], found["read_on"]) == (None, "http://10.1.2.3/label")

    def test_readings_stay(self) -> None:
        readings = [{"by": "Ada", "on": "2026-10-01", "at": "here", "how": "fulltext", "kind": "second", "figures": {}}]
        entry = former.publication(results=[former.result(readings=readings)])
        assert as_second_edition("publications", entry, NOTHING).content["results"] == entry["results"]


class TestCriteria:
    ONE_OF_THEM = {"any": [{"feature": name, "is": True} for name in THREE]}

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({}, {}),
            (None, None),
            ("never", "never"),
            ({"feature": "ki67", "above": 55}, {"feature": "ki67", "above": 55}),
            ({"feature": FORMER, "is": True}, ONE_OF_THEM),
            ({"feature": FORMER, "is": [True]}, ONE_OF_THEM),
            ({"feature": FORMER, "is": False}, {"not": ONE_OF_THEM}),
            ({"feature": FORMER, "is": [True, False]}, {"any": [ONE_OF_THEM, {"not": ONE_OF_THEM}]}),
            (
                {"all": [{"feature": "ecog", "at_least": 2}, {"not": {"feature": FORMER, "is": True}}]},
                {"all": [{"feature": "ecog", "at_least": 2}, {"not": ONE_OF_THEM}]},
            ),
        ],
    )
    def test_one_condition_became_three(self, before: Any, after: Any) -> None:
        assert criterion_as_second_edition(before) == after

    def test_it_holds_where_one_of_the_three_does(self) -> None:
        criterion = criterion_as_second_edition({"feature": FORMER, "is": True})
        check_criterion(criterion, regimens=())
        assert evaluate(criterion, {"venous_thrombosis": True}) is True
        assert evaluate(criterion, dict.fromkeys(THREE, False)) is False
        assert evaluate(criterion, {"bleeding_active": False}) is None

    def test_it_stands_wherever_a_criterion_does(self) -> None:
        former_one = {"feature": FORMER, "is": True}
        cohort = as_second_edition(
            "publications", former.publication(results=[former.result(where=former_one)]), NOTHING
        )
        assert cohort.content["results"][0]["where"] == self.ONE_OF_THEM
        entry = former.regimen(requires=former_one, cautions=[former.caution(former_one, "avoid")])
        regimen = as_second_edition("regimens", entry, known()).content
        assert (regimen["requires"], regimen["cautions"][0]["when"]) == (self.ONE_OF_THEM, self.ONE_OF_THEM)
        indication = former.indication(when=former_one, sources=["guideline:one"])
        assert as_second_edition("indications", indication, NOTHING).content["when"] == self.ONE_OF_THEM


class TestDrugs:
    def test_they_are_named_by_slug_whatever_name_stood_there(self) -> None:
        entry = former.regimen(drugs=["Irinotecan", "5-FU"], lead_drugs=["irinotecan"])
        has = known(drug("irinotecan"), drug("fluorouracil") | {"synonyms": ["5-FU"]})
        found = as_second_edition("regimens", entry, has)
        assert (found.content["drugs"], found.content["lead_drugs"]) == (["irinotecan", "fluorouracil"], ["irinotecan"])
        assert not found.more

    def test_one_that_is_unknown_gets_an_entry(self) -> None:
        found = as_second_edition("regimens", former.regimen(), known())
        assert found.content["drugs"] == ["cisplatin", "novatecan"]
        assert found.more == {
            ("drugs", "novatecan"): {
                "slug": "novatecan",
                "name": "Novatecan",
                "synonyms": [],
                "atc": None,
                "classes": [],
                "cautions": [],
                "labels": [],
            }
        }
        assert "novatecan has an entry among the drugs now" in found.notes[0]

    def test_either_platinum_is_given(self) -> None:
        entry = former.regimen(drugs=["cisplatin", "carboplatin", "etoposide"], lead_drugs=["cisplatin-carboplatin"])
        found = as_second_edition("regimens", entry, known(drug("etoposide"))).content
        assert found["drugs"] == [{"alternatives": ["cisplatin", "carboplatin"]}, "etoposide"]
        assert found["lead_drugs"] == ["cisplatin-carboplatin"]

    def test_two_in_one_tablet_are_one(self) -> None:
        entry = former.regimen(drugs=["trifluridine", "tipiracil"], lead_drugs=["trifluridine"])
        found = as_second_edition("regimens", entry, known(drug("trifluridine-tipiracil"))).content
        assert (found["drugs"], found["lead_drugs"]) == (["trifluridine-tipiracil"], ["trifluridine-tipiracil"])

    def test_a_class_that_carried_resistance_is_its_drugs(self) -> None:
        entry = former.regimen(drugs=["nivolumab", "cabozantinib"], lead_drugs=["checkpoint blockade"])
        has = known(drug("nivolumab", "anti-pd-1-pd-l1"), drug("cabozantinib", "anti-vegf"))
        assert as_second_edition("regimens", entry, has).content["lead_drugs"] == ["nivolumab"]

    def test_a_drug_that_is_unknown_takes_its_class(self) -> None:
        entry = former.regimen(drugs=["novamab"], lead_drugs=["checkpoint blockade"])
        found = as_second_edition("regimens", entry, known())
        assert found.content["lead_drugs"] == ["novamab"]
        assert found.more["drugs", "novamab"]["classes"] == ["anti-pd-1-pd-l1"]

    @pytest.mark.parametrize(
        ("name", "slug"),
        [("Lutetium (177Lu)", "lutetium-177lu"), ("Añovatecan", "anovatecan"), ("抗体", "drug-497e328a")],
    )
    def test_a_slug_is_made_of_the_name(self, name: str, slug: str) -> None:
        assert slug_of(name) == slug


class TestLicences:
    MSI = {"feature": "msi", "is": "high"}

    def test_an_approval_becomes_a_licence(self) -> None:
        entry = former.regimen(
            requires=self.MSI,
            availability={"US": "approved", "EU": "investigational"},
            approvals=[former.approval("US", "After platinum.")],
        )
        found = as_second_edition("regimens", entry, known())
        assert found.content["otherwise"] == {
            "US": "off-label",
            "EU": "investigational",
            "UK": "off-label",
            "JP": "off-label",
            "CN": "off-label",
        }
        assert found.more["licences", "cisplatin-novatecan-us-1"] == {
            "key": "cisplatin-novatecan-us-1",
            "regimen": "cisplatin-novatecan",
            "region": "US",
            "when": self.MSI,
            "covers": "yes",
            "kind": None,
            "since": 2024,
            "label": "After platinum.",
            "url": "https://example.org/approval",
            "read_on": None,
            "seen_on": None,
        }
        assert any("whoever has what the regimen requires" in note for note in found.notes)

    @pytest.mark.parametrize(
        ("availability", "words"), [("off-label", "Small-cell lung cancer."), ("approved", "Melanoma. Not NEC.")]
    )
    def test_one_of_another_disease_covers_nobody(self, availability: str, words: str) -> None:
        entry = former.regimen(availability={"JP": availability}, approvals=[former.approval("JP", words)])
        found = as_second_edition("regimens", entry, known()).more
        assert found["licences", "cisplatin-novatecan-jp-1"]["covers"] == "no"
        assert (("licences", "cisplatin-novatecan-jp-2") in found) is (availability == "approved")

    def test_what_was_approved_without_a_licence_has_one(self) -> None:
        found = as_second_edition("regimens", former.regimen(availability={"CN": "approved"}), known())
        made = found.more["licences", "cisplatin-novatecan-cn-1"]
        assert made["label"] == "Approved; no licence was listed."

    def test_for_whom_it_is_stays_open_where_nothing_says_so(self) -> None:
        entry = former.regimen(availability={"US": "approved"}, approvals=[former.approval("US", "After platinum.")])
        found = as_second_edition("regimens", entry, known())
        made = found.more["licences", "cisplatin-novatecan-us-1"]
        assert (made["covers"], made["when"]) == ("arguable", {"feature": "region", "is": "US"})
        assert any("for nobody for sure" in note for note in found.notes)

    def test_keys_that_are_taken_are_left_alone(self) -> None:
        entry = former.regimen(availability={"US": "approved"}, approvals=[former.approval("US", "After platinum.")])
        has = known(licences=(licence("cisplatin-novatecan-us-1"),))
        assert ("licences", "cisplatin-novatecan-us-2") in as_second_edition("regimens", entry, has).more

    def test_those_as_shipped_are_the_second_editions_to_say(self) -> None:
        shipped = former.regimen(availability={"US": "approved"}, approvals=[former.approval("US", "After platinum.")])
        entry = {**shipped, "approvals": [*shipped["approvals"], former.approval("US", "First line.")]}
        has = known(licences=(licence("cisplatin-novatecan-us-x"),))
        made = as_second_edition("regimens", entry, has, as_shipped=shipped).more
        labels = [row["label"] for (kind, _), row in made.items() if kind == "licences"]
        assert labels == ["First line."]
        assert as_second_edition("regimens", shipped, has, as_shipped=shipped).content["otherwise"]["US"] == "off-label"

    def test_but_not_where_it_ships_none(self) -> None:
        shipped = former.regimen(availability={"US": "approved"}, approvals=[former.approval("US", "After platinum.")])
        made = as_second_edition("regimens", shipped, known(), as_shipped=shipped).more
        assert ("licences", "cisplatin-novatecan-us-1") in made

    @pytest.mark.parametrize(
        ("licences", "cited"),
        [
            ([licence("msi", when=MSI), licence("tmb", when={"feature": "tmb", "at_least": 10})], ["licence:msi"]),
            ([licence("one"), licence("two", covers="arguable"), licence("three", covers="no")], [
                "licence:one",
                "licence:two",
            ]),
            ([licence("three", covers="no")], ["licence:three"]),
            ([licence("europe", region="EU")], []),
        ],
    )  # fmt: skip
    def test_an_indication_names_them(self, licences: list[dict[str, Any]], cited: list[str]) -> None:
        entry = former.indication(when=self.MSI, sources=["approval:US", "guideline:one"])
        found = as_second_edition("indications", entry, known(licences=tuple(licences)))
        assert found.content["sources"] == [*sorted(cited, key=cited.index), "guideline:one"]
        assert bool(found.notes) is not bool(cited)


class TestCautions:
    LUNG = {"feature": "ild", "is": True}

    def test_they_keep_what_they_say(self) -> None:
        entry = former.regimen(cautions=[former.caution(self.LUNG, "avoid", "Not with lung disease.")])
        assert as_second_edition("regimens", entry, known()).content["cautions"] == [
            {
                "when": self.LUNG,
                "level": "avoid",
                "text": "Not with lung disease.",
                "section": None,
                "label": None,
                "extrapolated": False,
                "url": "https://example.org/caution",
                "read_on": None,
            }
        ]

    @pytest.mark.parametrize("level", ["avoid", "contraindicated"])
    def test_one_for_everybody_rules_nobody_out(self, level: str) -> None:
        entry = former.regimen(cautions=[former.caution({}, level, "Only in a centre.")])
        found = as_second_edition("regimens", entry, known())
        assert [(row["level"], row["text"]) for row in found.content["cautions"]] == [("caution", "Only in a centre.")]
        assert f"“Only in a centre.” was at the level {level} for everybody, and is a caution now" in found.notes

    def test_one_as_shipped_goes_where_the_drug_says_it(self) -> None:
        theirs = former.caution(self.LUNG, "avoid", "Not with lung disease.")
        ours = former.caution(self.LUNG, "contraindicated", "Never with lung disease.")
        shipped = former.regimen(cautions=[theirs])
        has = known(drug("novatecan", cautions=({"when": self.LUNG, "level": "caution"},)))
        entry = {**shipped, "cautions": [theirs, ours]}
        found = as_second_edition("regimens", entry, has, as_shipped=shipped).content["cautions"]
        assert [row["text"] for row in found] == ["Never with lung disease."]

    def test_but_not_where_the_regimen_says_it_still(self) -> None:
        shipped = former.regimen(cautions=[former.caution(self.LUNG, "avoid")])
        says = {"when": self.LUNG, "level": "caution"}
        has = known(
            drug("novatecan", cautions=(says,)), regimens=({"slug": "cisplatin-novatecan", "cautions": [says]},)
        )
        assert as_second_edition("regimens", shipped, has, as_shipped=shipped).content["cautions"]

    def test_nor_where_no_drug_says_it(self) -> None:
        shipped = former.regimen(cautions=[former.caution(self.LUNG, "avoid")])
        has = known(drug("novatecan", cautions=({"when": {}, "level": "caution"},)))
        assert as_second_edition("regimens", shipped, has, as_shipped=shipped).content["cautions"]


class TestDocument:
    def test_a_release_is_read_whole(self) -> None:
        entry = former.regimen(availability={"US": "approved"}, approvals=[former.approval("US", "After platinum.")])
        document = {"format": 1, "constants": {"benchmark": {}}} | {kind: [row] for kind, row in ENTRIES.items()}
        found = document_as_second_edition(
            document | {"regimens": [entry]}, known(drug("novatecan", "taxane", cautions=({"when": {}},)))
        )
        assert (found["format"], found["edition"]) == (2, 1)
        assert found["constants"] == {"benchmark": {}}
        assert [row["key"] for row in found["licences"]] == ["cisplatin-novatecan-us-1"]
        assert found["indications"][0]["sources"] == ["licence:cisplatin-novatecan-us-1"]
        assert found["exposure_classes"] == []
        assert document["indications"][0]["sources"] == ["approval:US"]

    def test_of_drugs_it_holds_the_names_alone(self) -> None:
        document = {"format": 1} | {kind: [row] for kind, row in ENTRIES.items()}
        found = document_as_second_edition(document, known(drug("novatecan", "taxane", cautions=({"when": {}},))))
        assert [(row["slug"], row["classes"], row["cautions"]) for row in found["drugs"]] == [
            ("cisplatin", [], []),
            ("novatecan", [], []),
        ]
