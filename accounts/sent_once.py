"""A form that is sent twice makes one thing: a second press, or the browser's way back and another press.

What is sent twice is the same form to the letter, with the token that its page was given and no other page has. The
second answer leads to what the first made. A form that was changed before it was sent again is another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import SentForm

View = Callable[..., Any]
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
# For so long a form is known again; a page that was left open for longer was signed out of.
KNOWN_FOR = timedelta(days=1)
_MADE, _NOTHING = "_made_at", "_made_nothing"


def once(view: View) -> View:
    """A page whose form makes something. It is made in one transaction with the note that this form was sent.

    What it made is where it redirects to, or what `leads_to` says; nothing is kept of a form that comes back refused.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        is_form = request.method == "POST" and "HX-Request" not in request.headers
        if not is_form or not request.POST.get(TOKEN):
            return view(request, *args, **kwargs)
        digest, now = _digest(request), timezone.now()
        try:
            with transaction.atomic():
                # Whoever sends the same at the same moment waits here until the first is done.
                SentForm.objects.filter(at__lt=now - KNOWN_FOR).delete()
                row = SentForm.objects.create(digest=digest, at=now)
                response = view(request, *args, **kwargs)
                row.location = _made_by(response)
                if row.location:
                    row.save(update_fields=["location"])
                else:
                    row.delete()
                return response
        except IntegrityError:
            before = SentForm.objects.filter(digest=digest).first()
            if before is None:
                raise
            return HttpResponseRedirect(before.location)

    return page


def leads_to(response: HttpResponse, location: str) -> HttpResponse:
    """An answer that shows what was made, this once: the same form leads there when it comes again."""
    setattr(response, _MADE, location)
    return response


def made_nothing(response: HttpResponseRedirect) -> HttpResponseRedirect:
    """A redirect that says why nothing was done: the same form is tried anew."""
    setattr(response, _NOTHING, True)
    return response


def _made_by(response: HttpResponse) -> str:
    if location := getattr(response, _MADE, ""):
        return str(location)
    is_made = response.status_code == 302 and not getattr(response, _NOTHING, False)
    return response.headers["Location"] if is_made else ""


def _digest(request: HttpRequest) -> str:
    """Of who sends what to where, keyed: nothing can be told from it, nor tried out."""
    found = hashlib.sha256(f"{request.user.pk} {request.path}".encode())
    for name, values in sorted(request.POST.lists()):
        found.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            found.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                found.update(chunk)
            file.seek(0)
    return salted_hmac("necapp.accounts.sent_once", found.hexdigest(), algorithm="sha256").hexdigest()
