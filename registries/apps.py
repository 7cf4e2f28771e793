"""The app of registries. It imports neither Dask nor Arrow at start: a worker of the web server needs neither."""

from django.apps import AppConfig


class RegistriesConfig(AppConfig):
    name = "registries"
    verbose_name = "Registries"
