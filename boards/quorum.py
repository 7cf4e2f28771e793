"""Whether enough of a board are there, and of which disciplines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from display.punctuation import in_series

from .members import deciding_members_of
from .models import Attendance, Meeting, Membership
from .models.board import FEWEST_PRESENT
from .models.choices import Discipline


@dataclass(frozen=True)
class Quorum:
    """Of those who decide: how many are there, how many have to be, and the disciplines that nobody stands for."""

    present: int
    needed: int
    missing: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        return self.present >= self.needed and not self.missing

    @property
    def lacking(self) -> str:
        """What is missing, in words; empty where it is met."""
        said = []
        if self.present < self.needed:
            words = ngettext(
                "%(present)d of %(needed)d member who decides is there",
                "%(present)d of the %(needed)d members who have to decide are there",
                self.needed,
            )
            said.append(words % {"present": self.present, "needed": self.needed})
        if self.missing:
            said.append(_("nobody stands for: %(disciplines)s") % {"disciplines": ", ".join(self.missing)})
        return in_series(said)


def quorum_of(meeting: Meeting) -> Quorum:
    """Over those in the room now."""
    there = Attendance.objects.filter(meeting=meeting, left_at__isnull=True).values_list("person_id", "discipline")
    deciding = set(deciding_members_of(meeting.board).values_list("person_id", flat=True))
    return _quorum(meeting, {person: discipline for person, discipline in there if person in deciding})


def quorum_with(meeting: Meeting, people: Iterable[int]) -> Quorum:
    """As if the people, by their keys, were in the room: those of them who decide on the board count."""
    given = set(people)
    return _quorum(meeting, {held.person_id: held.discipline for held in _deciding(meeting) if held.person_id in given})


def quorum_of_board(meeting: Meeting) -> Quorum:
    """As if everybody who decides on the board were there: what can never be met is a matter of its members."""
    return _quorum(meeting, {held.person_id: held.discipline for held in _deciding(meeting)})


def _deciding(meeting: Meeting) -> Iterable[Membership]:
    return deciding_members_of(meeting.board)


def _quorum(meeting: Meeting, disciplines: dict[int, str]) -> Quorum:
    there = set(disciplines.values())
    missing = tuple(str(Discipline(each).label) for each in meeting.disciplines if each not in there)
    return Quorum(len(disciplines), max(meeting.quorum, FEWEST_PRESENT), missing)
