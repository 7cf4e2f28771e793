"""Decisions on record: each says when it was taken and whether it stands, and the index lists them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("0*.md"))
STATUS = re.compile(
    r"\A# (?P<number>\d+)\. .+\n\n\*\*Status\.\*\* "
    r"(?P<status>Accepted|Superseded by \[decision \d+\]\((?P<by>[\w-]+\.md)\)), \d{4}-\d{2}-\d{2}\."
)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_a_day_and_a_status(path: Path) -> None:
    match = STATUS.match(path.read_text(encoding="utf-8"))
    assert match is not None
    assert int(match["number"]) == int(path.stem[:4])
    if match["by"]:
        later = (FOLDER / match["by"]).read_text(encoding="utf-8")
        assert re.search(rf"Supersedes[^.]*\({path.name}\)", later), (
            f"{match['by']} does not say that it supersedes this"
        )


def test_the_index_lists_every_record_in_order() -> None:
    listed = re.findall(r"^(\d+)\. \[(.+)\]\(([\w-]+\.md)\)", (FOLDER / "README.md").read_text(encoding="utf-8"), re.M)
    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in RECORDS]
    assert [f"# {number}. {title}" for number, title, _ in listed] == titles
    assert [name for _, _, name in listed] == [path.name for path in RECORDS]
