"""Labels that look or sound alike: what the eye tells apart, what words do, and what nothing does."""

from __future__ import annotations

import pytest

from display.privacy.look_alikes import appearance


@pytest.mark.parametrize(
    "other",
    [
        *(
            "Colon  17",
            " Colon 17 ",
            "Colon 1７",
            "Colon\u00a017",
            "Colon\u200b 17",
            "\u202eColon 17",
            "Co\u00adlon 17",
        ),
        *("Сolon 17", "Colоn 17", "Colon l7", "Colon I7", "Colon 𝟏𝟕", "Ｃolon 17", "Colon\u2066 17", "Co\u00adlon 17"),
    ],
)
def test_nobody_can_tell_these_apart(other: str) -> None:
    assert appearance(other).look == appearance("Colon 17").look


@pytest.mark.parametrize("other", ["colon 17", "COLON 17", "Colon 017", "Colon-17", "Colon17", "Colon 17."])
def test_these_differ_on_paper_and_are_said_alike(other: str) -> None:
    assert appearance(other).look != appearance("Colon 17").look
    assert appearance(other).spoken == appearance("Colon 17").spoken


@pytest.mark.parametrize("other", ["Colon 18", "Colon 170", "Colon 7", "Cólon 17", "Kolon 17", "Colon 17 b"])
def test_these_are_told_apart(other: str) -> None:
    assert appearance(other).look != appearance("Colon 17").look
    assert appearance(other).spoken != appearance("Colon 17").spoken


def test_chinese_japanese_and_korean_labels_are_told_apart() -> None:
    labels = ["结肠 7", "直肠 7", "胃 7", "大腸 7", "대장 7", "大腸 8", "カルテ 7", "かるて 7"]
    assert len({appearance(label).spoken for label in labels}) == len(labels)
