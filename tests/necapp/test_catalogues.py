"""The catalogues are complete, and are what the sources and the translations make of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings

from necapp import catalogues

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def kept(language: str) -> Catalog:
    with catalogues.catalogue_of(language).open("rb") as file:
        return read_po(file, locale=language)


def texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def sources(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [message.id]


# In what a translation has to be as its source, the singular or the plural one.
TRAITS: dict[str, Callable[[str], Any]] = {
    "placeholders": lambda text: sorted(re.findall(r"%\(\w+\)[a-z]|%%", text)),
    "elements": lambda text: sorted(re.findall(r"</?\w+", text)),
    "space around it": lambda text: (text[:1].isspace(), text[-1:].isspace()),
}


def problems(catalog: Catalog) -> list[str]:
    """What keeps a catalogue from being complete and safe, in words."""
    found = [f"no longer used: {message.id}" for message in catalog.obsolete.values()]
    for message in catalog:
        if not message.id:
            continue
        if message.fuzzy:
            found.append(f"fuzzy: {message.id}")
        if not all(text.strip() for text in texts(message)):
            found.append(f"not translated: {message.id}")
            continue
        for text in texts(message):
            for name, traits in TRAITS.items():
                if traits(text) not in [traits(source) for source in sources(message)]:
                    found.append(f"other {name}: {message.id}")
    return found


def test_every_language_of_the_menu_has_a_catalogue() -> None:
    found = {path.parts[-3] for path in catalogues.ROOT.glob("locale/*/LC_MESSAGES/django.po")}
    assert found == set(LANGUAGES)


def test_english_is_served_as_it_is_written() -> None:
    assert catalogues.ENGLISH.read_bytes() == catalogues.as_mo(catalogues.in_english()), "run: make messages"


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogue:
    def test_it_is_complete(self, language: str) -> None:
        assert problems(kept(language)) == []

    def test_it_is_what_make_messages_would_write(self, language: str) -> None:
        path = catalogues.catalogue_of(language)
        assert path.read_bytes() == catalogues.as_po(catalogues.updated(path)), "run: make messages"

    def test_what_is_served_is_compiled_from_it(self, language: str) -> None:
        served = catalogues.catalogue_of(language).with_suffix(".mo")
        assert served.read_bytes() == catalogues.as_mo(kept(language)), "run: make messages"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('msgid "Options"\nmsgstr ""', "not translated: Options"),
        ('#, fuzzy\nmsgid "Options"\nmsgstr "Optionen"', "fuzzy: Options"),
        ('#~ msgid "Options"\n#~ msgstr "Optionen"', "no longer used: Options"),
        ('#, python-format\nmsgid "%(n)s more"\nmsgstr "%(m)s weitere"', "other placeholders: %(n)s more"),
        ('#, python-format\nmsgid "95 %% of %(n)s"\nmsgstr "95 % von %(n)s"', "other placeholders: 95 %% of %(n)s"),
        ('msgid "<strong>All</strong>"\nmsgstr "Alle"', "other elements: <strong>All</strong>"),
        ('msgid "Not "\nmsgstr "Nicht"', "other space around it: Not "),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_found(entry: str, expected: str) -> None:
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    assert problems(read_po(BytesIO(f"{header}{entry}\n".encode()), locale="de")) == [expected]


def test_messages_of_templates_are_found_as_django_looks_them_up() -> None:
    template = """{% load i18n %}
      <p>{% translate "All of 100 %" %}</p>
        {% blocktranslate trimmed count counter=n %}
          One entry
        {% plural %}
          {{ counter }} entries
        {% endblocktranslate %}
    {{ _("Inside")|lower }}"""
    found = catalogues.template_messages(BytesIO(template.encode()), list(catalogues.KEYWORDS), [], {})
    assert [message for _line, _function, message, _comments in found] == [
        "All of 100 %%",
        ("One entry", "%(counter)s entries", None),
        "Inside",
    ]
