"""Work packages and questions of imports speak the reader's language, all but the evidence and what people typed."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from curation import actions
from curation.admin.editing.criteria import vocabulary
from curation.admin.editing.criterion_text import ALL_FEATURES
from curation.admin.editing.pages import MODELS, _offers
from curation.models import Entry, WorkPackage
from curation.review.differences import differences
from regimens.models import Regimen, Trial
from regimens.models.choices import QuestionAnswer
from tests.factories.curation import REASON, content
from tests.pseudo_language import AROUND, Known, in_force, own_words_of_django, untranslated

pytestmark = pytest.mark.django_db

WALTER, URL = "walter-2023-bevanec", "https://example.org/"
WHY = "The first page alone."
# Where a form quotes the evidence, shortened or put together: suggestions, titles of rows, criteria, fields to type in.
QUOTED = "|".join(
    f"<{tag}[^>]*>.*?</{tag.split(' ')[0]}>"
    for tag in ('datalist [^>]*lang="en"', 'span class="row-title" lang="en"', 'strong [^>]*lang="en"', "textarea")
)
TITLE, IDENTIFIER, COMMENT = "Made-up work", "PMID 39123456", "Another"


@pytest.fixture
def known(db: None) -> Known:
    entry = Entry.objects.get(kind="regimens", key="folfiri")
    changed = {**entry.values, "name": "FOLFIRI, renamed"}
    told = [*differences("regimens", None, changed), *differences("regimens", entry.values, changed)]
    said = {line for one in told for text in (one.label, one.before, one.after) for line in text.splitlines()}
    names = {"ada", "ben", "regimens", "folfiri", WALTER, "locator", "name", IDENTIFIER, *own_words_of_django()}
    texts = {WHY, TITLE, COMMENT, "Mine", *REASON.values(), "FOLFIRI, renamed"}
    return in_force().with_names(*(" ".join(text.split()).strip(AROUND) for text in (*names, *texts, *said)))


@pytest.fixture
def pseudo(pseudo_client: Client, ben: User) -> Client:
    pseudo_client.force_login(ben)
    return pseudo_client


def a_package(by: User, *names: str, identifier: str = "") -> WorkPackage:
    """Of FOLFIRI under another name, or under none, which breaks a rule."""
    drafts = [
        actions.Drafted("regimens", "folfiri", content("regimens", "folfiri", name=one), _base()) for one in names
    ]
    return actions.begin_package(title=TITLE, identifier=identifier, entries=drafts, by=by)


def _base() -> str:
    return Entry.objects.get(kind="regimens", key="folfiri").sha256


def check(pseudo: Client, address: str, known: Known, *, posted: dict[str, str] | None = None, status: int = 0) -> None:
    response = pseudo.get(address) if posted is None else pseudo.post(address, posted)
    assert response.status_code == (status or (200 if posted is None else 422)), response
    html = response.content.decode()
    assert 'lang="de"' in html
    html = re.sub(QUOTED, "", html, flags=re.DOTALL)
    left = [" ".join(text.split()) for text in untranslated(html, known)]
    assert not left, set(left)


def test_questions(pseudo: Client, known: Known, ada: User) -> None:
    page = "/admin/questions/"
    check(pseudo, page, known)
    held = content("publications", WALTER)["locator"]
    offered = ("24:297", None)
    made = [actions.Asked("publications", WALTER, "locator", held, value, WHY, URL) for value in offered]
    taken, _open = actions.ask_questions(made, by=ada)
    actions.answer_question(taken, answer=QuestionAnswer.TAKE, by=ada)
    check(pseudo, page, known)


def test_packages_in_each_state(pseudo: Client, known: Known, ada: User, ben: User) -> None:
    mine, empty = a_package(ben, "FOLFIRI, renamed"), a_package(ben, identifier=IDENTIFIER)
    theirs, answered = a_package(ada, "FOLFIRI, renamed"), a_package(ada, "Mine")
    for one in (theirs, answered):
        actions.propose_package(one, **REASON, by=ada)
    actions.ask_for_change_of_package(answered, by=ben, comment=COMMENT)
    for one in (mine, empty, theirs, answered):
        check(pseudo, f"/admin/packages/{one.pk}/", known)
    check(pseudo, f"/admin/packages/{mine.pk}/?effect=shown", known)
    check(pseudo, f"/admin/packages/{theirs.pk}/decide/", known, posted={"decision": "reject"})
    check(pseudo, "/admin/packages/", known)
    check(pseudo, "/admin/waiting/", known)
    actions.accept_package(theirs, by=ben)
    check(pseudo, f"/admin/packages/{theirs.pk}/", known)


def test_what_breaks_a_rule(pseudo: Client, known: Known, ben: User) -> None:
    """The rules of the evidence base are English, and marked so."""
    broken = a_package(ben, "")
    html = pseudo.get(f"/admin/packages/{broken.pk}/").content.decode()
    told = Known(known.names, known.texts | {"Name: This is needed"})
    left = untranslated(html, told)
    assert not left, set(left)


@pytest.mark.parametrize("given", [{}, {"identifier": "nothing"}])
def test_the_beginning(pseudo: Client, known: Known, given: dict[str, str]) -> None:
    check(pseudo, "/admin/packages/new/", known.with_names("nothing"), posted=given)


def test_retiring(pseudo: Client, known: Known, ada: User, ben: User) -> None:
    """What is in its way, too: an entry that others name; and what is proposed besides, and asked."""
    parts = {"cohort", "regimen", "when", "actionable with", *(f"{count} times" for count in range(2, 30))}
    known = Known(known.names.union(Entry.objects.values_list("key", flat=True)), known.texts | parts)
    trial = Trial.objects.get(nct="NCT05882058")
    page = f"/admin/regimens/trial/{trial.pk}/delete/"
    retired = actions.propose_retirement(kind="trials", key=trial.nct, **REASON, by=ada).proposal
    check(pseudo, page, known)
    check(pseudo, page, known, posted={}, status=200)
    actions.ask_for_change(retired, by=ben, comment=COMMENT)
    pseudo.force_login(ada)
    check(pseudo, f"{page}?proposal={retired.pk}", known)
    regimen = Regimen.objects.get(slug="folfiri")
    given = {f"proposal_{name}": text for name, text in REASON.items()}
    check(pseudo, f"/admin/regimens/regimen/{regimen.pk}/delete/", known, posted=given, status=200)


@pytest.mark.parametrize("kind", MODELS)
def test_the_forms_of_entries(pseudo: Client, known: Known, ada: User, kind: str) -> None:
    """All but the words of criteria, which are typed and read in English."""
    keys = set(Entry.objects.values_list("key", flat=True))
    features = {feature.label for feature in ALL_FEATURES.values()}
    classes = set(Regimen.objects.values_list("drug_class", flat=True))
    offered = {text for choices in _offers(kind).values() for text in choices.values()}
    words = {text for _title, helps in vocabulary() for one in helps for text in (one.operators, one.values)}
    known = known.with_names(*keys, *features, *classes, *(text.strip(AROUND) for text in offered), "https://")
    known = Known(known.names, known.texts | words)
    name = MODELS[kind]._meta.model_name
    first = MODELS[kind]._default_manager.order_by("pk").first()
    assert first is not None
    check(pseudo, f"/admin/regimens/{name}/add/", known)
    check(pseudo, f"/admin/regimens/{name}/{first.pk}/change/", known)
    said = pseudo.post(f"/admin/regimens/{name}/add/", {"_live": "1"}).json()
    assert said["top"] or said["problems"]
