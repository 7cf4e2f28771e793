"""Pages of the admin that speak the reader's language: every word is a message, a name or evidence."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from curation import actions
from curation.accepted import accepted, document_of
from curation.actions import publishing, reports
from curation.actions.second_readings import CohortRead, shape_of
from curation.freshness import freshness
from curation.models import Entry, SavedSearch, SurveyFinding
from curation.review.differences import title_of
from curation.review.influence import read_once
from curation.surveillance import deciding
from regimens import releases
from regimens.models import KnowledgeRelease, ReportedNotice
from regimens.models.choices import ReadingOutcome
from regimens.rules.readings import figures_of, pooled_results
from regimens.wording.citations import arm_words
from tests.factories.curation import REASON, agree, proposed, rename_folfiri, somebody
from tests.factories.reports import WORDS, a_report
from tests.factories.surveillance import found, retracted
from tests.pseudo_language import AROUND, Known, in_force, own_words_of_django, untranslated

pytestmark = pytest.mark.django_db


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


@pytest.fixture
def twice(ada: User, ben: User) -> dict[str, str]:
    """A figure on which two readers differ and one that is decided; and what nobody has read a second time."""
    cleo, (key, other, *_more) = somebody("cleo"), read_once(document_of(accepted()))
    content = accepted()["publications"][key]
    place = pooled_results(content)[0]
    figures = {
        name: value + 1
        for name, value in figures_of(content["results"][place]).items()
        if name in ("n", "deaths", "os") and value is not None
    }
    entered = actions.enter_second_reading(
        key,
        cohorts={place: CohortRead(figures, no_other_rates=False)},
        at="https://example.org/paper",
        how="fulltext",
        read_on=timezone.localdate(),
        shape=shape_of(content),
        by=cleo,
    )
    decided = actions.FigureDecision(entered.tasks[0], ReadingOutcome.SECOND)
    settled = actions.settle(key, decisions=[decided], comment=WORDS, by=ada)
    actions.reject(settled.proposal, by=ben, comment="Another")
    return {
        "list": "/admin/readings/",
        "form": f"/admin/readings/publication/{other}/",
        "refused": f"/admin/readings/publication/{key}/",
        "reading": f"/admin/readings/{entered.reading.pk}/",
        "differ": "/admin/readings/differ/?status=all",
        "settle": f"/admin/readings/differ/{key}/",
    }


@pytest.mark.parametrize(
    ("which", "status"),
    [
        ("list", 200),
        ("form", 200),
        ("form", 422),
        ("reading", 200),
        ("differ", 200),
        ("settle", 200),
        ("settle", 422),
        ("refused", 403),
    ],
)
def test_every_word_of_reading_twice_is_a_message(
    pseudo: Client, twice: dict[str, str], known: Known, which: str, status: int
) -> None:
    address = twice[which]
    names = {"cleo", "https://example.org/paper", *arms_and_keys()}
    if status == 422:
        response = pseudo.post(
            address, {"shape": "x", "c0-n": "x", "c0-orr": "900", "c0-pfs_low": "1", "c0-rate0_months": "6"}
        )
        names |= {"x", "900"}
    else:
        response = pseudo.get(address)
    speaks(response, known, *names, status=status)


def arms_and_keys() -> set[str]:
    found: set[str] = set()
    for publication in releases.current().document["publications"]:
        links = {publication["verified_at"], publication["url"]}
        found |= {publication["key"], *filter(None, links)} | {arm_words(one) for one in publication["results"]}
    return {" ".join(text.split()).strip(AROUND) for text in found}


@pytest.fixture
def released(ada: User, ben: User) -> dict[str, str]:
    """A second release, one that is asked for, and a change that waits to be published."""
    for person in (ada, ben):
        person.groups.add(Group.objects.get(name="Publisher"))
    first = KnowledgeRelease.objects.get(name="shipped")
    agree("indications", "folfiri-digestive", stance="consider")
    second, _is_new = publishing.publish("second", summary=WORDS, by=ada)
    asked = actions.ask_to_reinstate(first, reason=WORDS, by=ada)
    rename_folfiri()
    agree("indications", "captem-lower-ki67", stance="recommend")
    return {
        "publish": "/admin/publish/",
        "publish-effect": "/admin/publish/effect/",
        "former": "/admin/releases/former/",
        "confirm": f"/admin/releases/former/{asked.pk}/",
        "compare": f"/admin/releases/compare/?before={first.pk}&after={second.pk}",
        "first": f"/admin/regimens/knowledgerelease/{first.pk}/change/",
        "second": f"/admin/regimens/knowledgerelease/{second.pk}/change/",
        "effect": f"/admin/releases/effect/?before={first.pk}&after={second.pk}",
    }


@pytest.mark.parametrize(
    ("which", "status"),
    [
        (which, 200)
        for which in ("publish", "publish-effect", "former", "confirm", "compare", "effect", "first", "second")
    ],
)
def test_every_word_of_releases_is_a_message(
    pseudo: Client, released: dict[str, str], known: Known, which: str, status: int
) -> None:
    names = {"second", timezone.localdate().isoformat(), *entry_titles()}
    for release in KnowledgeRelease.objects.all():
        names |= {f"{release} |", f"› {release}", release.sha256, "True", "False"}  # Django's words for its signs
    names |= {f"{name} →" for name in releases.current().names.values()}
    anything = MarkedEnglish(known.names, known.texts)
    speaks(pseudo.get(released[which]), anything, *names, status=status)


class MarkedEnglish(Known):
    """What differs, what to look at again and the labels of patients are made in English, and marked so."""

    def with_names(self, *names: str) -> MarkedEnglish:
        return MarkedEnglish(self.names | set(names), self.texts)

    def allows(self, text: str, *, english: bool) -> bool:
        return english or super().allows(text, english=english)


def entry_titles() -> set[str]:
    return {title_of(row.kind, row.values) for row in Entry.objects.all()}
