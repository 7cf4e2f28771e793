"""Makes a board with decided and followed cases in the database of the running app, and says who is signed in.

Run as a script with that database's environment: prints the session of a member, the board, and an item, as JSON.
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO

from django.utils import timezone

NAME = "Board of what came after"


def main() -> None:
    import django

    django.setup()
    from boards import actions
    from boards.models import AgendaItem, Board
    from boards.models.months import before, month_of
    from boards.outcomes.course import Course
    from tests.factories.boards import FOLFIRI, a_board, a_case, a_meeting, account, decide

    from . import boards

    with redirect_stdout(StringIO()):
        boards.main()  # the first of the two to run makes its board first, whichever test comes first
    if not Board.objects.filter(name=NAME).exists():
        board, this = a_board(NAME), month_of(timezone.localdate())
        for n in range(11):
            item = a_meeting(board, a_case(board, f"Colon {100 + n}")).items.get()
            decide(item)
            stop, died = before(this, 10 - n // 2), before(this, n % 4)
            course = Course(FOLFIRI, before(this, 11), stop, "progression", "PR", "yes", stop, "dead", died)
            actions.record_follow_up(item, based_on=0, course=course, by=account("ada"))
    board = Board.objects.get(name=NAME)
    item = AgendaItem.objects.filter(meeting__board=board).earliest("pk")
    print(json.dumps({"session": boards.session_of(account("ben")), "board": board.pk, "item": item.pk}))


if __name__ == "__main__":
    main()
