"""The addresses of what comes after a decision, within those of boards; none holds anything of a patient."""

from django.urls import path

from .views import followup, replay

urlpatterns = [
    path("boards/<int:pk>/changed/", replay.changed, name="changed"),
    path("boards/<int:pk>/figures/", followup.figures_page, name="figures"),
    path("boards/<int:pk>/decisions.csv", followup.export, {"kind": "csv"}, name="decisions-csv"),
    path("boards/<int:pk>/decisions.json", followup.export, {"kind": "json"}, name="decisions-json"),
    path("agenda/<int:pk>/replay/", replay.replay, name="replay"),
    path("agenda/<int:pk>/follow-up/", followup.follow_up, name="follow-up"),
]
