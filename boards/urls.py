"""The addresses of boards; none holds anything of a patient."""

from django.urls import path

from .views import boards, cases, documents, items, meetings

app_name = "boards"

urlpatterns = [
    path("boards/", boards.board_list, name="boards"),
    path("boards/new/", boards.board_new, name="board-new"),
    path("boards/<int:pk>/", boards.board_page, name="board"),
    path("boards/<int:pk>/settings/", boards.board_settings, name="board-settings"),
    path("boards/<int:pk>/members/", boards.member_add, name="member-add"),
    path("boards/<int:pk>/members/<int:membership>/", boards.member_change, name="member-change"),
    path("boards/<int:pk>/meetings/new/", boards.meeting_new, name="meeting-new"),
    path("meetings/<int:pk>/", meetings.meeting_page, name="meeting"),
    path("meetings/<int:pk>/add/", meetings.agenda_add, name="agenda-add"),
    path("meetings/<int:pk>/fix/", meetings.agenda_fix, name="agenda-fix"),
    path("meetings/<int:pk>/minutes/", documents.minutes_page, name="minutes"),
    path("meetings/<int:pk>/minutes.pdf", documents.minutes_pdf, name="minutes-pdf"),
    path("agenda/<int:pk>/", items.item_page, name="item"),
    path("agenda/<int:pk>/report/", documents.report_page, name="report"),
    path("agenda/<int:pk>/report.pdf", documents.report_pdf, name="report-pdf"),
    path("agenda/<int:pk>/prepare/", meetings.item_prepare, name="item-prepare"),
    path("agenda/<int:pk>/move/", meetings.item_move, name="item-move"),
    path("agenda/<int:pk>/remove/", meetings.item_remove, name="item-remove"),
    path("agenda/<int:pk>/newest/", meetings.item_newest, name="item-newest"),
    path("agenda/<int:pk>/vote/", items.vote, name="vote"),
    path("agenda/<int:pk>/close-vote/", items.vote_close, name="vote-close"),
    path("agenda/<int:pk>/decide/", items.decide, name="decide"),
    path("agenda/<int:pk>/decision/", items.decision_page, name="decision"),
    path("agenda/<int:pk>/sign/", items.decision_sign, name="sign"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/new/", cases.case_new, name="case-new"),
    path("cases/<int:pk>/", cases.case_page, name="case"),
    path("cases/<int:pk>/list/", meetings.agenda_add_case, name="case-list-on"),
    path("cases/<int:pk>/label/", cases.case_label_change, name="case-label"),
    path("cases/<int:pk>/archive/", cases.case_archive, name="case-archive"),
    path("cases/<int:pk>/erase/", cases.case_erase, name="case-erase"),
    path("cases/<int:pk>/rank-again/", cases.rank_again, name="rank-again"),
    path("cases/<int:pk>/new-version/", cases.version_new, name="version-new"),
    path("cases/<int:pk>/versions/<int:number>/", cases.version_page, name="version"),
    path("cases/<int:pk>/versions/<int:number>/ranking.json", cases.version_json, name="version-json"),
]
