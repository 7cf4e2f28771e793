"""Two small drawings of the desk: what each look of a search found, and how old what is in force is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import svg
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curation.freshness import OfKind

HEIGHT, BAR, STEP = 20, 4, 6  # pixels: of the drawing, of a bar, and from one bar to the next
LEAST_BAR = 3  # pixels: of a look that found something
LOOKS = 12  # that are drawn, the newest at the right
WIDTH = 120  # pixels of the strip; twice the interval wide
ROWS = 5  # of points, so that those of one age stand beside each other


def bars(found: Sequence[tuple[date, int]]) -> SafeString:
    """How many records each look found first, the oldest first; the newest look is marked."""
    last = found[-LOOKS:]
    most = max((count for _day, count in last), default=0)
    drawn: list[svg.Element] = []
    for place, (_day, count) in enumerate(last, start=LOOKS - len(last)):
        height = max(LEAST_BAR, round(HEIGHT * count / most)) if count else 1
        classes = ["bar", "newest"] if place == LOOKS - 1 else ["bar"]
        drawn.append(svg.Rect(class_=classes, x=place * STEP, y=HEIGHT - height, width=BAR, height=height))
    said = ngettext("Found at the last look: %(counts)s", "Found at the last %(looks)d looks: %(counts)s", len(last))
    said %= {"looks": len(last), "counts": ", ".join(str(count) for _day, count in last)}
    return _drawing("bars", LOOKS * STEP, HEIGHT, drawn, said) if last else mark_safe("")


def ages(kind: OfKind, today: date) -> SafeString:
    """Each entry by the days since its source was last seen to say this; behind the line it is due."""
    drawn: list[svg.Element] = [svg.Line(class_=["limit"], x1=WIDTH / 2, x2=WIDTH / 2, y1=0, y2=HEIGHT)]
    span = timedelta(days=2 * kind.every_days)
    for place, one in enumerate(kind.entries):
        seen = max((day for day in (one.last, one.asked) if day), default=None)
        share = 1.0 if seen is None else min(max((today - seen) / span, 0.0), 1.0)
        classes = ["age", "due"] if one.is_due else ["age"]
        y = 3 + place % ROWS * (HEIGHT - 6) / (ROWS - 1)
        drawn.append(svg.Circle(class_=classes, cx=round(2 + share * (WIDTH - 4), 1), cy=round(y, 1), r=2))
    said = _("%(count)d of %(all)d are due; the line stands at %(days)d days")
    said %= {"count": len(kind.due), "all": len(kind.entries), "days": kind.every_days}
    return _drawing("ages", WIDTH, HEIGHT, drawn, said)


def _drawing(name: str, width: int, height: int, drawn: list[svg.Element], said: str) -> SafeString:
    whole = svg.SVG(
        class_=["drawn", name],
        width=width,
        height=height,
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        extra={"role": "img", "aria-label": escape(said)},
        elements=[svg.Title(text=escape(said)), *drawn],
    )
    return mark_safe(str(whole))  # noqa: S308 - numbers, and words that are escaped above
