"""`/account/oidc/`: to the hospital's sign-in, and back. Nothing that was sent is logged or shown."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from django_otp import login as verified_by

from accounts import second_factor
from accounts.forms import SecondFactorForm
from accounts.identity_provider import BACKEND, Provider, provider
from accounts.next_page import safe
from audit.events import record

from . import SIGN_OUT, carried
from .failures import SignInError

# No page is told of code and state.
REFERRER = "no-referrer"
SECTION = {"section": "sign-in"}
# For so long the code of an app may follow what the provider said.
WAITING_SALT, WAITING_SECONDS = "accounts.oidc.waiting", 300
# A page that is covered, and waits for its person: its tab goes on by itself.
STAYING = "stay"


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Sends the browser to the hospital's sign-in."""
    from . import flow  # with Authlib: for who signs in

    known = _provider()
    path = "" if STAYING in request.GET else safe(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return _gone_on(request, path)
    start = carried.Start.of(path)
    try:
        with flow.Web(known) as web:
            found = flow.configuration(web, known)
    except SignInError as error:
        return _refused(request, error)
    to = flow.address(found, known, start, _callback_address(request))
    response = HttpResponseRedirect(to, headers={"Referrer-Policy": REFERRER})
    carried.give(response, start)
    return response


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """What the provider answered, by the browser of who begun it: signed in, or a page that says why not."""
    known = _provider()
    if not request.GET:
        return redirect("sign-in")
    try:
        response = _answered(request, known)
    except SignInError as error:
        response = _refused(request, error)
    carried.drop(response)
    response.headers["Referrer-Policy"] = REFERRER
    return response


@never_cache
@sensitive_post_parameters()
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """The code of an app after the provider's word, where necapp asks for it itself."""
    _provider()
    try:
        waiting = signing.loads(request.POST.get("waiting", ""), salt=WAITING_SALT, max_age=WAITING_SECONDS)
        person, path, sign_out = User.objects.get(pk=waiting[0], is_active=True), waiting[1], waiting[2]
    except (signing.BadSignature, User.DoesNotExist):
        return _refused(request, SignInError("state"))
    form = SecondFactorForm(request, person, request.POST)
    if form.is_valid():
        return _signed_in(request, person, path, sign_out)
    context = SECTION | {"form": form, "waiting": request.POST["waiting"]}
    return render(request, "accounts/oidc_code.html", context)


def _answered(request: HttpRequest, known: Provider) -> HttpResponse:
    """Raises SignInError."""
    from . import flow, people  # with Authlib: for who signs in

    given = request.GET.dict()
    is_once = all(len(values) == 1 for _, values in request.GET.lists())
    request.META["QUERY_STRING"] = ""  # no link of the page repeats it, as those for languages would
    if not is_once:
        raise SignInError("state")
    start = carried.take(request, given.get("state", ""))
    now = timezone.now()
    said = flow.answered(known, start, given, _callback_address(request), now)
    person = people.person_of(said.claims, start.nonce, provider=known, now=now)
    sign_out = [said.sign_out, said.token] if said.sign_out else []
    if not known.answers_for_second_factor and second_factor.device_of(person):
        waiting = signing.dumps([person.pk, start.path, sign_out], salt=WAITING_SALT, compress=True)
        form = SecondFactorForm(request, person)
        return render(request, "accounts/oidc_code.html", SECTION | {"form": form, "waiting": waiting})
    return _signed_in(request, person, start.path, sign_out)


def _signed_in(request: HttpRequest, person: User, path: str, sign_out: list[str]) -> HttpResponse:
    """A page that goes on by itself: a redirect from another site would come without the strict cookie."""
    login(request, person, backend=BACKEND)
    if sign_out:
        request.session[SIGN_OUT] = sign_out
    if device := getattr(person, "otp_device", None):
        verified_by(request, device)
    return _gone_on(request, path)


def _gone_on(request: HttpRequest, path: str) -> HttpResponse:
    return render(request, "accounts/oidc_signed_in.html", SECTION | {"path": path})


def _refused(request: HttpRequest, error: SignInError) -> HttpResponse:
    """A page that says why and what to do, and an event for administrators."""
    failure = error.failure
    record("refuse-identity", error.name or "somebody", details={"reason": failure.event})
    context = SECTION | {"words": failure.words, "advice": failure.advice}
    response = render(request, "accounts/oidc_refused.html", context, status=failure.status)
    response.headers["Referrer-Policy"] = REFERRER
    return response


def _provider() -> Provider:
    known = provider()
    if known is None:
        raise Http404
    return known


def _callback_address(request: HttpRequest) -> str:
    """As it is registered with the provider."""
    return request.build_absolute_uri(reverse("oidc-callback"))
