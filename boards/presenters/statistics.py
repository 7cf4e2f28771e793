"""The figures of a board as its page shows them: each plot beside the table of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from boards.choice import Choice, choice_words
from boards.models.choices import ChoiceKind, NotDone, Reason
from boards.outcomes.ctcae import is_listed
from boards.outcomes.kaplan_meier import Curve, Interval
from boards.outcomes.research import ENOUGH_OF_BOARD
from boards.outcomes.statistics import (
    ENOUGH_FOR_CURVE,
    ENOUGH_FOR_MEDIAN,
    CarriedOutOften,
    CountedOption,
    Figures,
    Share,
    Spread,
    SurvivalAt,
    TimesToEvent,
    Tolerated,
    Treated,
)
from display.numbers import number, percent
from display.punctuation import in_series
from regimens.wording.options import LEVEL_WORDS

from .drawings import bar, survival_curve

# The last day of each bar of the days from listing to decision; the last bar is open.
WEEKS = (7, 14, 21, 28)


@dataclass(frozen=True)
class BarRow:
    """A count or a share with its bar; `note` says what the name stands for."""

    name: str
    figure: str
    share: str
    drawing: SafeString
    note: str = ""


@dataclass(frozen=True)
class TreatedRow:
    name: str
    patients: int
    evaluated: int
    responses: str
    months: str
    timed: int


@dataclass(frozen=True)
class CarriedOutRow:
    """`note` marks a small number."""

    name: str
    known: int
    wholly: str
    partly: int
    not_at_all: int
    note: str


@dataclass(frozen=True)
class ToleratedRow:
    """`terms` are of grade 3 or more; `note` marks a small number."""

    name: str
    courses: int
    recorded: int
    severe: str
    terms: str
    note: str


@dataclass(frozen=True)
class SurvivalRow:
    months: int
    at_risk: int
    share: str
    interval: str


@dataclass(frozen=True)
class OutcomePart:
    """A curve with its numbers; where there are too few, `said` says so and nothing is drawn."""

    key: str
    title: str
    said: str
    drawing: SafeString | str
    rows: tuple[SurvivalRow, ...]


@dataclass(frozen=True)
class FiguresPage:
    counts: str
    options: tuple[BarRow, ...]
    agreement: tuple[BarRow, ...]
    recommended: str
    reasons: tuple[BarRow, ...]
    days: str
    weeks: tuple[BarRow, ...]
    votes: str
    followed: str
    treated: tuple[TreatedRow, ...]
    carried_out: tuple[CarriedOutRow, ...]
    not_carried_out: tuple[BarRow, ...]
    tolerated: tuple[ToleratedRow, ...]
    given_later: tuple[BarRow, ...]
    small: str
    outcomes: tuple[OutcomePart, ...]
    is_empty: bool


def figures_page(found: Figures) -> FiguresPage:
    of_progression, of_death = found.progression_free.known, found.overall.known
    treatments = ngettext("Known of %(count)d treatment", "Known of %(count)d treatments", of_progression)
    cases = ngettext("Known of %(count)d patient", "Known of %(count)d patients", of_death)
    return FiguresPage(
        counts=_counts(found),
        options=_bars((_option(each), each.count) for each in found.options),
        agreement=tuple(_agreement(found)),
        recommended=_of(found.recommended),
        reasons=_bars((str(Reason(reason).label), count) for reason, count in found.reasons),
        days=_days(found.days),
        weeks=_bars(_weeks(found)) if found.days.count else (),
        votes=_of(found.votes),
        followed=ngettext("%(count)d of them is followed up.", "%(count)d of them are followed up.", found.followed)
        % {"count": found.followed},
        treated=tuple(_treated(each) for each in found.treated),
        carried_out=tuple(_carried_out(each) for each in found.carried_out),
        not_carried_out=_bars((str(NotDone(reason).label), count) for reason, count in found.not_carried_out),
        tolerated=tuple(_tolerated(each) for each in found.tolerated),
        given_later=_bars((_option(each), each.count) for each in found.given_later),
        small=_small(found.cases, ENOUGH_OF_BOARD) and few_words(found.cases),
        outcomes=(
            _outcome("progression-free", _("Without progression"), treatments, found.progression_free),
            _outcome("overall", _("Alive"), cases, found.overall),
            _outcome(
                "next-treatment",
                _("Alive without a further treatment"),
                ngettext("Known of %(count)d treatment", "Known of %(count)d treatments", found.next_treatment.known),
                found.next_treatment,
            ),
        ),
        is_empty=not found.decisions,
    )


def _counts(found: Figures) -> str:
    decided = ngettext("%(count)d decision", "%(count)d decisions", found.decisions) % {"count": found.decisions}
    cases = ngettext("%(count)d case", "%(count)d cases", found.cases) % {"count": found.cases}
    # Translators: numbers with their nouns, as in "12 decisions on 11 cases; 10 signed by two members".
    words = _("%(decisions)s on %(cases)s; %(signed)d signed by two members")
    return words % {"decisions": decided, "cases": cases, "signed": found.signed}


def few_words(cases: int) -> str:
    """Of a board with so few cases that a reader who knows one would find it again."""
    words = ngettext(
        "There is %(count)d case: who knows the patient finds it again. Give files to nobody else.",
        "There are %(count)d cases: who knows a patient finds them again. Give files to nobody else.",
        cases,
    )
    return words % {"count": cases}


def _small(count: int, enough: int = ENOUGH_FOR_MEDIAN) -> str:
    return _("fewer than %(count)d") % {"count": enough} if count < enough else ""


def _carried_out(each: CarriedOutOften) -> CarriedOutRow:
    return CarriedOutRow(
        name=_option(each),
        known=each.known,
        wholly=_of(Share(each.wholly, each.known)),
        partly=each.partly,
        not_at_all=each.known - each.wholly - each.partly,
        note=_small(each.known),
    )


def _tolerated(each: Tolerated) -> ToleratedRow:
    terms: Counter[str] = Counter()
    for term, count in each.terms:
        terms[term if is_listed(term) else _("another adverse event")] += count
    return ToleratedRow(
        name=_option(each),
        courses=each.courses,
        recorded=each.recorded,
        severe=_count_of(Share(each.severe, each.recorded)),
        terms=in_series(f"{term} ({count})" for term, count in terms.items()),
        note=_small(each.recorded),
    )


def _option(each: CountedOption | Treated | CarriedOutOften | Tolerated) -> str:
    if each.kind == ChoiceKind.OTHER:
        return _("Another treatment")
    return choice_words(Choice(each.kind, each.option), each.name)


def _bars(counted: Iterable[tuple[str, int]]) -> tuple[BarRow, ...]:
    rows = list(counted)
    total, most = sum(count for _name, count in rows), max((count for _name, count in rows), default=0)
    return tuple(
        BarRow(name, str(count), _share(Share(count, total)), bar(count / most if most else 0)) for name, count in rows
    )


def _agreement(found: Figures) -> Iterable[BarRow]:
    if not found.agreement.of:
        return
    yield _share_row(_("All levels"), found.agreement)
    for level, share in found.by_level.items():
        yield _share_row(_("Level %(level)s") % {"level": level}, share, str(LEVEL_WORDS[level]))


def _share_row(name: str, share: Share, note: str = "") -> BarRow:
    return BarRow(name, _count_of(share), _share(share), bar(share.value or 0), note)


def _count_of(share: Share) -> str:
    return _("%(count)d of %(all)d") % {"count": share.count, "all": share.of}


def _share(share: Share) -> str:
    return percent(100 * share.value, ".0f") if share.value is not None else ""


def _of(share: Share) -> str:
    """ "12 of 40 (30 %)"; empty of none."""
    if not share.of:
        return ""
    words = _("%(count)d of %(all)d (%(percent)s)")
    return words % {"count": share.count, "all": share.of, "percent": _share(share)}


def _days(days: Spread) -> str:
    if days.median is None:
        return ""
    words = _("median %(median)s days, from %(low)d to %(high)d")
    return words % {"median": number(days.median), "low": days.low, "high": days.high}


def _weeks(found: Figures) -> Iterable[tuple[str, int]]:
    low = 0
    for high in WEEKS:
        count = sum(many for day, many in found.days_counted.items() if low <= day <= high)
        yield _("%(low)d–%(high)d days") % {"low": low, "high": high}, count
        low = high + 1
    yield (
        _("more than %(days)d days") % {"days": WEEKS[-1]},
        sum(many for day, many in found.days_counted.items() if day > WEEKS[-1]),
    )


def _treated(each: Treated) -> TreatedRow:
    return TreatedRow(
        name=_option(each),
        patients=each.patients,
        evaluated=each.evaluated,
        responses=_of(Share(each.responses, each.evaluated)),
        months=_median(each.months, ENOUGH_FOR_MEDIAN),
        timed=each.timed,
    )


def _median(found: Curve, enough: int) -> str:
    """The median in months with its interval, or why there is none."""
    if found.patients < enough:
        return _("fewer than %(count)d known") % {"count": enough}
    if found.median is None:
        median = _("not reached")
    else:
        median = ngettext("%(count)d month", "%(count)d months", found.median) % {"count": found.median}
    interval = found.median_interval
    if interval is None:
        return median
    if interval.high is None:
        words = _("%(median)s (95 %% CI %(low)d to not reached)")
    else:
        words = _("%(median)s (95 %% CI %(low)d–%(high)d)")
    return words % {"median": median, "low": interval.low, "high": interval.high}


def _outcome(key: str, title: str, known: str, found: TimesToEvent) -> OutcomePart:
    words = known % {"count": found.known}
    if not found.is_enough:
        said = _("%(known)s: a curve is drawn from %(enough)d on.") % {"known": words, "enough": ENOUGH_FOR_CURVE}
        return OutcomePart(key, title, said, "", ())
    said = _("%(known)s, %(events)d with the event; median %(median)s.") % {
        "known": words,
        "events": found.curve.events,
        "median": _median(found.curve, ENOUGH_FOR_CURVE),
    }
    rows = tuple(
        SurvivalRow(row.months, row.at_risk, percent(100 * row.share, ".0f"), _interval(row.interval))
        for row in _thinned(found.table)
    )
    return OutcomePart(key, title, said, survival_curve(found.curve), rows)


def _interval(bounds: Interval | None) -> str:
    """In percent; "" where there is none."""
    return f"{number(100 * bounds.low, '.0f')}–{percent(100 * bounds.high, '.0f')}" if bounds else ""


def _thinned(table: Sequence[SurvivalAt], most: int = 9) -> Sequence[SurvivalAt]:
    """Every so many rows of a long table."""
    return table[:: -(-len(table) // most)] if table else table
