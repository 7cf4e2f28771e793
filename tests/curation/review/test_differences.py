"""Changes in words: each is told once, at its place, and none is passed over."""

import copy

import pytest

from curation.review.differences import Difference, differences, title_of
from regimens.knowledge import loader
from regimens.knowledge.document import ENTRIES

SHIPPED = loader.read(loader.SHIPPED)


def publication():
    return next(copy.deepcopy(content) for content in SHIPPED["publications"].values() if len(content["results"]) > 2)


def test_a_figure_is_shown_with_its_unit_its_cohort_and_its_place():
    before = publication()
    before["results"][1]["orr"] = 27.0
    after = copy.deepcopy(before)
    after["results"][1]["orr"] = 28.5
    arm = before["results"][1]
    name = f"{arm['arm']}, {arm['subgroup']}" if arm["subgroup"] else arm["arm"]
    assert differences("publications", before, after) == (
        Difference("results[1].orr", f"cohort: {name}: response rate", "27 %", "28.5 %"),
    )


def test_a_cohort_more_at_the_top_leaves_those_below_alone():
    before = publication()
    after = copy.deepcopy(before)
    after["results"].insert(0, before["results"][0] | {"arm": "A new arm"})
    found = differences("publications", before, after)
    assert {difference.place.split(".")[0] for difference in found} == {"results[0]"}
    assert all(difference.before == "" for difference in found)
    gone = differences("publications", after, before)
    assert {difference.place.split(".")[0] for difference in gone} == {"results[0]"}
    assert all(difference.after == "" for difference in gone)


def test_the_order_of_cohorts_is_a_difference_of_its_own():
    before = publication()
    after = before | {"results": before["results"][::-1]}
    (found,) = differences("publications", before, after)
    assert found.label == "cohort: order" and found.before != found.after


def test_what_a_new_entry_leaves_empty_is_no_difference():
    after = publication() | {"findings": []}
    assert [found.label for found in differences("publications", None, after) if not found.after] == []


def test_a_criterion_reads_as_its_sentence():
    before = next(iter(SHIPPED["indications"].values()))
    after = before | {"when": {"feature": "ki67", "at_least": 55}}
    (found,) = differences("indications", before, after)
    assert (found.place, found.after) == ("when", "Ki-67 at least 55 %")


def test_never_and_everybody_are_told_apart():
    before = publication()
    before["results"][0]["where"] = None
    after = copy.deepcopy(before)
    after["results"][0]["where"] = "never"
    (found,) = differences("publications", before, after)
    assert (found.before, found.after) == ("", "nobody")


def test_what_a_new_cohort_leaves_empty_is_no_difference():
    before = publication()
    bare = dict.fromkeys(before["results"][0]) | {"arm": "New", "rates": {}, "orr_ci": [None, None], "n": 12}
    found = differences("publications", before, before | {"results": [*before["results"], bare]})
    assert [difference.after for difference in found] == ["New", "12"]


def test_texts_come_go_and_change_one_by_one():
    before = publication() | {"findings": ["One.", "Two.", "Three."]}
    assert differences("publications", before, before | {"findings": ["One.", "2.", "Three."]}) == (
        Difference("findings[1]", "finding", "Two.", "2."),
    )
    assert differences("publications", before, before | {"findings": ["One.", "Three."]}) == (
        Difference("findings[1]", "finding", "Two.", ""),
    )


@pytest.mark.parametrize("kind", ENTRIES)
def test_new_and_retired_entries_are_told_whole(kind):
    for content in list(SHIPPED[kind].values())[:10]:
        new, gone = differences(kind, None, content), differences(kind, content, None)
        assert new and all(difference.before == "" for difference in new)
        assert [difference.before for difference in gone] == [difference.after for difference in new]
        assert title_of(kind, content)


@pytest.mark.parametrize("kind", ENTRIES)
def test_no_change_goes_unsaid_and_nothing_unchanged_is_said(kind):
    contents = list(SHIPPED[kind].values())
    for content in contents[:: 1 + len(contents) // 20]:
        assert differences(kind, content, copy.deepcopy(content)) == ()
        for place in leaves(content):
            after = copy.deepcopy(content)
            change(after, place)
            if after != content:
                found = differences(kind, content, after)
                assert found, f"{place} of {title_of(kind, content)}"
                assert all(difference.before != difference.after for difference in found), found


def leaves(value, way=()):
    if isinstance(value, dict) and way[-1:] not in (("when",), ("where",), ("requires",)):
        for key, part in value.items():
            yield from leaves(part, (*way, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, part in enumerate(value):
            yield from leaves(part, (*way, index))
    elif way:
        yield way


def change(content, way):
    *before, last = way
    for step in before:
        content = content[step]
    value = content[last]
    if isinstance(value, bool):
        content[last] = not value
    elif isinstance(value, int | float):
        content[last] = value + 0.0000001
    elif isinstance(value, str):
        content[last] = f"{value} more"
    elif isinstance(value, list) and last not in ("results", "cautions", "prevalence"):
        content[last] = [*value, "more"] if not value or isinstance(value[0], str) else [1.0, 2.0]
    elif value is None:
        content[last] = {"text": "new", "url": "u"} if last in ("schedule", "region_note") else None
    elif isinstance(value, dict):
        content[last] = {}
