"""What is counted of the service, for Prometheus. No label holds anything that somebody typed: pages go by their names.

With several worker processes, `PROMETHEUS_MULTIPROC_DIR` names an empty folder in which they keep their numbers, so
that whichever is asked answers for all.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

from django.http import HttpRequest
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from regimens import releases

from . import health

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# A request that no page answers, such as one for an address that is not there.
NO_ROUTE = "none"

log = logging.getLogger("necapp.metrics")
requests = Counter("necapp_requests", "Requests answered.", ["route", "method", "status"])
seconds = Histogram(
    "necapp_request_seconds",
    "Time to answer, by the name of the page.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def route_of(request: HttpRequest) -> str:
    """The name of the page, whose address may hold numbers of rows; of an admin's page, which is one of many, too."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or NO_ROUTE) if match else NO_ROUTE


def method_of(request: HttpRequest) -> str:
    """Of those that there are; anything may be sent."""
    return request.method if request.method in METHODS else "other"


def count(request: HttpRequest, status: int, took: float) -> None:
    route, method = route_of(request), method_of(request)
    try:
        requests.labels(route, method, str(status)).inc()
        seconds.labels(route).observe(took)
    except OSError as error:
        # The folder in which workers count is missing or full; the answer is as good as without.
        log.error("Nothing is counted: PROMETHEUS_MULTIPROC_DIR: %s", error.strerror)


class AtTheMoment(Collector):
    """What is looked up when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        checks = health.ready()
        ready = GaugeMetricFamily("necapp_ready", "Whether a check of readiness passes.", labels=["check"])
        for name, passes in checks.items():
            ready.add_metric([name], float(passes))
        yield ready
        warning = GaugeMetricFamily("necapp_warning", "Whether somebody has to look at it.", labels=["check"])
        warned = health.warnings(checks)
        for name in health.LOOKED_AT:
            warning.add_metric([name], float(name in warned))
        yield warning
        if checks["database"]:
            yield from _release()


def _release() -> Iterator[Metric]:
    newest = releases.newest_in_force()
    if newest is None or newest.confirmed_at is None:
        return
    known = GaugeMetricFamily("necapp_release", "The release in force.", labels=["sha256"])
    known.add_metric([newest.release.sha256], 1)
    age = GaugeMetricFamily("necapp_release_age_seconds", "Since the release in force was published.")
    age.add_metric([], (timezone.now() - newest.release.published_at).total_seconds())
    yield known
    yield age


def exposed() -> bytes:
    """All of it in Prometheus's own format."""
    at_the_moment = CollectorRegistry()
    at_the_moment.register(AtTheMoment())
    return counted() + bytes(generate_latest(at_the_moment))


def counted() -> bytes:
    """What this process counted, or all of them."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return bytes(generate_latest(registry))
