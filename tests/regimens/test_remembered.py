"""Fragments that are written once and then kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.utils import translation

from display.cache import forget
from regimens.templatetags import remembered as remembering

FRAGMENT = (
    "{% load i18n %}{% get_current_language as code %}"
    "{{ line }} in {{ code }}{% if page %} of {{ page }}{% endif %}{{ written }}"
)
PAGE = '{% load remembered %}{% remembered "fragment.html" line=line %}'


class Written:
    """Counts how often a fragment is really written."""

    def __init__(self) -> None:
        self.times = 0

    def __str__(self) -> str:
        self.times += 1
        return "<a & b>"


@pytest.fixture
def write(settings: Any, tmp_path: Path) -> Any:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    (tmp_path / "fragment.html").write_text(FRAGMENT)
    forget()
    template = engines["django"].from_string(PAGE)
    yield lambda **context: template.render(context)
    forget()


def test_a_fragment_is_written_once_and_escaped(write: Any) -> None:
    line = Written()
    assert write(line=line) == write(line=line) == "&lt;a &amp; b&gt; in en-gb"
    assert line.times == 1


def test_it_holds_nothing_of_the_page_but_the_values_given(write: Any) -> None:
    assert write(line="a", page="one page") == write(line="a", page="another") == "a in en-gb"


def test_each_value_and_each_language_has_its_own(write: Any) -> None:
    assert [write(line=line) for line in "ab"] == ["a in en-gb", "b in en-gb"]
    with translation.override("de"):
        assert write(line="a") == "a in de"


def test_what_is_kept_is_bounded(write: Any) -> None:
    assert remembering._rendered.cache_info().maxsize == remembering.MOST
    for number in range(3):
        write(line=number)
    assert remembering._rendered.cache_info().currsize == 3


def test_what_is_kept_can_be_let_go_of(write: Any) -> None:
    line = Written()
    write(line=line)
    forget()
    write(line=line)
    assert line.times == 2
