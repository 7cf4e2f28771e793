"""Events as people read them: what was done to what, with the page that shows it, and the details in words.

The words are in English, as the admin is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from regimens.curation.words import title_of
from regimens.english import said_in_english
from regimens.models import Entry, Event, KnowledgeRelease, Proposal
from regimens.models.choices import EntryKind

# What was done, after the name of who did it; {} is what it was done to.
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "propose": "proposed a change of {}",
        "accept": "accepted the proposal on {}",
        "reject": "rejected the proposal on {}",
        "ask-for-change": "asked for a change of the proposal on {}",
        "withdraw": "withdrew the proposal on {}",
        "supersede": "found the proposal on {} overtaken by another",
        "declare-interests": "declared the interests of {}",
        "read-second": "read figures of {} a second time",
        "settle-readings": "decided between readings of {}",
        "reopen-reading-task": "asked anew which reading is right of {}",
        "load": "loaded the evidence base as shipped",
        "load-baseline": "loaded the baseline from {}",
        "publish": "published release {}",
        "import-release": "imported release {}",
        "ask-to-reinstate": "asked that release {} be put in force",
        "reinstate": "confirmed that release {} be in force",
        "export": "exported {}",
        "export-release": "exported release {}",
        "export-events": "exported the events as {}",
        "sign-in": "signed in",
        "sign-out": "signed out",
        "sign-in-failed": "could not sign in as {}",
        "change-password": "changed the password of {}",
        "create-account": "created the account {}",
        "change-account": "changed the account {}",
        "activate-account": "activated the account {}",
        "deactivate-account": "deactivated the account {}",
        "delete-account": "deleted the account {}",
        "change-account-groups": "changed the groups of the account {}",
        "change-account-permissions": "changed the permissions of the account {}",
        "invite": "invited {}",
        "make-link": "made a link for {} to set a new password",
        "accept-invitation": "set the password of {} with a link",
        "set-up-second-factor": "set up an authenticator app of {}",
        "reset-second-factor": "reset the second factor of {}",
        "renew-recovery-codes": "made new recovery codes of {}",
        "use-recovery-code": "used a recovery code of {}",
        "end-sessions": "ended the sessions of {}",
        "sign-out-everywhere": "signed out everywhere as {}",
        "lift-lock-out": "let {} try to sign in again",
        "create-group": "created the group {}",
        "change-group": "changed the group {}",
        "delete-group": "deleted the group {}",
        "change-group-permissions": "changed the permissions of the group {}",
        # What boards record, which say numbers alone.
        "make-board": "made {}",
        "change-board": "changed the settings of {}",
        "add-member": "added a member to {}",
        "change-role": "changed a role on {}",
        "remove-member": "removed a member from {}",
        "save-case": "saved {}",
        "add-version": "added a version to {}",
        "relabel-case": "changed the label of {}",
        "archive-case": "archived {}",
        "restore-case": "took {} out of the archive",
        "erase-case": "erased {}",
        "make-meeting": "made {}",
        "list-case": "put {} on an agenda",
        "unlist-case": "took {} off an agenda",
        "freeze-version": "froze {} in its newest version",
        "move-item": "changed the order of {}",
        "ask-board": "put a question to the board on {}",
        "choose-options": "chose the options that stand side by side for {}",
        "fix-agenda": "fixed the agenda of {}",
        "reopen-agenda": "opened the agenda of {} again",
        "vote": "voted on {}",
        "change-vote": "changed a vote on {}",
        "close-vote": "closed the vote on {}",
        "decide": "recorded a decision on {}",
        "sign": "signed the decision on {}",
        "follow-up": "recorded the follow-up of {}",
        "replay-decisions": "ranked decided cases again on release {}",
        "export-decisions": "exported the decisions of {}",
    }
)
_RETIREMENT = "proposed to retire {}"
_ADDITION = "proposed to add {}"
_RELEASES = frozenset(
    {"publish", "import-release", "ask-to-reinstate", "reinstate", "export-release", "replay-decisions"}
)

# What details are called; those of `None` say nothing to people that is not said already.
_LABELS: Mapping[str, str | None] = MappingProxyType(
    {
        "proposal": None,
        "account": None,
        "reading": None,
        "task": None,
        "tasks": "Figures in dispute",
        "by_a_reader": "By one of the two readers",
        "group": None,
        "reason": "Reason",
        "comment": "Comment",
        "because": "Because",
        "companies": "Companies",
        "superseded": "Superseded proposals",
        "sha256": "SHA-256",
        "release": "Release, SHA-256",
        "former": "In force before",
        "as_baseline": "As the baseline",
        "added": "Added",
        "changed": "Changed",
        "also_changed": "Changed as well",
        "removed": "Removed",
        "retired": "Retired",
        "entries": "Entries",
        "rows": "Rows",
        "file": "File",
        "filters": "Filters",
        "roles": "Roles",
        "sessions": "Sessions",
        "is_staff": "May enter the admin",
        "is_superuser": "May do everything",
        "os_user": "Account of the operating system",
        "command": "Command",
    }
)
_FIELDS = MappingProxyType(
    {
        "username": "name",
        "is_active": "active",
        "is_staff": "may enter the admin",
        "is_superuser": "may do everything",
        "first_name": "first name",
        "last_name": "last name",
        "email": "e-mail address",
    }
)


@dataclass(frozen=True)
class Detail:
    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


@dataclass(frozen=True)
class Told:
    """An event in words: `before`, `subject` and `after` make one phrase, such as "published release 2026-11".

    page   the admin's page of the subject: a name for `reverse` and its argument; None where there is none
    """

    before: str
    subject: str
    after: str
    page: tuple[str, int] | None
    details: tuple[Detail, ...]

    def __str__(self) -> str:
        return f"{self.before}{self.subject}{self.after}".strip()


@said_in_english
def tell(events: Sequence[Event]) -> list[Told]:
    """Events in words, in their order; two queries at most for what they name, however many they are."""
    proposals = Proposal.objects.in_bulk({pk for event in events if (pk := _number(event, "proposal"))})
    titles = _titles(proposals.values())
    names = {event.subject for event in events if event.action in _RELEASES}
    releases = dict(KnowledgeRelease.objects.filter(name__in=names).values_list("name", "pk")) if names else {}
    return [_tell(event, proposals, titles, releases) for event in events]


def phrase_of(action: str) -> str:
    """What an action is called where it is chosen from a list."""
    return ACTIONS.get(action, action.replace("-", " ")).replace("{}", "…")


def details_of(details: Mapping[str, Any]) -> tuple[Detail, ...]:
    """The details in words; what is not known here is said as it is stored."""
    found = []
    for key, value in details.items():
        label = _LABELS.get(key, key.replace("_", " ").capitalize())
        text = _in_words(key, value)
        if label and text:
            found.append(Detail(label, text))
    return tuple(found)


def _tell(
    event: Event, proposals: Mapping[int, Proposal], titles: Mapping[int, str], releases: Mapping[str, int]
) -> Told:
    phrase = ACTIONS.get(event.action, f"{event.action.replace('-', ' ')} {{}}")
    proposal = proposals.get(_number(event, "proposal") or 0)
    subject, page = event.subject, None
    if proposal is not None:
        subject = titles[proposal.pk]
        page = ("admin:regimens_proposal_change", proposal.pk)
        if event.action == "propose" and proposal.is_retirement:
            phrase = _RETIREMENT
        elif event.action == "propose" and not proposal.base_sha256:
            phrase = _ADDITION
    elif event.action in _RELEASES and event.subject in releases:
        page = ("admin:regimens_knowledgerelease_change", releases[event.subject])
    elif event.action != "delete-account" and (pk := _number(event, "account")):
        page = ("admin:auth_user_change", pk)
    elif event.action != "delete-group" and (pk := _number(event, "group")):
        page = ("admin:auth_group_change", pk)
    before, has_subject, after = phrase.partition("{}")
    if not has_subject:
        return Told(phrase, "", "", None, details_of(event.details))
    return Told(before, subject or "nobody", after, page, details_of(event.details))


def _titles(proposals: Iterable[Proposal]) -> dict[int, str]:
    """By what people know the entries, with their kind; of a retirement, what the entry says."""
    listed = list(proposals)
    retired = {proposal.key for proposal in listed if proposal.is_retirement}
    entries = {(one.kind, one.key): one.values for one in Entry.objects.filter(key__in=retired)} if retired else {}
    titles = {}
    for one in listed:
        content = one.values or entries.get((one.kind, one.key))
        title = title_of(one.kind, content) if content else one.key
        titles[one.pk] = f"{title} ({EntryKind(one.kind).label.lower()})"
    return titles


def _number(event: Event, key: str) -> int | None:
    value = event.details.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _in_words(key: str, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "changed" and isinstance(value, Mapping) and all(_is_pair(pair) for pair in value.values()):
        return "; ".join(
            f"{_FIELDS.get(name, name)}: {_in_words('', then) or 'nothing'} → {_in_words('', now) or 'nothing'}"
            for name, (then, now) in value.items()
        )
    if key == "also_changed":
        return ", ".join(_FIELDS.get(name, name) for name in value)
    if key in ("added", "changed", "retired", "entries") and isinstance(value, Mapping):
        return "; ".join(f"{len(keys)} {name}{_listed(keys)}" for name, keys in value.items() if keys)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_in_words('', part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _listed(keys: Any) -> str:
    return f" ({', '.join(keys)})" if len(keys) <= 5 else ""


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and not any(isinstance(one, list | dict) for one in value)


def as_stored(details: Mapping[str, Any]) -> str:
    return json.dumps(details, ensure_ascii=False, sort_keys=True)
