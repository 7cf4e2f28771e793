"""What a change moved: entries before against entries now, in words, and put back."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from regimens import releases
from regimens.pages.changes import LONGEST_ENTRY, MOST_ENTRIES, Changed, Strip, put_back, strip
from regimens.pages.patient_form import PatientForm
from regimens.rules.evidence import RULING_OUT
from regimens.rules.ranking import Ranking, rank
from regimens.wording.options import equal_places
from tests.factories.patients import colorectal

pytestmark = pytest.mark.django_db


def sent(values: dict[str, Any], *hidden: tuple[str, str]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    for name, value in hidden:
        data.appendlist(name, value)
    return data


def ranked(form: PatientForm) -> Ranking | None:
    knowledge = releases.current()
    if not form.is_valid() or form.patient is None:
        return None
    return rank(form.patient, knowledge.nec_only if form.is_nec_only else knowledge, form.chosen_preference)


def answered(values: dict[str, Any], before: Strip | None = None) -> Strip:
    """The strip of the next answer, sent with what the one before holds."""
    data = sent(values, *(before.hidden if before else ()))
    form = PatientForm(data, knowledge=releases.current())
    return strip(data, form, ranked(form), releases.current())


def changed(first: dict[str, Any], second: dict[str, Any]) -> Changed:
    found = answered(second, answered(first)).changed
    assert found is not None
    return found


EU = colorectal(histology="large-cell", platinum_free_interval_months="3", region="EU")


class TestWhatWasChanged:
    def test_a_first_answer_has_no_strip_and_holds_its_entries(self) -> None:
        found = answered(EU)
        assert found.changed is None
        entries = {value for name, value in found.hidden if name == "before"}
        assert {"ecog=1", "primary_site=colorectal", "platinum_free_interval_months=3"} <= entries

    def test_a_field_is_said_with_both_values(self) -> None:
        assert changed(EU, EU | {"ecog": "3"}).entries == "ECOG, 1 to 3."
        months = changed(EU, EU | {"platinum_free_interval_months": "7"})
        assert months.entries == "Platinum-free interval, 3 months to 7 months."

    def test_what_is_not_known_is_said_so(self) -> None:
        assert changed(EU, EU | {"msi": "high"}).entries == "MSI / MMR, not known to MSI-high or dMMR."
        assert changed(EU | {"msi": "high"}, EU).entries == "MSI / MMR, MSI-high or dMMR to not known."

    def test_what_is_only_supposed_is_said_so(self) -> None:
        found = changed(EU, EU | {"msi": "high", "supposed": "msi"})
        assert found.entries == "MSI / MMR, not known to MSI-high or dMMR (only supposed)."

    def test_sets_are_said_by_what_was_added_and_taken_out(self) -> None:
        with_some = EU | {"received": ["folfiri"], "conditions": ["bowel_obstruction", "ild"]}
        found = changed(EU, with_some)
        assert "Other treatment received: FOLFIRI added" in found.what
        assert "Conditions that matter: Bowel obstruction, Interstitial lung disease added" in found.what
        back = changed(with_some, EU | {"conditions": ["ild"]})
        assert "Other treatment received: FOLFIRI taken out" in back.what
        assert "Conditions that matter: Bowel obstruction taken out" in back.what

    def test_several_fields_are_said_in_the_order_of_the_form(self) -> None:
        found = changed(EU, EU | {"ecog": "2", "ki67": "60", "others_absent": "on"})
        assert found.what == ("Ki-67, 80 % to 60 %", "ECOG, 1 to 2", "“All others absent” ticked")

    def test_many_are_counted(self) -> None:
        found = changed(EU, {"primary_site": "pancreas", "region": "US"})
        assert len(found.what) == 5 and found.what[-1].endswith(" more")

    def test_preference_and_evidence_are_said_from_what_they_usually_are(self) -> None:
        found = changed(EU, EU | {"preference": "survival", "evidence": "nec"})
        assert found.what == (
            "What matters more, Balanced to Survival",
            "Evidence that counts, All, by how far it applies to NEC only",
        )
        assert answered(EU | {"preference": "balanced", "evidence": "all"}, answered(EU)).changed is None

    def test_the_same_number_in_other_figures_is_no_change(self) -> None:
        assert answered(EU | {"ki67": "80 %"}, answered(EU)).changed is None


class TestWhatMoved:
    def test_places_are_said_with_the_ones_before(self) -> None:
        found = changed(EU, EU | {"platinum_free_interval_months": "7"})
        assert "Platinum-etoposide again after a treatment break: 4th to 1st." in found.moved
        assert "FOLFIRI: 1st to 2nd." in found.moved
        assert found.marks["folfiri"].words == "was 1st"
        assert found.marks["folfiri"].direction == "down"

    def test_every_move_is_one_of_the_two_rankings(self) -> None:
        """At most three by name, the others counted; nothing is called moved that is shown where it was."""
        first, second = EU, EU | {"msi": "high"}
        before, after = (ranked(PatientForm(sent(values), knowledge=releases.current())) for values in (first, second))
        assert before and after
        found = changed(first, second)
        then, now = (
            {option.regimen.slug: place for option, place in equal_places(o for o in ranking.options if o.rank)}
            for ranking in (before, after)
        )
        assert now["pembrolizumab"] == "1"
        assert found.moved[0] == f"Pembrolizumab: joint {then['pembrolizumab'].removeprefix('=')}st to 1st."
        assert "FOLFIRI: 1st to 2nd." in found.moved
        counted = next(words for words in found.moved if "more moved" in words)
        assert int(counted.split()[0]) + 3 == len(found.marks)
        assert all(then.get(slug) != now.get(slug) or slug not in then for slug in found.marks)
        assert "Ranked now: Dostarlimab." in found.moved

    def test_what_was_shown_as_equal_is_said_as_equal(self) -> None:
        found = answered(EU | {"ecog": "3"}, answered(EU | {"msi": "high"}))
        joint = [value for name, value in answered(EU).hidden if value.startswith("joint=")]
        assert joint
        assert found.changed and any("joint" in mark.words for mark in found.changed.marks.values())

    def test_what_becomes_unsuitable_leaves_the_order(self) -> None:
        found = changed(EU, EU | {"dpd": "complete"})
        assert "FOLFIRI: 1st to “Not suitable”." in found.moved
        assert any(words.startswith("No longer ranked: FOLFIRINOX (modified)") for words in found.moved)

    def test_where_nothing_moves_that_is_said(self) -> None:
        assert changed(EU, EU | {"dpd": "normal"}).moved == ("FOLFIRI stays first.", "No option moved.")

    def test_best_supportive_care_before_every_other_is_said(self) -> None:
        assert "Best supportive care: now before every other." in changed(EU, EU | {"ecog": "3"}).moved
        back = changed(EU | {"ecog": "3"}, EU)
        assert "Best supportive care: no longer before every other." in back.moved
        # Alone among the recommended it is no more than that.
        assert not any("Best supportive" in words for words in changed(EU, EU | {"dpd": "complete"}).moved)

    def test_out_of_scope_before_and_after(self) -> None:
        lung = EU | {"primary_site": "lung"}
        left = changed(EU, lung)
        assert left.moved == ("Nothing is ranked any more: out of scope.",)
        assert left.cautions == () and left.marks == {}
        came = changed(lung, EU)
        assert came.moved == ("Out of scope before, when nothing was ranked.",)
        assert came.cautions == ()


class TestCautions:
    def test_one_that_now_holds_is_said_with_the_fact(self) -> None:
        found = changed(EU, EU | {"dpd": "complete"})
        assert "Must not be given, for FOLFIRI, FOLFIRINOX (modified): DPD complete deficiency." in found.cautions
        assert not any("No caution was added" in words for words in found.cautions)

    def test_one_that_was_checked_and_does_not_hold_is_said_to_be_gone(self) -> None:
        found = changed(EU, EU | {"dpd": "normal"})
        assert found.cautions == (
            "No longer a caution of FOLFIRI, FOLFIRINOX (modified): DPD normal.",
            "No caution was added to the first 3 options.",
        )

    def test_one_that_can_no_longer_be_checked_is_added(self) -> None:
        found = changed(EU | {"dpd": "normal"}, EU)
        assert found.cautions == ("Cannot be checked any more, for the options that stand first: DPD.",)

    @pytest.mark.parametrize("value", ["0", "2", "3", "4"])
    def test_that_none_was_added_is_only_said_where_it_is_true(self, value: str) -> None:
        first, second = EU, EU | {"ecog": value}
        before, after = (ranked(PatientForm(sent(values), knowledge=releases.current())) for values in (first, second))
        assert before and after
        firsts = {o.regimen.slug for ranking in (before, after) for o in ranking.options if o.rank and o.rank <= 3}

        def listed(ranking: Ranking) -> set[tuple[Any, ...]]:
            return {
                (o.regimen.slug, f.caution.level, f.caution.text, f.truth)
                for o in ranking.options
                if o.regimen.slug in firsts
                for f in o.cautions
            }

        added = listed(after) - listed(before)
        found = changed(first, second)
        assert any("No caution was added" in words for words in found.cautions) == (not added)
        if any(truth is True and level in RULING_OUT for _slug, level, _text, truth in added):
            assert any(words.startswith("Must not be given") for words in found.cautions)


class TestWhatIsComparedWith:
    def test_a_number_typed_digit_by_digit_is_one_change(self) -> None:
        first = answered(EU)
        second = answered(EU | {"ki67": "6"}, first)
        third = answered(EU | {"ki67": "65"}, second)
        assert third.changed and third.changed.entries == "Ki-67, 80 % to 65 %."
        assert answered(EU, third).changed is None

    def test_an_answer_asked_for_twice_keeps_its_strip(self) -> None:
        second = answered(EU | {"ecog": "3"}, answered(EU))
        assert answered(EU | {"ecog": "3"}, second).changed == second.changed

    def test_another_field_is_another_change(self) -> None:
        second = answered(EU | {"ecog": "3"}, answered(EU))
        third = answered(EU | {"ecog": "3", "dpd": "normal"}, second)
        assert third.changed and third.changed.entries == "DPD, not known to Normal."

    def test_while_something_is_wrong_the_last_answer_is_kept(self) -> None:
        first = answered(EU)
        wrong = answered(EU | {"ki67": "180"}, first)
        assert wrong.changed is None and set(wrong.hidden) == set(first.hidden)
        mended = answered(EU | {"ki67": "70"}, wrong)
        assert mended.changed and mended.changed.entries == "Ki-67, 80 % to 70 %."


class TestWhatIsSent:
    @pytest.mark.parametrize(
        "hidden",
        [
            [("before", "ki67=180")],
            [("before", "nonsense")],
            [("before", "password=1")],
            [("before", "ecog=1")] * (MOST_ENTRIES + 1),
            [("before", "ecog=" + "1" * (LONGEST_ENTRY * 2))],
            [("before", "received=no-such-regimen"), ("before", "region=EU")],
            [("before", "ecog=1"), ("before", "region=EU"), ("before", "histology=<script>")],
        ],
    )
    def test_what_is_no_former_form_gives_no_strip(self, hidden: list[tuple[str, str]]) -> None:
        assert answered(EU, Strip(None, tuple(hidden))).changed is None

    @pytest.mark.parametrize("joint", ["9-4", "1-2 2-3", "x", "1-999999999999", ""])
    def test_places_that_cannot_be_are_not_said_to_be_equal(self, joint: str) -> None:
        hidden = [pair for pair in answered(EU).hidden if not pair[1].startswith("joint=")]
        found = answered(EU | {"msi": "high"}, Strip(None, (*hidden, ("before", f"joint={joint}")))).changed
        assert found and not any("joint" in mark.words for mark in found.marks.values())

    def test_put_back_is_what_was_entered_before(self) -> None:
        second = answered(EU | {"ecog": "3", "ki67": "60"}, answered(EU))
        data = sent(EU | {"ecog": "3", "ki67": "60", "compare": "folfox"}, *second.hidden, ("put_back", "yes"))
        former = put_back(data, releases.current())
        assert former.getlist("compare") == ["folfox"]
        then, now = (PatientForm(each, knowledge=releases.current()) for each in (sent(EU), former))
        assert then.is_valid() and now.is_valid() and then.patient == now.patient

    def test_without_anything_to_put_back_what_is_entered_stays(self) -> None:
        data = sent(EU, ("put_back", "yes"))
        assert put_back(data, releases.current()) is data
        assert put_back(sent(EU), releases.current()) == sent(EU)


class TestOnThePage:
    def test_put_back_fills_the_form_again(self, client: Client) -> None:
        second = answered(EU | {"ecog": "3"}, answered(EU))
        data = sent(EU | {"ecog": "3"}, *second.hidden, ("put_back", "yes"))
        response = client.post("/", dict(data.lists()))
        assert response.context["form"]["ecog"].value() == "1"
        assert response.context["page"].announcement.endswith("first FOLFIRI.")
