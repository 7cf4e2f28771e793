"""The session store: Django's in the database, in which a session that was idle for too long does not exist.

Every way to a session leads through here, so that no page has to ask whether it is still good.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

# A session names what signed its person in by its path, of which there has been another.
FORMER_BACKENDS = {"necapp.accounts.backends.SecondFactorBackend": "accounts.backends.SecondFactorBackend"}
# By so much the clocks of two servers may differ. A session that seems to begin later than that would end too late: a
# clock was wrong, then or now, and it ends at once.
CLOCKS_DIFFER = timedelta(minutes=1)
# What a session says of the browser that it is signed in with.
BROWSER, ADDRESS = "browser", "address"
# A person who does many things within it is noted once.
NOTED_EVERY = timedelta(seconds=20)


class SessionStore(DatabaseStore):
    started_at: datetime | None = None
    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()
        if row is None or not row.is_alive:
            self._session_key = None
            return None
        self.started_at, self.seen_at = row.started_at, row.seen_at
        return row

    async def _aget_session_from_db(self) -> Session | None:
        found: Session | None = await sync_to_async(self._get_session_from_db)()
        return found

    def decode(self, session_data: str) -> dict[str, Any]:
        """What was stored; nobody is signed out because the code has moved."""
        data: dict[str, Any] = super().decode(session_data)
        if data.get(BACKEND_SESSION_KEY) in FORMER_BACKENDS:
            data[BACKEND_SESSION_KEY] = FORMER_BACKENDS[data[BACKEND_SESSION_KEY]]
        return data

    def create(self) -> None:
        self.started_at = None
        super().create()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        row.browser, row.address = data.get(BROWSER, ""), data.get(ADDRESS)
        self.seen_at = row.seen_at = timezone.now()
        self.started_at = row.started_at = self.started_at or row.seen_at
        return row

    def note(self) -> None:
        """Its person does something: the idle time begins anew."""
        now = timezone.now()
        if self.seen_at and now - self.seen_at > NOTED_EVERY:
            Session.objects.filter(pk=self.session_key).update(seen_at=now)
            self.seen_at = now

    @property
    def seconds_left(self) -> int:
        """Until it ends if nothing is done: idle time, or its longest."""
        if not self.seen_at or not self.started_at:
            return 0
        idle = self.seen_at + timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        longest = self.started_at + timedelta(seconds=settings.SESSION_LONGEST_SECONDS)
        return max(0, int((min(idle, longest) - timezone.now()).total_seconds()))

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.over().delete()


class SessionQuerySet(models.QuerySet["Session"]):
    def alive(self) -> SessionQuerySet:
        return self.filter(alive())

    def over(self) -> SessionQuerySet:
        return self.exclude(alive())


class Session(AbstractBaseSession):
    """Django's session, with whose it is and since when; known by its key, which the browser's cookie holds.

    person       null: of nobody who is signed in
    started_at   when it was signed in
    seen_at      when its person last did something
    browser      the family of the browser and its system, empty where they are not known
    address      from where it was signed in
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions", null=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    browser = models.CharField(max_length=60, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects = BaseSessionManager.from_queryset(SessionQuerySet)()

    @property
    def is_alive(self) -> bool:
        return self.is_alive_at(timezone.now())

    def is_alive_at(self, now: datetime) -> bool:
        """Neither idle for too long nor too old nor of the future, whatever the age of its cookie."""
        bounds = {"expire_date": self.expire_date, "seen_at": self.seen_at, "started_at": self.started_at}
        return all(first < bounds[name] <= last for name, (first, last) in _bounds(now).items())

    @classmethod
    def get_session_store_class(cls) -> type:
        return SessionStore


def alive(prefix: str = "", *, now: datetime | None = None) -> Q:
    """Of sessions, or of what has sessions under a name, that they have not ended."""
    found = Q()
    for name, (first, last) in _bounds(now or timezone.now()).items():
        found &= Q(**{f"{prefix}{name}__gt": first, f"{prefix}{name}__lte": last})
    return found


def _bounds(now: datetime) -> dict[str, tuple[datetime, datetime]]:
    """After what each time of a session has to be, and by when at the latest: no end lies further ahead than it may."""
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    longest = timedelta(seconds=settings.SESSION_LONGEST_SECONDS)
    last = now + CLOCKS_DIFFER
    return {"expire_date": (now, last + longest), "seen_at": (now - idle, last), "started_at": (now - longest, last)}
