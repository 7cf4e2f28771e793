"""The public addresses of curation."""

from django.urls import path

from . import feed, releases, reports

urlpatterns = [
    path("reports/", reports.report_list, name="reports"),
    path("reports/new/", reports.report_new, name="report"),
    path("reports/<str:reference>/", reports.reported, name="reported"),
    path("releases/", releases.release_list, name="releases"),
    path("releases/feed/", feed.Releases(), name="releases-feed"),
    path("releases/<str:sha256>/", releases.release_notes, name="release-notes"),
]
