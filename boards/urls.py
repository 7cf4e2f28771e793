"""The addresses of boards; none holds anything of a patient."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from .views import (
    boards,
    cases,
    decisions,
    documents,
    followup,
    items,
    meetings,
    referrals,
    replay,
    room,
    told,
    watch,
)


class RowConverter(IntConverter):
    """The number of a row: no longer than a database takes."""

    regex = "[0-9]{1,18}"


register_converter(RowConverter, "row")

app_name = "boards"

urlpatterns = [
    path("boards/", boards.board_list, name="boards"),
    path("boards/new/", boards.board_new, name="board-new"),
    path("boards/<row:pk>/", boards.board_page, name="board"),
    path("boards/<row:pk>/settings/", boards.board_settings, name="board-settings"),
    path("boards/<row:pk>/members/", boards.member_add, name="member-add"),
    path("boards/<row:pk>/members/<row:membership>/", boards.member_change, name="member-change"),
    path("boards/<row:pk>/meetings/new/", boards.meeting_new, name="meeting-new"),
    path("meetings/<row:pk>/", meetings.meeting_page, name="meeting"),
    path("meetings/<row:pk>/add/", meetings.agenda_add, name="agenda-add"),
    path("meetings/<row:pk>/fix/", meetings.agenda_fix, name="agenda-fix"),
    path("meetings/<row:pk>/minutes/", documents.minutes_page, name="minutes"),
    path("meetings/<row:pk>/minutes.pdf", documents.minutes_pdf, name="minutes-pdf"),
    path("agenda/<row:pk>/", items.item_page, name="item"),
    path("agenda/<row:pk>/report/", documents.report_page, name="report"),
    path("agenda/<row:pk>/report.pdf", documents.report_pdf, name="report-pdf"),
    path("agenda/<row:pk>/prepare/", meetings.item_prepare, name="item-prepare"),
    path("agenda/<row:pk>/move/", meetings.item_move, name="item-move"),
    path("agenda/<row:pk>/remove/", meetings.item_remove, name="item-remove"),
    path("agenda/<row:pk>/newest/", meetings.item_newest, name="item-newest"),
    path("agenda/<row:pk>/vote/", items.vote, name="vote"),
    path("agenda/<row:pk>/close-vote/", items.vote_close, name="vote-close"),
    path("agenda/<row:pk>/decide/", decisions.decide, name="decide"),
    path("agenda/<row:pk>/decision/", decisions.decision_page, name="decision"),
    path("agenda/<row:pk>/sign/", decisions.decision_sign, name="sign"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/new/", cases.case_new, name="case-new"),
    path("cases/<row:pk>/", cases.case_page, name="case"),
    path("cases/<row:pk>/list/", meetings.agenda_add_case, name="case-list-on"),
    path("cases/<row:pk>/label/", cases.case_label_change, name="case-label"),
    path("cases/<row:pk>/archive/", cases.case_archive, name="case-archive"),
    path("cases/<row:pk>/erase/", cases.case_erase, name="case-erase"),
    path("cases/<row:pk>/rank-again/", cases.rank_again, name="rank-again"),
    path("cases/<row:pk>/new-version/", cases.version_new, name="version-new"),
    path("cases/<row:pk>/versions/<row:number>/", cases.version_page, name="version"),
    path("cases/<row:pk>/versions/<row:number>/ranking.json", cases.version_json, name="version-json"),
    # What comes after a decision.
    path("boards/<row:pk>/changed/", replay.changed, name="changed"),
    path("boards/<row:pk>/figures/", followup.figures_page, name="figures"),
    path("boards/<row:pk>/decisions.csv", followup.export, {"kind": "csv"}, name="decisions-csv"),
    path("boards/<row:pk>/decisions.json", followup.export, {"kind": "json"}, name="decisions-json"),
    path("agenda/<row:pk>/replay/", replay.replay, name="replay"),
    path("agenda/<row:pk>/follow-up/", followup.follow_up, name="follow-up"),
    # Plans of care: what is typed, signed, due, and what becomes of each recommendation.
    path("boards/to-sign/", decisions.to_sign, name="to-sign"),
    path("boards/<row:pk>/actions/", decisions.due, name="actions"),
    path("agenda/<row:pk>/draft/", decisions.draft, name="draft"),
    path("agenda/<row:pk>/discussion/", decisions.discussion, name="discussion"),
    path("agenda/<row:pk>/since/", decisions.since_decided, name="since-decided"),
    path("steps/<row:step>/", decisions.progress, name="progress"),
    path("steps/<row:step>/result/", decisions.result, name="result"),
    path("agenda/<row:pk>/letter/", documents.letter_page, name="letter"),
    path("agenda/<row:pk>/letter.pdf", documents.letter_pdf, name="letter-pdf"),
    # What is told: decisions that stay watched, mail and calendars.
    path("boards/<row:pk>/watched/", watch.watched, name="watched"),
    path("boards/<row:pk>/watched/<row:item>/", watch.watch_answer, name="watch-answer"),
    path("boards/<row:pk>/meetings.ics", told.board_calendar, name="board-calendar"),
    path("meetings/<row:pk>/meeting.ics", told.meeting_calendar, name="meeting-calendar"),
    path("boards/notifications/", told.notifications, name="notifications"),
    # The meeting room.
    path("boards/<row:pk>/members/<row:membership>/remove/", boards.member_remove, name="member-remove"),
    path("meetings/<row:pk>/change/", boards.meeting_change, name="meeting-change"),
    path("meetings/<row:pk>/delete/", boards.meeting_delete, name="meeting-delete"),
    path("meetings/<row:pk>/room/", room.room, name="room"),
    path("meetings/<row:pk>/room/open/", room.room_open, name="room-open"),
    path("meetings/<row:pk>/room/attendance/", room.room_attend, name="room-attend"),
    path("meetings/<row:pk>/room/show/", room.room_show, name="room-show"),
    path("meetings/<row:pk>/room/finish/", room.room_finish, name="room-finish"),
    path("meetings/<row:pk>/screen/", room.screen, name="screen"),
    path("agenda/<row:pk>/live/", items.live, name="live"),
    path("v/<row:pk>/", room.vote_now, name="vote-now"),
    # Roles and referral, and figures for research.
    path("referrals/", referrals.referral_list, name="referrals"),
    path("referrals/<row:pk>/", referrals.referral_page, name="referral"),
    path("boards/<row:pk>/research.zip", followup.export_research, name="research-zip"),
]
