"""The addresses of the clinicians' pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.patient_and_options, name="patient"),
]
