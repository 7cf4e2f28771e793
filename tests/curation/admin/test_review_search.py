"""One field that searches everything, whatever the case and the accents."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curation import actions
from curation.admin.search import fold, marked
from curation.models import Entry
from display.cache import forget
from tests.factories.accounts import signed_in
from tests.factories.curation import REASON, agree, content, proposed, somebody
from tests.pages import shown

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

PAGE = "/admin/search/"


def found(client: Client, words: str, **more: str) -> str:
    return shown(client.get(PAGE, {"q": words, **more}))


@pytest.mark.parametrize(
    ("kind", "key", "field"),
    [
        ("regimens", "folfiri", "key"),
        ("drugs", "irinotecan", "name"),
        ("licences", None, "label"),
        ("exposure_classes", None, "text"),
        ("publications", None, "title"),
        ("publications", None, "authors"),
        ("publications", None, "journal"),
        ("indications", None, "rationale"),
        ("guidelines", None, "statement"),
        ("biomarkers", None, "why_it_matters"),
        ("trials", None, "title"),
    ],
)
def test_what_entries_say_is_found(as_ben: Client, kind: str, key: str | None, field: str) -> None:
    entries = Entry.objects.filter(kind=kind)
    entry = entries.get(key=key) if key else next(row for row in entries if row.values[field])
    words = str(entry.values.get(field, entry.key))[:90]
    words = words.rpartition(" ")[0] or words
    assert f"/admin/regimens/entry/{entry.pk}/change/" in as_ben.get(PAGE, {"q": words}).content.decode()


def test_figures_notes_cautions_and_criteria_too(as_ben: Client) -> None:
    noted = next(
        (row.key, result["note"])
        for row in Entry.objects.filter(kind="publications")
        for result in row.values["results"]
        if result["note"]
    )
    assert noted[0] in found(as_ben, noted[1][:60].rpartition(" ")[0])
    assert "Fluorouracil" in found(as_ben, "known complete DPD deficiency. test before")
    assert "Irinotecan" in found(as_ben, "camptosar")
    assert "captem-lower-ki67" in found(as_ben, "Ki-67 below 55 %")


def test_case_and_accents_are_folded(as_ben: Client) -> None:
    agree("regimens", "folfiri", name="Fölfiri à la Møller, weiß")
    for words in ("FOLFIRI A LA MØLLER", "folfiri à la møller", "fólfiri weiss", "WEISS"):
        said = found(as_ben, words)
        assert "Fölfiri à la Møller, weiß" in said, words


def test_what_is_found_is_marked_as_it_is_written(as_ben: Client) -> None:
    agree("regimens", "folfiri", name="Fölfiri, weiß")
    page = as_ben.get(PAGE, {"q": "folfiri weiss"}).content.decode()
    assert "<mark>Fölfiri</mark>" in page and "<mark>weiß</mark>" in page


def test_all_words_are_needed(as_ben: Client) -> None:
    assert "0 found" in found(as_ben, "folfiri zzzzqqq")
    assert "0 found" in found(as_ben, "zzzzqqq")


def test_what_was_typed_is_text(as_ben: Client) -> None:
    page = as_ben.get(PAGE, {"q": '"><script>alert(1)</script> %_\\ '}).content.decode()
    assert "<script>alert" not in page and "0 found" in page


@pytest.mark.parametrize("words", ["", " ", "a"])
def test_too_little_searches_nothing(as_ben: Client, words: str) -> None:
    response = as_ben.get(PAGE, {"q": words})
    assert response.status_code == 200 and "0 found" not in shown(response) and "Regimens:" not in shown(response)


def test_proposals_by_what_they_would_say_why_and_by_whom(ada: User, ben: User, as_ben: Client) -> None:
    values = content("regimens", "folfiri", name="Quokka regimen")
    made = actions.propose(kind="regimens", key="folfiri", content=values, reason="Wombat", source="Bilby 2026", by=ada)
    for words in ("quokka", "WOMBAT", "bilby"):
        said = found(as_ben, words)
        assert f"regimen folfiri, proposal {made.proposal.pk} proposed" in said, words
    actions.reject(made.proposal, by=ben, comment="Numbat")
    assert "rejected" in found(as_ben, "numbat") and "0 found" in found(as_ben, "quokka")


def test_releases(as_ben: Client) -> None:
    assert "Releases: 1" in found(as_ben, "shipped")


def test_links_to_edit_public_page_and_history(as_ben: Client) -> None:
    entry = Entry.objects.get(key="folfiri")
    page = as_ben.get(PAGE, {"q": "folfiri"}).content.decode()
    for address in (
        "/admin/edit/regimens/folfiri/",
        "/options/folfiri/",
        f"/admin/regimens/entry/{entry.pk}/change/#versions",
    ):
        assert f'href="{address}"' in page


def test_a_retired_entry_is_found_and_marked(as_ben: Client) -> None:
    key = Entry.objects.filter(kind="trials").first().key
    gone = actions.propose_retirement(kind="trials", key=key, by=somebody("ada"), **REASON).proposal
    actions.accept(gone, by=somebody("ben"))
    assert "retired " in found(as_ben, key)


def test_groups_show_the_first_and_lead_to_all(as_ben: Client) -> None:
    said = found(as_ben, "the")
    count = int(said.split("Publications: ")[1].split()[0])
    assert count > 50 and f"All {count} of these" in said
    all_of_them = found(as_ben, "the", group="publications")
    assert "Page 1 of" in all_of_them and "Regimens:" not in all_of_them
    page = as_ben.get(PAGE, {"q": "the", "group": "publications", "page": "2"}).content.decode()
    assert "?q=the&amp;group=publications&amp;page=1" in page


def test_the_header_has_the_field(as_ben: Client) -> None:
    page = as_ben.get("/admin/regimens/cohort/").content.decode()
    assert 'action="/admin/search/"' in page
    assert 'action="/admin/search/"' not in Client().get("/admin/", follow=True).content.decode()


def test_a_few_queries_whatever_is_found(ada: User, as_ben: Client) -> None:
    proposed(ada)
    counts = []
    for words in ("folfiri", "the", "zzzzqqq"):
        forget()
        with CaptureQueriesContext(connection) as queries:
            as_ben.get(PAGE, {"q": words})
        counts.append(len(queries))
    assert max(counts) <= 14


def test_it_is_for_who_may_see_entries(db: None) -> None:
    nobody = User.objects.create_user("nobody", is_staff=True)
    assert signed_in(nobody).get(PAGE, {"q": "folfiri"}).status_code == 403
    assert Client().get(PAGE, {"q": "folfiri"}).status_code == 302


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Zürich", "zurich"), ("Straße", "strasse"), ("ŁÓDŹ", "łodz"), ("ﬁbre", "fibre"), ("NEC ≥ 55 %", "nec ≥ 55 %")],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_long_text_is_shown_around_what_is_found() -> None:
    text = "a " * 300 + "needle" + " b" * 300
    pieces = marked(text, ["needle"])
    assert [piece.text for piece in pieces if piece.differs] == ["needle"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert len("".join(piece.text for piece in pieces)) < 300


@pytest.mark.parametrize(
    ("words", "entry"),
    [
        ("folfri", ("regimens", "folfiri")),
        ("CPT-11", ("regimens", "folfiri")),
        ("cpt 11", ("drugs", "irinotecan")),
        ("Onivyde", ("regimens", "nal-iri-5fu")),
        ("onivide", ("drugs", "liposomal-irinotecan")),
        ("nal-IRI", ("regimens", "nal-iri-5fu")),
        ("Opdivo", ("regimens", "nivolumab-ipilimumab")),
        ("opdvio", ("drugs", "nivolumab")),
    ],
)
def test_it_forgives_small_errors_and_knows_every_name_of_a_drug(
    as_ben: Client, words: str, entry: tuple[str, str]
) -> None:
    pk = Entry.objects.get(kind=entry[0], key=entry[1]).pk
    page = as_ben.get(PAGE, {"q": words, "group": entry[0]})
    assert f"/admin/regimens/entry/{pk}/change/" in page.content.decode()


def test_what_was_read_is_said_and_what_nothing_is_like_is_not_found(as_ben: Client) -> None:
    assert "It was read as: folfiri" in found(as_ben, "folfri")
    assert "It was read as" not in found(as_ben, "folfiri")
    assert "0 found" in found(as_ben, "zebranib")
    assert "0 found" in found(as_ben, "folfri zebranib")
