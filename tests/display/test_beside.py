"""What was published above what the model says, drawn on one axis."""

from __future__ import annotations

import re

from display.drawings import Interval, beside_mark


def test_each_stands_at_its_share_of_the_axis() -> None:
    drawn = beside_mark(Interval(6, 3, 9), Interval(12, 9, 18), benchmark=6, ceiling=24)
    assert re.findall(r'<circle class="(\w+)" cx="([\d.]+)%"', drawn) == [("published", "25.0"), ("model", "50.0")]
    assert '<line class="published" x1="12.5%" x2="37.5%"' in drawn
    assert "›" not in drawn


def test_what_lies_beyond_the_axis_ends_there_with_a_sign() -> None:
    drawn = beside_mark(Interval(30), Interval(12, 9, 28), benchmark=6, ceiling=24)
    assert 'cx="100.0%"' in drawn
    assert re.findall(r'<text class="(\w+)"', drawn) == ["published", "model"]


def test_what_is_not_there_is_not_drawn() -> None:
    drawn = beside_mark(None, None, benchmark=6, ceiling=24)
    assert "circle" not in drawn
    assert 'class="benchmark"' in drawn
    assert "x1=" in drawn
