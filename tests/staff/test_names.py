"""Whatever Django's admin says of a model is a message: what it and its fields are called, helps, columns and choices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import lookup_field
from django.core.exceptions import FieldDoesNotExist
from django.core.management import call_command
from django.db.models import Model
from django.utils import translation
from django.utils.functional import Promise

from necapp import catalogues
from staff.names import NAMES
from staff.site import site
from tests.pseudo_language import NAMES as ALIKE
from tests.pseudo_language import is_made_of, own_words_of_django
