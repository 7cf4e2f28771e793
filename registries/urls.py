"""The page of reports: the manifest of a ranked registry is uploaded, shown and forgotten."""

from django.urls import path

from . import pages

urlpatterns = [path("registries/", pages.registry, name="registries")]
