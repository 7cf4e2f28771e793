"""The addresses of boards; none holds anything of a patient."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from .views import boards, cases, documents, followup, items, meetings, referrals, replay


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
    path("agenda/<row:pk>/decide/", items.decide, name="decide"),
    path("agenda/<row:pk>/decision/", items.decision_page, name="decision"),
    path("agenda/<row:pk>/sign/", items.decision_sign, name="sign"),
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
    # Roles and referral, and figures for research.
    path("referrals/", referrals.referral_list, name="referrals"),
    path("referrals/<row:pk>/", referrals.referral_page, name="referral"),
    path("boards/<row:pk>/research.zip", followup.export_research, name="research-zip"),
]
