"""The admin's lists and rows speak the reader's language: names, helps, columns, filters, choices, and events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.utils import translation
from django.utils.text import Truncator

from audit.models import Event
from audit.sentences import tell
from curation.models import Entry, Proposal
from staff.names import NAMES
from staff.site import site
from tests.factories.curation import proposed, somebody
from tests.factories.reports import a_report
from tests.factories.surveillance import found, retracted
from tests.pseudo_language import AROUND, Known, Reader, in_force, is_made_of, outside_messages, own_words_of_django
from tests.pseudo_language import NAMES as ALIKE

pytestmark = pytest.mark.django_db

# A person's page has its own test; it is Django's.
MODELS = sorted((model for model in site._registry if model._meta.app_label != "auth"), key=lambda one: one.__name__)


def shown_models() -> set[type[Model]]:
    return {*MODELS, *(inline.model for row in site._registry.values() for inline in row.inlines)}


def fields_of(model: type[Model]) -> tuple[Any, ...]:
    return (*model._meta.fields, *model._meta.many_to_many)


def said_of(model: type[Model]) -> Iterator[Any]:
    """All that Django's pages say of a model, besides what its rows hold."""
    yield from (model._meta.verbose_name, model._meta.verbose_name_plural, model._meta.app_config.verbose_name)
    for field in fields_of(model):
        yield from (field.verbose_name, field.help_text, *(label for value, label in field.flatchoices if value))
    if page := site._registry.get(model):
        yield page.search_help_text
        yield from (
            one.title for one in page.list_filter if isinstance(one, type) and issubclass(one, admin.ListFilter)
        )
        for name in (*page.list_display, *page.readonly_fields):
            column = getattr(page, name, None) or getattr(model, name, None)
            assert column is not None, f"{page}: {name}"
            yield from (getattr(column, "short_description", ""), getattr(column, "empty_value_display", ""))


def test_whatever_is_said_of_a_model_is_a_message(pseudo_client: Client) -> None:
    with translation.override("de"):
        left = {
            (model.__name__, str(said))
            for model in shown_models()
            for said in said_of(model)
            if said and "⟦" not in str(said) and not is_made_of(str(said).strip(AROUND), ALIKE | PLAIN)
        }
    assert not left


# Written alike in every language.
PLAIN = frozenset({"n"})


def test_each_name_is_that_of_a_model_or_a_field() -> None:
    with translation.override(None):
        named = {str(name) for model in shown_models() for name in said_of(model)}
        assert {str(name) for name in NAMES} <= named


class Interface(Reader):
    """What a page says, but for what rows hold: their cells in lists, and their values on their own pages."""

    def __init__(self) -> None:
        super().__init__()
        self.cell: int | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        before = len(self.told)
        super().handle_starttag(tag, attributes)
        classes = dict(attributes).get("class") or ""
        is_cell = tag in ("td", "th") and re.search(r"\b(field-|original\b)", classes)
        if self.cell is None and (is_cell or re.search(r"\breadonly\b|\binline_label\b", classes)):
            self.cell = len(self.open)
        if self.cell is not None:
            del self.told[before:]

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if self.cell is not None and len(self.open) < self.cell:
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.cell is None:
            super().handle_data(data)


@pytest.fixture
def known(events: User) -> Known:
    names = {"ada", "root", "True", "False", "shipped", "Search"}  # the last three are Django's, for its signs
    for piece in own_words_of_django():
        names |= {part.strip(AROUND + "|") for part in re.split(r"%[sd]", piece)}
    for model in MODELS:
        for row in model._default_manager.all():
            names |= {value for value in vars(row).values() if isinstance(value, str)}
            with translation.override("de"):
                called = outside_messages(str(row))[0]
            names |= {bare(called), Truncator(called).words(18, truncate=" …")}  # in breadcrumbs
    return in_force().with_names(*(" ".join(name.split()).strip(AROUND + "|") for name in names))


@pytest.fixture
def events(db: None) -> User:
    """Rows of what is made by people, and who may see them."""
    proposed(somebody("ada"))
    a_report()
    found("A first paper, relapsed")
    retracted()
    return User.objects.create_superuser("root", email="", password=None)


@pytest.fixture
def pseudo(pseudo_client: Client, events: User) -> Client:
    pseudo_client.force_login(events)
    return pseudo_client


def bare(text: str) -> str:
    """Without what stands around a name, such as the number before "Ergebnisse"."""
    return re.sub(r"^[|› ]*(\d+ )?|[|› (]+$", "", text)


def left_on(pseudo: Client, address: str, known: Known) -> set[str]:
    response = pseudo.get(address)
    assert response.status_code == 200, address
    reader = Interface()
    reader.feed(response.content.decode())
    reader.close()
    pieces = {bare(piece) for text, _ in reader.told for piece in re.split(r"[|›\n]", text)}
    return {piece for piece in pieces if not known.allows(piece, english=True)}


def test_every_word_of_lists_and_rows_is_a_message(pseudo: Client, known: Known, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    left: dict[str, set[str]] = {}
    for model in MODELS:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        addresses = [address]
        if row := model._default_manager.first():
            addresses.append(f"{address}{row.pk}/history/")
            if model not in (Entry, Proposal):  # their pages are not Django's, and have tests of their own
                addresses.append(f"{address}{row.pk}/change/")
        for one in addresses:
            left[one] = left_on(pseudo, one, known)
    assert not {address: words for address, words in left.items() if words}


def test_events_are_told_in_the_readers_language(pseudo: Client, known: Known) -> None:
    rows = list(Event.objects.all())
    with translation.override("de"):
        assert all("⟦" in str(told) for told in tell(rows))
        assert {detail.label[:1] for told in tell(rows) for detail in told.details} == {"⟦"}, rows
