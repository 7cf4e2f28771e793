"""The app of tumour boards: cases, meetings, votes and decisions."""

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"
    verbose_name = "Tumour boards"
