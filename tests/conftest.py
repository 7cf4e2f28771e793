"""What the tests of the web application share: the shipped evidence base, published, in the test database."""

from __future__ import annotations

import gc
import marshal
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from curation.actions import publishing
from curation.actions.loading import load
from display.cache import forget
from regimens import releases
from regimens.knowledge.loader import SHIPPED
from regimens.rules.validation import Validation
from tests import clock, databases
from tests.databases import forget_releases
from tests.factories.files import parsed
from tests.languages import left_as_found
from tests.pseudo_language import marked_catalogue

clock.put_ahead()

# Modules and items are there to the end: nothing of them is garbage, and to look for it took half of the time in which
# they are collected. What the tests leave is looked for from `keep_for_good` on, less often than Python does by itself.
gc.disable()
ALLOCATIONS = (50_000, 20, 50)


def keep_for_good() -> None:
    """What is there now is never looked through for garbage again."""
    gc.freeze()
    gc.set_threshold(*ALLOCATIONS)
    gc.enable()


def pytest_report_header() -> str:
    return clock.said()


@pytest.fixture(scope="session", autouse=True)
def clock_of_processes() -> None:
    """Those that a test starts live at the time of the test."""
    clock.put_ahead_from_now_on()


def pytest_configure(config: pytest.Config) -> None:
    """Processes that pytest-xdist starts come after, and find in their environment what they share."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="necapp-tests-")
        config.add_cleanup(partial(shutil.rmtree, folder))
        databases.share_in(folder)
        if config.getoption("numprocesses", None):
            keep_for_good()  # the processes collect, and this one waits for what they report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is over in a moment, by what it asks for: `make test-quick` runs that."""
    for item in items:
        asks = {"db", "transactional_db", "former", "page", "browser"} & {*getattr(item, "fixturenames", ())}
        starts_processes = hasattr(getattr(item, "module", None), "subprocess")
        marked = any(map(item.get_closest_marker, ("django_db", "postgresql")))
        if not (asks or starts_processes or marked):
            item.add_marker("quick")


def pytest_collection_finish() -> None:
    keep_for_good()


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_modify_db_settings: None, django_db_blocker: Any) -> None:
    """Every test starts from the evidence base as shipped, in force under the name "shipped"."""
    gc.disable()
    with databases.filling() as is_empty:
        request.getfixturevalue("django_db_setup")  # pytest-django's own
        if is_empty:
            with django_db_blocker.unblock():
                load()
                publishing.publish("shipped")
    keep_for_good()


@pytest.fixture(scope="module")
def rows_of_a_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What a fixture of a whole module writes after this one, each of its tests finds, and no other module's."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """A release that says the same under the same name is compiled once for all tests: most rank with that shipped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "knowledge_in", lru_cache(maxsize=8)(releases.knowledge_in))
        patch.setattr(publishing, "validate", _once(publishing.validate))
        yield


def _once(validate: Callable[[Any], Validation]) -> Callable[[Any], Validation]:
    """Validates what says the same but once: half of what it takes to publish."""
    validated = lru_cache(maxsize=32)(lambda said: validate(marshal.loads(said)))  # noqa: S302 - what was dumped here
    return lambda document: validated(marshal.dumps(document, 2))


@pytest.fixture(autouse=True)
def language_and_time_zone() -> Iterator[None]:
    """No test finds those of another one."""
    with left_as_found():
        yield


@pytest.fixture(autouse=True)
def plain_static_files(settings: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pages name static files as they are, without collecting them first."""
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp()
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {"staticfiles": {"BACKEND": backend}}


@pytest.fixture(autouse=True)
def quick_passwords(settings: pytest.FixtureRequest) -> None:
    """A fifth of a second a password is for those who guess."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def without_second_factor(settings: pytest.FixtureRequest) -> None:
    """A test signs somebody in by force, without codes; tests/accounts/ asks for them as a server does."""
    settings.REQUIRE_SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def reports_forgotten() -> Iterator[None]:
    """What one test reports against the release in force is not told in the next."""
    yield
    releases.forget_reported()


@pytest.fixture
def without_releases(db: None) -> None:
    forget_releases()


@pytest.fixture
def strict_client() -> Client:
    """A client that has to bring the form's token, as a browser does."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped files, to be spoilt."""
    monkeypatch.setattr("yaml.load", parsed)
    shutil.copytree(SHIPPED / "publications", tmp_path / "publications")
    for path in SHIPPED.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def pseudo_language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose German says of each message of the sources that it is one: tests/pseudo_language.py."""
    folder = tmp_path_factory.mktemp("locale")
    marked_catalogue(folder)
    return folder


@pytest.fixture
def pseudo_client(settings: Any, pseudo_language: Path) -> Iterator[Client]:
    settings.LOCALE_PATHS = [pseudo_language]
    forget()
    yield Client(headers={"Accept-Language": "de"}, raise_request_exception=False)
    forget()
