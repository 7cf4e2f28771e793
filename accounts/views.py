"""The pages of accounts: sign-in and sign-out, one's own account, its second factor, and invitations."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as verified_by

from . import actions, links, notices, own_sessions, second_factor
from .forms import ChoosePasswordForm, CodeForm, ConfirmationForm, PasswordChangeForm, SignInForm
from .identity_provider import is_by_provider, is_local, provider
from .next_page import safe
from .oidc import SIGN_OUT
from .resumed_forms import keep, opened

BACKEND = "accounts.backends.SecondFactorBackend"
# For so long after it was confirmed whose account it is another app may be set up.
REPLACING_SECONDS = 10 * 60
REPLACING = "replacing_second_factor_since"
# On a page that is about signing in, the header does not offer it as well.
NOT_SIGNED_IN = {"section": "sign-in"}
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@method_decorator([never_cache, sensitive_post_parameters("password", "token", "kept")], name="dispatch")
class SignIn(LoginView):
    """Somebody who is already signed in goes on. What was entered before, `kept`, is carried along.

    Asked for JSON, it answers the page that covers itself when its session ends (static/session.js).
    """

    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and not request.accepts("text/html"):
            return session(request)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        person = form.get_user()
        login(self.request, person)
        if not self.request.accepts("text/html"):
            return session(self.request)
        if sealed := self.request.POST.get("kept"):
            return _kept_page(self.request, sealed, self.get_success_url())
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        if not self.request.accepts("text/html"):
            return JsonResponse({"error": " ".join(form.non_field_errors()) or " ".join(_errors(form))}, status=403)
        return super().form_invalid(form)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        given = self.request.POST
        known = {"kept": given.get("kept", "")} | _ways_in(self.request) | NOT_SIGNED_IN
        return super().get_context_data(**context) | known


@never_cache
@require_POST
def keep_and_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in from a page that was sent a patient, with what was entered there carried along."""
    page = request.POST.get("page", "")
    path = reverse(page if page in settings.SENT_A_PATIENT else settings.SENT_A_PATIENT[0])
    return sign_in_page(request, path, keep(request, path, None))


def sign_in_page(request: HttpRequest, path: str, kept: str, **context: Any) -> HttpResponse:
    """The page of the sign-in, to go on at a path with what was entered."""
    known = {"form": SignInForm(request), "next": path, "kept": kept} | _ways_in(request) | NOT_SIGNED_IN
    return render(request, "accounts/sign_in.html", known | context, status=403 if context else 200)


@never_cache
@csrf_exempt  # it shows what a sealed form holds, to be sent by its person; a sign-in in another tab changed the token
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Go on with what was entered, once its person has signed in by the identity provider in another tab."""
    sealed, path = request.POST.get("kept", ""), safe(request, request.POST.get("next", ""))
    if not request.user.is_authenticated:
        return sign_in_page(request, path, sealed, is_not_yet=True)
    return _kept_page(request, sealed, path)


def _kept_page(request: HttpRequest, sealed: str, go_on: str) -> HttpResponse:
    kept = opened(sealed)
    context = {"kept": kept if kept and kept.is_for(request.user) else None, "go_on": go_on}
    return render(request, "accounts/kept.html", context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Here, and at the identity provider: by a page that goes on there, since a form may lead nowhere else."""
    known, there = provider(), request.session.get(SIGN_OUT)
    logout(request)
    if known is None or not there:
        return redirect("signed-out")
    from .oidc.flow import sign_out_address  # with Authlib: for who signed in by it

    back = request.build_absolute_uri(reverse("signed-out"))
    context = NOT_SIGNED_IN | {"go_on": sign_out_address(*there, provider=known, back=back)}
    return render(request, "accounts/oidc_signing_out.html", context)


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/signed_out.html", NOT_SIGNED_IN)


@never_cache
@get_or_post
def session(request: HttpRequest) -> HttpResponse:
    """Who is signed in, for how many more seconds, and the token of forms. Asking is nothing done; posting is."""
    person = request.user.pk
    left = request.session.seconds_left if person else 0
    return JsonResponse({"person": person, "seconds": left, "token": get_token(request)})


# ---- one's own account


@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    person = request.user
    context = {
        "section": "account",
        "roles": [group.name for group in person.groups.order_by("name")],
        "device": second_factor.device_of(person),
        "codes": person.recovery_codes.count(),
        "sessions": own_sessions.own_sessions(person, this=request.session.session_key),
        "notices": notices.read(person),
        "idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
        "longest_hours": settings.SESSION_LONGEST_SECONDS // 3600,
        "is_changed": "changed" in request.GET,
        "is_by_provider": is_by_provider(request),
        "asks_for_code": settings.OIDC_SECOND_FACTOR == "necapp",
    }
    return render(request, "accounts/account.html", context)


