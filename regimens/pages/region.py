"""The region is remembered for a year in a cookie of its own, so that it has to be chosen once; nothing else is.

It says where somebody works, and nothing of a patient.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from regimens.rules.patient import REGIONS

from .patient_form import PatientForm

ONE_YEAR = 365 * 24 * 3600


def remembered(request: HttpRequest) -> str:
    """The region that was chosen last; "" where none was, or where the cookie says anything else."""
    region = request.COOKIES.get(settings.REGION_COOKIE_NAME, "")
    return region if region in REGIONS else ""


def remember(response: HttpResponse, form: PatientForm) -> None:
    """Keep the region that was chosen in a form; that of an example nobody chose."""
    region = form.cleaned_data.get("region") if form.is_valid() else ""
    if region and region != form.example:
        response.set_cookie(
            settings.REGION_COOKIE_NAME,
            region,
            max_age=ONE_YEAR,
            secure=settings.REGION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
