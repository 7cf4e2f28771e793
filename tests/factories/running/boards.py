"""Makes a board with cases and a meeting in the database of the running app, and says who is signed in; for the tests.

Run as a script with that database's environment: prints sessions by user name, and the items of the agendas, as JSON.
"""

from __future__ import annotations

import json
from typing import Any

LONG = {
    "primary_site": "pancreas",
    "histology": "large-cell",
    "ki67": "45",
    "ecog": "2",
    "platinum_best_response": "PD",
    "platinum_free_interval_months": "0",
    "lines_received": "3",
    "received": ["folfiri", "captem"],
    "progressed": ["folfiri"],
    "conditions": ["ild", "warfarin", "autoimmune_active", "marrow_reserve_low", "hypertension_uncontrolled"],
    "bilirubin_uln": "2.5",
    "creatinine_clearance": "35",
    "neuropathy_grade": "2",
    "dpd": "partial",
    "ugt1a1": "poor",
}
QUESTION = "FOLFOX in reduced dose, or something else, with neuropathy and a poor marrow reserve, close to home?"
FOUR = ["folfox", "nivolumab-ipilimumab", "temozolomide", "docetaxel"]


def main() -> None:
    import django

    django.setup()
    from boards import actions
    from boards.models import AgendaItem, Board
    from tests.factories.boards import FOLFIRI, a_board, a_case, a_meeting, account

    if not Board.objects.exists():
        board = a_board()
        cases = [a_case(board), a_case(board, "Pancreas 12", notes="Wants no hair loss.", **LONG)]
        meeting = a_meeting(board, *cases, a_case(board, "Colon 9"), fixed=False)
        second = meeting.items.get(position=2)
        actions.prepare(second, question=QUESTION, by=account("ada"))
        actions.prepare(second, options=FOUR, by=account("ada"))
        actions.fix_agenda(meeting, by=account("chair"))
        a_meeting(board, a_case(board, "Colon 20"), a_case(board, "Colon 21"), fixed=False)
        blind = a_board("Blind board", blind_first=True)
        voted = a_meeting(blind, a_case(blind, "Liver 1", **LONG), a_case(blind, "Liver 2")).items.get(position=1)
        for username in ("ada", "ben", "chair"):
            actions.vote(voted, choice=FOLFIRI, by=account(username))
        actions.prepare(voted, options=FOUR, by=account("ada"))
    items: dict[str, Any] = dict(AgendaItem.objects.values_list("case__label", "pk"))
    sessions = {username: session_of(account(username)) for username in ("ada", "ben", "chair")}
    print(json.dumps({"sessions": sessions, "items": items}))


def session_of(person: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django_otp import DEVICE_ID_SESSION_KEY

    from accounts.sessions import SessionStore
    from tests.factories.accounts import with_app

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.SecondFactorBackend"
    session[DEVICE_ID_SESSION_KEY] = with_app(person).persistent_id
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    main()
