"""The cards of an answer, at most three: options, cautions, tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regimens.rules.knowledge import ReleaseIdentity

from .reasons import override_reasons

TOPICS = "urn:necapp:card-topic"
OPTIONS, CAUTIONS, TESTS = "options", "cautions", "tests"
TOPIC_WORDS: dict[str, Promise] = {
    OPTIONS: gettext_lazy("Later-line options"),
    CAUTIONS: gettext_lazy("Cautions"),
    TESTS: gettext_lazy("Tests that could change the order"),
}
LONGEST_SUMMARY = 139


@dataclass(frozen=True)
class Asker:
    """From where a card is shown: `base` is this server's https origin, `service` the id of the service asked."""

    base: str
    service: str


@dataclass(frozen=True)
class Suggestion:
    """A test that may be taken up as a draft order; `feature` is what it would make known."""

    feature: str
    label: str
    description: str
    resource: dict[str, Any]


@dataclass(frozen=True)
class Card:
    """What is said under one topic; its uuid is tied to nothing but topic and release."""

    topic: str
    indicator: str
    summary: str
    detail: str
    suggestions: tuple[Suggestion, ...] = ()
    uuid: uuid.UUID = field(default_factory=uuid.uuid4)

    def as_sent(self, release: ReleaseIdentity, asker: Asker) -> dict[str, Any]:
        card: dict[str, Any] = {
            "uuid": str(self.uuid),
            "summary": shortened(self.summary),
            "detail": self.detail,
            "indicator": self.indicator,
            "source": {
                "label": _("necapp, release %(name)s") % {"name": release.name},
                "url": f"{asker.base}/method/",
                "topic": {"system": TOPICS, "code": self.topic, "display": str(TOPIC_WORDS[self.topic])},
            },
            "links": list(_links(asker)),
        }
        if self.suggestions:
            card["suggestions"] = [self._suggested(each) for each in self.suggestions]
            card["selectionBehavior"] = "any"
        if self.suggestions or self.topic == CAUTIONS:
            card["overrideReasons"] = override_reasons()
        return card

    def _suggested(self, each: Suggestion) -> dict[str, Any]:
        action = {"type": "create", "description": each.description, "resource": each.resource}
        return {"label": each.label, "uuid": str(suggestion_uuid(self.uuid, each.feature)), "actions": [action]}


def suggestion_uuid(card: uuid.UUID, feature: str) -> uuid.UUID:
    """That of a test on a card: found again from both, so that none has to be kept."""
    return uuid.uuid5(card, feature)


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1]}…"


def _links(asker: Asker) -> Iterator[dict[str, str]]:
    """Neither names the patient."""
    yield {"label": _("All options with their evidence"), "url": f"{asker.base}/options/", "type": "absolute"}
    yield {
        "label": _("Open in necapp with this patient’s record"),
        "url": f"{asker.base}/smart/launch",
        "type": "smart",
        "appContext": asker.service,
    }
