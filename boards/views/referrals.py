"""Cases that a clinician referred to a board without being on it: label, status, and the outcome once signed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.presenters.referrals import outcomes_of, referral_row

from .access import my_referral, my_referrals, signed_in

REFERRALS_A_PAGE = 40


@signed_in
@require_safe
def referral_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(my_referrals(request), REFERRALS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "referrals": [referral_row(case) for case in page], "section": "cases"}
    return render(request, "boards/referrals.html", context)


@signed_in
@require_safe
def referral_page(request: HttpRequest, pk: int) -> HttpResponse:
    case = my_referral(request, pk)
    context = {"referral": referral_row(case), "outcomes": outcomes_of(case), "section": "cases"}
    return render(request, "boards/referral.html", context)
