"""Where somebody goes on after signing in: on this site, or at the start."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def safe(request: HttpRequest, path: str) -> str:
    """A path that was sent, where it leads to no other site."""
    hosts = {request.get_host()}
    is_safe = url_has_allowed_host_and_scheme(path, allowed_hosts=hosts, require_https=request.is_secure())
    return path if is_safe else resolve_url(settings.LOGIN_REDIRECT_URL)
