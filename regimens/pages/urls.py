"""The addresses of the clinicians' pages."""

from django.urls import path

from . import treatments, views
from .library import views as library

urlpatterns = [
    path("", views.patient_and_options, name="patient"),
    path("details/<slug:slug>/", views.option_details, name="option-details"),
    path("part/<slug:key>/", views.answer_part, name="answer-part"),
    path("compare/", views.compare_options, name="compare"),
    path("ranking.json", views.download, {"kind": "ranking"}, name="ranking-json"),
    path("bundle.json", views.download, {"kind": "bundle"}, name="bundle-json"),
    path("summary.txt", views.download, {"kind": "summary"}, name="summary-text"),
    path("ranking.pdf", views.download, {"kind": "pdf"}, name="ranking-pdf"),
    path("print/", views.printed_part, name="print"),
    path("treatments/<str:sha256>/", treatments.treatment_list, name="treatments"),
    path("search/", library.search, name="search"),
    path("options/", library.option_list, name="options"),
    path("options/<slug:slug>/", library.option_detail, name="option"),
    path("drugs/", library.drug_list, name="drugs"),
    path("drugs/<slug:slug>/", library.drug_detail, name="drug"),
    path("evidence/", library.evidence_list, name="evidence"),
    path("evidence.csv", library.evidence_csv, name="evidence-csv"),
    path("evidence/<slug:key>/", library.evidence_detail, name="publication"),
    path("biomarkers/", library.biomarker_list, name="biomarkers"),
    path("biomarkers/<slug:slug>/", library.biomarker_detail, name="biomarker"),
    path("guidelines/", library.guideline_list, name="guidelines"),
    path("trials/", library.trial_list, name="trials"),
    path("method/", library.method_page, name="method"),
    path("method/validation/", library.validation_page, name="validation"),
    path("about/", library.about, name="about"),
]