@login_required
@get_or_post
def account_notices(request: HttpRequest) -> HttpResponse:
    """What others did to the account, until its person says that they have read it."""
    go_on = safe(request, request.POST.get("next", request.GET.get("next", "")))
    if request.method == "POST":
        notices.acknowledge(User.objects.get(pk=request.user.pk))
    unread = notices.unread(request.user)
    if not unread:
        request.session.pop(notices.UNREAD, None)
        return HttpResponseRedirect(go_on)
    context = {"notices": unread, "go_on": go_on, "section": "account"}
    return render(request, "accounts/notices.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """One of one's own, elsewhere; the one that is asked from is ended by signing out."""
    try:
        own_sessions.end_one(User.objects.get(pk=request.user.pk), request.POST.get("session", ""))
    except actions.AccountError:
        return HttpResponse(status=400)
    return redirect(f"{reverse('account')}#sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    own_sessions.end_others(User.objects.get(pk=request.user.pk), keeping=request.session.session_key or "")
    return redirect(f"{reverse('account')}#sessions")


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    person = request.user
    logout(request)
    actions.sign_out_everywhere(User.objects.get(pk=person.pk))
    return redirect("signed-out")


def _with_a_password(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Of who signs in here: others have no password to confirm or to change."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        return view(request) if is_local(request.user.get_username()) else redirect("account")

    return asked


@sensitive_post_parameters()
@login_required
@_with_a_password
@get_or_post
def change_password(request: HttpRequest) -> HttpResponse:
    form = PasswordChangeForm(request, request.POST or None)
    if form.is_valid():
        person = form.person
        actions.change_password(person, form.cleaned_data["new_password1"], keeping=request.session.session_key)
        update_session_auth_hash(request, person)
        return redirect(f"{reverse('account')}?changed")
    return render(request, "accounts/change_password.html", {"form": form})


@sensitive_post_parameters()
@login_required
@get_or_post
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Show the secret of a new app, and put it in force when its first code comes. Another one has to be replaced."""
    person = request.user
    if second_factor.device_of(person) and not _is_replacing(request):
        return redirect("replace-second-factor")
    go_on = safe(request, request.POST.get("next", request.GET.get("next", "")))
    form = CodeForm(request.POST or None)
    device = second_factor.unconfirmed(person)
    if form.is_valid():
        codes = actions.set_up_second_factor(device, form.cleaned_data["token"], keeping=request.session.session_key)
        if codes:
            device.refresh_from_db()
            request.session.pop(REPLACING, None)
            request.session.cycle_key()
            verified_by(request, device)
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "go_on": go_on})
        form.add_error("token", CodeForm.wrong)
    context = {
        "form": form,
        "picture": second_factor.picture_of(device),
        "secret": second_factor.secret_of(device),
        "go_on": go_on,
    }
    return render(request, "accounts/second_factor.html", context)


@sensitive_post_parameters()
@login_required
@_with_a_password
@get_or_post
def replace_second_factor(request: HttpRequest) -> HttpResponse:
    form = ConfirmationForm(request, request.POST or None)
    if form.is_valid():
        request.session[REPLACING] = int(time.time())
        return redirect("second-factor")
    return render(request, "accounts/confirm.html", {"form": form, "is_replacing": True})


@sensitive_post_parameters()
@login_required
@_with_a_password
@get_or_post
def recovery_codes(request: HttpRequest) -> HttpResponse:
    if second_factor.device_of(request.user) is None:
        return redirect("second-factor")
    form = ConfirmationForm(request, request.POST or None)
    if form.is_valid():
        codes = actions.renew_recovery_codes(form.person)
        return render(request, "accounts/recovery_codes.html", {"codes": codes, "go_on": reverse("account")})
    return render(request, "accounts/confirm.html", {"form": form})


# ---- invitations


@sensitive_post_parameters()
@never_cache
@get_or_post
def invitation(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """A person sets the password of an account; without an app yet, its set-up follows at once."""
    person = links.person_of(number, token)
    if person is None:
        return render(request, "accounts/no_invitation.html", NOT_SIGNED_IN, status=410)
    form = ChoosePasswordForm(person, request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/invitation.html", {"form": form, "person": person} | NOT_SIGNED_IN)
    try:
        person = actions.accept_invitation(number, token, form.cleaned_data["new_password1"])
    except actions.AccountError:
        return render(request, "accounts/no_invitation.html", NOT_SIGNED_IN, status=410)
    logout(request)
    if second_factor.device_of(person):
        return redirect("sign-in")
    login(request, person, backend=BACKEND)
    return redirect("second-factor")


def sign_in_address(path: str) -> str:
    return f"{reverse('sign-in')}?{urlencode({'next': path})}"


def _ways_in(request: HttpRequest) -> dict[str, Any]:
    """For the page of the sign-in: the identity provider, and whether it is passed by in an emergency."""
    known = provider()
    is_emergency = "emergency" in request.GET or "emergency" in request.POST
    return {"provider": known, "is_emergency": known is not None and bool(known.break_glass) and is_emergency}


def _is_replacing(request: HttpRequest) -> bool:
    return 0 <= time.time() - request.session.get(REPLACING, 0) < REPLACING_SECONDS


def _errors(form: SignInForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]
