"""Names as they are searched."""

from __future__ import annotations

import pytest

from regimens.wording.names import bare, plain


@pytest.mark.parametrize(
    ("name", "written", "as_one"),
    [
        ("CPT-11", "cpt11", "cpt11"),
        ("cpt 11", "cpt 11", "cpt11"),
        ("5-FU", "5fu", "5fu"),
        ("Dómine  et al.", "domine et al", "domineetal"),
        ("nivo/ipi", "nivo ipi", "nivoipi"),
        ("nivo + ipi", "nivo ipi", "nivoipi"),
        ("·", "", ""),
    ],
)
def test_case_accents_and_signs_do_not_count(name: str, written: str, as_one: str) -> None:
    assert plain(name) == written
    assert bare(name) == as_one
