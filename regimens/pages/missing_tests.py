"""What is not known of a patient and would matter: tests, other questions, and trials that may fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.numbers import percent
from display.punctuation import in_series
from regimens.models import choices
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import describe
from regimens.rules.missing_tests import MissingTest, Opened
from regimens.rules.patient import FEATURES, Feature, Patient
from regimens.rules.ranking import FRAIL, Ranking
from regimens.rules.trials import TrialFit
from regimens.rules.wording import any_of_them
from regimens.wording.bands import BAND_TITLES
from regimens.wording.citations import Link, link_to, lower_first
from regimens.wording.indications import TRUTH_KEYS, TRUTH_WORDS, PartLine, matched
from regimens.wording.licences import months_between
from regimens.wording.outcomes import signed
from regimens.wording.sentences import ACTIVE
from regimens.wording.states import STALE_TRIAL_DAYS


@dataclass(frozen=True)
class WaitingLine:
    """The regimens that wait for one test."""

    tests: str
    given_with: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class TestLine:
    """A missing biomarker: the chance that it is positive here, and what would then be first.

    opens    the regimens that it would open, or that would rise, each with the place that it would have
    enters   those that would be recommended then and are not among these
    """

    name: str
    supposed: str
    chance: str
    source: Link | None
    then_first: str
    changes_first: bool
    opens: tuple[str, ...]
    enters: str
    gain: str
    feature: str
    value: str

    @property
    def is_known(self) -> bool:
        """Whether its chance is on record."""
        return self.source is not None

    @property
    def in_short(self) -> str:
        """What would follow, as a narrow table has room for it."""
        if self.changes_first:
            then = _("%(regimen)s first") % {"regimen": self.then_first}
        else:
            then = in_series([self.then_first, *self.opens[:1]])
        return _("%(value)s: %(then)s") % {"value": self.supposed, "then": then}


@dataclass(frozen=True)
class QuestionLine:
    """Another unknown feature: whether knowing it would change the order, and at which values."""

    name: str
    changes: bool
    words: str


@dataclass(frozen=True)
class TrialLine:
    """A trial that the patient may fit: each criterion that is described of it, met or not known.

    seen       when a page of it was looked up, in words
    is_stale   whether that was so long ago that the status may have changed
    """

    nct: str
    url: str
    name: str
    phase: str
    status: str
    criteria: tuple[PartLine, ...]
    eligibility: str
    seen: str = ""
    is_stale: bool = False


def waiting_lines(ranking: Ranking, knowledge: Knowledge) -> Iterator[WaitingLine]:
    found: dict[tuple[str, str], list[str]] = {}
    for waiting in ranking.needs_test:
        tests = ", ".join(_(FEATURES[name].label) for name in waiting.features)
        given_with = describe(waiting.regimen.requires or {}, names=knowledge.names, language=ACTIVE)
        found.setdefault((tests, given_with), []).append(waiting.regimen.name)
    for (tests, given_with), names in sorted(found.items()):
        yield WaitingLine(tests, given_with, tuple(names))


def trial_line(fit: TrialFit, patient: Patient, today: date | None = None) -> TrialLine:
    trial = fit.trial
    seen, is_stale = _seen(trial.get("looked_up_on"), today)
    return TrialLine(
        nct=trial["nct"],
        url=f"https://clinicaltrials.gov/study/{trial['nct']}",
        name=trial["acronym"] or trial["intervention"],
        phase=_("phase %(phase)s") % {"phase": trial["phase"]} if trial["phase"] else "",
        seen=seen,
        is_stale=is_stale,
        status=_status(choices.TrialStatus(trial["status_as_seen"])),
        criteria=trial_criteria(fit, patient),
        eligibility="; ".join(trial["key_eligibility"]),
    )


def _status(status: choices.TrialStatus) -> str:
    """Behind a name, where "Unknown" alone would not say what is."""
    return _("Status not known") if status == choices.TrialStatus.UNKNOWN else str(status.label)


def _seen(looked_up_on: str | None, today: date | None) -> tuple[str, bool]:
    """When the register was asked; how long ago, where that is more than a month."""
    if not looked_up_on:
        return _("day of reading not on record"), True
    day = date.fromisoformat(looked_up_on)
    if today is None or (today - day).days <= STALE_TRIAL_DAYS:
        return _("read %(day)s") % {"day": date_format(day)}, False
    months = months_between(day, today)
    if months < 1:
        return _("read %(day)s") % {"day": date_format(day)}, True
    words = ngettext("read %(count)d month ago", "read %(count)d months ago", months)
    return words % {"count": months}, True


def trial_criteria(fit: TrialFit, patient: Patient) -> tuple[PartLine, ...]:
    """What is described of a trial's patients, with its truth for this one; where it holds, in the patient's value."""
    return tuple(
        PartLine(
            matched(part, patient) if part.truth else part.worded(ACTIVE),
            TRUTH_KEYS[part.truth],
            str(TRUTH_WORDS[part.truth]),
        )
        for part in fit.parts
    )


def test_line(test: MissingTest, ranking: Ranking, knowledge: Knowledge) -> TestLine:
    feature, prevalence = FEATURES[test.feature], test.prevalence
    first, is_frail = ranking.first, _is_frail(test)
    if test.first_becomes is None and not is_frail:
        then = _("no option would be ranked")
    elif not test.changes_first and first and not is_frail:
        then = _("%(regimen)s stays first") % {"regimen": first.regimen.name}
    else:
        then = _first_name(test, knowledge)
    supposed = feature.worded(test.value, ACTIVE)
    opened = {test.first_becomes, *(each.regimen for each in test.opens)}
    return TestLine(
        name=_(feature.label),
        supposed=_("%(value)s or more") % {"value": supposed} if feature.is_numeric else supposed,
        chance=percent(100 * prevalence.chance, ".3g") if prevalence else _("not known"),
        source=link_to(prevalence.population, prevalence.url) if prevalence else None,
        then_first=then,
        changes_first=test.changes_first or is_frail,
        opens=tuple(_opened(each, knowledge) for each in test.opens),
        enters=", ".join(knowledge.names[slug] for slug in test.enters_recommended if slug not in opened),
        gain=signed(test.utility_gain, 2) if test.changes_first else "",
        feature=test.feature,
        value=str(test.value),
    )


def _is_frail(test: MissingTest) -> bool:
    """Whether best supportive care would come before every ranked option (METHOD, section 8)."""
    return test.feature == "ecog" and isinstance(test.value, int) and test.value >= FRAIL


def _first_name(test: MissingTest, knowledge: Knowledge) -> str:
    """What would stand first on the page, which is not always the option with the first rank."""
    return knowledge.names[BEST_SUPPORTIVE_CARE if _is_frail(test) else str(test.first_becomes)]


def _opened(opened: Opened, knowledge: Knowledge) -> str:
    """A regimen with the place that it would have: its rank, or its band where that carries none."""
    name = knowledge.names[opened.regimen]
    if opened.rank is None:
        return _("%(regimen)s (%(band)s)") % {"regimen": name, "band": lower_first(str(BAND_TITLES[opened.band]))}
    return _("%(regimen)s (rank %(rank)d)") % {"regimen": name, "rank": opened.rank}


def question_lines(tests: Sequence[MissingTest], knowledge: Knowledge) -> Iterator[QuestionLine]:
    """The other unknown features, those that would change the order first."""
    others = [test for test in tests if not test.is_biomarker]
    by_feature: dict[str, list[MissingTest]] = {}
    for test in others:
        by_feature.setdefault(test.feature, []).append(test)
    lines = [_question_line(found, knowledge) for found in by_feature.values()]
    yield from sorted(lines, key=lambda line: not line.changes)


def _question_line(tests: Sequence[MissingTest], knowledge: Knowledge) -> QuestionLine:
    """Which of the values that were tried would change the order, and what could come first."""
    feature = FEATURES[tests[0].feature]
    name = capfirst(_(feature.label))
    changing = _in_order([test for test in tests if test.changes_order], feature)
    if not changing:
        return QuestionLine(name, False, _("would not change the order"))
    first = sorted(
        {_first_name(t, knowledge) for t in changing if _is_frail(t) or (t.changes_first and t.first_becomes)}
    )
    alone, with_first = WHATEVER if len(changing) == len(tests) else WHERE
    words = {"values": any_of_them([feature.worded(test.value, ACTIVE) for test in changing], ACTIVE)}
    if first:
        return QuestionLine(name, True, str(with_first) % (words | {"regimens": any_of_them(first, ACTIVE)}))
    return QuestionLine(name, True, str(alone) % words)


def _in_order(tests: Sequence[MissingTest], feature: Feature) -> Sequence[MissingTest]:
    """By the values tried: numbers from the lowest on, a choice as it is asked for."""
    values = list(feature.values)
    return sorted(tests, key=lambda test: values.index(test.value) if values else test.value)


# What an unknown feature would do: to the order, and to what is first as well.
WHATEVER = (
    gettext_lazy("would change the order at every value tried (%(values)s)"),
    gettext_lazy("would change the order at every value tried (%(values)s); %(regimens)s could come first"),
)
WHERE = (
    gettext_lazy("would change the order at %(values)s"),
    gettext_lazy("would change the order at %(values)s; %(regimens)s could come first"),
)
