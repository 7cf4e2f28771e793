"""Pages of the admin that speak the reader's language: every word is a message, a name or evidence."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import django
import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from curation import actions
from curation.actions import reports
from curation.freshness import freshness
from curation.models import SavedSearch, SurveyFinding
from curation.surveillance import deciding
from regimens import releases
from regimens.models import ReportedNotice
from tests.factories.curation import REASON, proposed
from tests.factories.reports import WORDS, a_report
from tests.factories.surveillance import found, retracted
from tests.pseudo_language import AROUND, Known, in_force, untranslated

pytestmark = pytest.mark.django_db

DJANGO = Path(django.__file__).parent


def own_words_of_django() -> set[str]:
    """What Django's admin says in German by its own catalogues."""
    found: set[str] = set()
    for room in ("conf", "contrib/admin", "contrib/auth"):
        catalogue = DJANGO / room / "locale" / "de" / "LC_MESSAGES" / "django.mo"
        with catalogue.open("rb") as file:
            words = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        texts = [text for text in words.values() if isinstance(text, str)]
        found.update(piece for text in texts for piece in re.split(r"%\(\w+\)[sd]|\n", text))
    return found


@pytest.fixture
def known(db: None) -> Known:
    names = {"ada", "ben", "(0)", "(1)", "(2)", "(3)", "shipped", *own_words_of_django()}
    texts = {WORDS, *REASON.values(), "FOLFIRI, renamed", "Mine", "Another", "none", "name", "folfiri", "regimens"}
    return in_force().with_names(*(" ".join(text.split()).strip(AROUND) for text in (*names, *texts)))


@pytest.fixture
def pseudo(pseudo_client: Client, ben: User) -> Client:
    pseudo_client.force_login(ben)
    return pseudo_client


@pytest.fixture
def address(ada: User, ben: User) -> dict[str, str]:
    """Something of each kind to be shown, and where."""
    open_one, asked = proposed(ada), proposed(ben, "regimens", "topotecan", name="Mine")
    actions.ask_for_change(asked, by=ada, comment="Another")
    report, answered = a_report(), a_report()
    reports.answer(answered, published="Another", answer="Another", by=ada)
    return {
        "start": "/admin/",
        "reports": "/admin/reports/",
        "report": f"/admin/reports/{report.pk}/",
        "answered": f"/admin/reports/{answered.pk}/",
        "waiting": "/admin/waiting/",
        "nothing": "/admin/waiting/?kind=trials",
        "proposal": f"/admin/regimens/proposal/{open_one.pk}/change/",
        "effect": f"/admin/regimens/proposal/{open_one.pk}/change/?effect=shown",
        "asked": f"/admin/regimens/proposal/{asked.pk}/change/",
        "several": f"/admin/waiting/several/?selected={open_one.pk}",
        "interests": "/admin/interests/",
    }


@pytest.mark.parametrize(
    "which",
    [
        "start",
        "reports",
        "report",
        "answered",
        "waiting",
        "nothing",
        "several",
        "interests",
        "proposal",
        "effect",
        "asked",
    ],
)
def test_every_word_is_a_message(pseudo: Client, address: dict[str, str], known: Known, which: str) -> None:
    speaks(pseudo.get(address[which]), known)


def speaks(response: HttpResponse, known: Known, *names: str, status: int = 200) -> None:
    assert response.status_code == status
    html = response.content.decode()
    assert 'lang="de"' in html
    left = [" ".join(text.split()) for text in untranslated(html, known.with_names(*names))]
    assert not left, "\n".join(left)


@pytest.fixture
def desk(ada: User) -> dict[str, str]:
    """Found, included, left out and put off; and a retraction of what is held."""
    papers = list(found("A first paper, relapsed", "A second paper", "A third paper").findings)
    now = timezone.now()
    deciding.include(papers[:1], by=ada, now=now)
    deciding.exclude(papers[1:2], reason="review", by=ada, now=now)
    retracted()
    return {
        "desk": "/admin/desk/",
        "chosen": "/admin/desk/?search=nec-later-line",
        "excluded": "/admin/desk/?state=excluded",
        "included": f"/admin/desk/found/{papers[0].pk}/",
        "open": f"/admin/desk/found/{papers[2].pk}/",
        "search": "/admin/desk/search/",
        "kept": "/admin/desk/search/nec-later-line/",
        "freshness": "/admin/freshness/?all",
    }


@pytest.mark.parametrize("which", ["desk", "chosen", "excluded", "included", "open", "search", "kept", "freshness"])
def test_every_word_of_surveillance_is_a_message(
    pseudo: Client, desk: dict[str, str], known: Known, which: str
) -> None:
    names = {
        text
        for search in SavedSearch.objects.all()
        for text in (search.name, f"{search.name} |", search.query, *search.words)
    }
    names |= {text for one in SurveyFinding.objects.all() for text in (one.title, f"{one.title} |", one.url)}
    names |= {text for one in ReportedNotice.objects.all() for text in (one.publication, one.text, one.found_by)}
    names |= {entry.title for kind in freshness(timezone.localdate()) for entry in kind.entries}
    names |= {row["key"] for row in releases.current().document["indications"]}
    texts = (*names, *releases.current().regimens, "the same PMID", "A first paper")
    speaks(pseudo.get(desk[which]), known, *(" ".join(text.split()).strip(AROUND) for text in texts))
