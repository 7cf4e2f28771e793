"""The project's own settings, with the bare views beside its pages."""

from necapp.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
