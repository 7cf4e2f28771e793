"""The app of registries. It imports neither Dask nor Arrow at start: a worker of the web server needs neither."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class RegistriesConfig(AppConfig):
    name = "registries"
    verbose_name = gettext_lazy("Registries")
