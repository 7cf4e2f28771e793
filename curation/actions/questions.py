"""What an import would make worse is asked, not proposed: the answer keeps what is here, or proposes the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.actions import exclusive
from audit.canonical import canonical_json, sha256_of
from audit.errors import ActionRefused
from audit.events import record
from audit.people import permitted
from curation.accepted import accepted
from curation.errors import AlreadyDecided
from curation.models import ImportQuestion
from curation.permissions import PROPOSE
from regimens.models.choices import QuestionAnswer
from staff.english import LANGUAGE

from .proposals import propose

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Asked:
    """One field of an entry in force, as it is held and as a record gives it; `why` that is not simply proposed."""

    kind: str
    key: str
    field: str
    held: Any
    offered: Any
    why: str
    source: str


def ask_questions(asked: Sequence[Asked], *, by: User) -> list[ImportQuestion]:
    """Put on record what was not asked before, by whatever import; those that are new. Raises NotAllowed."""
    person = permitted(by, PROPOSE)
    made = []
    with exclusive():
        for one in asked:
            held, offered = (canonical_json(value).decode() for value in (one.held, one.offered))
            place = {"kind": one.kind, "key": one.key, "field": one.field, "offered_sha256": sha256_of(offered)}
            if held == offered or ImportQuestion.objects.filter(**place).exists():
                continue
            made.append(
                ImportQuestion.objects.create(
                    **place, held=held, offered=offered, why=one.why[:200], source=one.source, asked_by=person
                )
            )
        if made:
            entries: dict[str, list[str]] = {}
            for question in made:
                entries.setdefault(question.kind, []).append(question.key)
            details = {"entries": {kind: sorted(set(keys)) for kind, keys in entries.items()}, "rows": len(made)}
            record("ask-questions", str(len(made)), by=person, details=details)
    return made


def answer_question(question: ImportQuestion, *, answer: QuestionAnswer, by: User) -> ImportQuestion:
    """Keep what is here, or propose what was read: another person decides on that, as on every change.

    Raises NotAllowed, AlreadyDecided; as `propose` does, where it is taken.
    """
    person = permitted(by, PROPOSE)
    with exclusive():
        row = ImportQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)
        if not row.is_open:
            raise AlreadyDecided(_("This question has been answered already."))
        if answer == QuestionAnswer.TAKE:
            content = accepted()[row.kind].get(row.key)
            if content is None:
                raise ActionRefused(_("The entry is no longer in force."))
            # Stored with the proposal, whatever the language of the page: others read it beside the English `why`.
            with translation.override(LANGUAGE):
                reason = _("%(why)s Taken all the same.") % {"why": row.why}
            changed = {**content, row.field: row.offered_value}
            given = {"kind": row.kind, "key": row.key, "content": changed, "reason": reason, "source": row.source}
            row.proposal = propose(**given, by=person).proposal
        row.answer, row.answered_by, row.answered_at = answer, person, timezone.now()
        row.save()
        details = {"import_question": row.pk, "answer": str(answer), "field": row.field}
        record("answer-question", f"{row.key}: {row.field}", by=person, details=details)
    return row
