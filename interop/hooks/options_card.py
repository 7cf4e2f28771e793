"""The card of options: what was understood, which options there are with their estimates, what is unknown and why."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from display.cache import generation
from display.punctuation import in_series, sign
from interop.words import WHY
from regimens.rules.assessment import Band
from regimens.rules.evidence import OUTCOMES
from regimens.rules.patient import FEATURES
from regimens.rules.ranking import Option, Ranking
from regimens.rules.synthesis import Synthesis
from regimens.wording.bands import BAND_TITLES
from regimens.wording.estimates import EstimateWords, estimates_in_words
from regimens.wording.outcomes import SHORT_TITLES
from regimens.wording.patient import label, patient_details, patient_sentence
from regimens.wording.sentences import ACTIVE

from .cards import OPTIONS, Card
from .markdown import bold, listed, paragraphs, plain
from .services import OTHERS, THERAPIES
from .tests_card import could_change
from .understood import Understood

UPPER = (Band.RECOMMENDED, Band.SUPPORTED)
BY_NAME = (Band.TRIAL_ONLY, Band.LIMITED)
MOST_NAMED = 8  # options of a band that is named without estimates


def options_card(found: Understood) -> Card:
    return Card(OPTIONS, "info", _summary(found.ranking), paragraphs(_detail(found)))


def _summary(ranking: Ranking) -> str:
    """The situation and how much there is to see, without any drug and without any value."""
    count = sum(option.band in UPPER and option.rank is not None for option in ranking.options)
    options = ngettext(
        "%(count)d option recommended or supported", "%(count)d options recommended or supported", count
    ) % {"count": count}
    tests = len(could_change(ranking))
    said = {"line": _line(ranking), "options": options}
    if not tests:
        return _("NEC, %(line)s: %(options)s") % said
    changing = ngettext("%(count)d test could change the order", "%(count)d tests could change the order", tests)
    return _("NEC, %(line)s: %(options)s; %(tests)s") % (said | {"tests": changing % {"count": tests}})


def _line(ranking: Ranking) -> str:
    match ranking.patient.values.get("lines_next"):
        case None:
            return _("line not known")
        case 2:
            return _("second line")
        case 3:
            return _("third line")
        case number:
            return _("line %(number)s") % {"number": number}


def _detail(found: Understood) -> Iterator[str]:
    ranking, knowledge = found.ranking, found.knowledge
    yield _headed(_("Understood"), plain("".join(text for text, _emphasised in patient_sentence(ranking.patient))))
    yield listed(plain(words) for words in patient_details(ranking.patient, knowledge))
    yield listed(
        plain(_("Check first: %(warning)s") % {"warning": warning.worded(ACTIVE)})
        for _code, warning in ranking.scope.warnings
    )
    for band in UPPER:
        options = [option for option in ranking.options if option.band is band]
        if options:
            yield bold(str(BAND_TITLES[band]))
            yield listed(_option(option, ranking) for option in options)
    yield _not_demonstrated(ranking)
    for band in BY_NAME:
        names = [option.regimen.name for option in ranking.options if option.band is band]
        if names:
            yield _headed(str(BAND_TITLES[band]), plain(_some(names)))
    waiting = [each.regimen.name for each in ranking.needs_test]
    if waiting:
        yield _headed(_("Wait for a test"), plain(_some(waiting)))
    yield _not_sent(found.missing)
    unknown = [*_unknown(found)]
    if unknown:
        yield bold(_("Not known, and not read as negative"))
        yield listed(unknown)
    yield plain(
        _("Supports and does not replace judgement. Evidence for groups of patients, not a prediction for one.")
    )


def _headed(title: str, text: str) -> str:
    return f"{bold(title)}{sign(':')} {text}"


def _option(option: Option, ranking: Ranking) -> str:
    """Its name with the estimates that rest on data, and what put it into its band."""
    name = bold(option.regimen.name)
    reason = plain(option.reason.worded(ACTIVE))
    if option.synthesis is None:
        return f"{name}{sign(';')} {reason}"
    return f"{name}{sign(':')} {_figures(option.synthesis, ranking)}{sign(';')} {reason}"


def _figures(synthesis: Synthesis, ranking: Ranking) -> str:
    """The estimates that rest on data, kept with the synthesis: patients have many of them in common."""
    asked = f"figures of a card, {get_language()}, {generation()}"
    if asked not in synthesis.kept:
        estimates = estimates_in_words(synthesis.estimates, ranking.demonstrated, {})
        said = [plain(_estimate(each)) for each in estimates if each.has_data]
        synthesis.kept[asked] = in_series(said) or plain(_("no estimate rests on data"))
    figures: str = synthesis.kept[asked]
    return figures


def _estimate(words: EstimateWords) -> str:
    return _("%(outcome)s %(figure)s (%(interval)s)") % {
        "outcome": words.short_title,
        "figure": words.number_with_unit,
        "interval": words.interval,
    }


def _not_demonstrated(ranking: Ranking) -> str:
    """The outcomes that were not shown to tell options apart (METHOD, section 13), once for all options."""
    names = [str(SHORT_TITLES[outcome]) for outcome in OUTCOMES if not ranking.demonstrated[outcome]]
    if not names:
        return ""
    return plain(_("Not shown to tell options apart: %(outcomes)s") % {"outcomes": ", ".join(names)})


def _some(names: list[str]) -> str:
    words, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    if more <= 0:
        return words
    return ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", more) % {
        "names": words,
        "count": more,
    }


def _not_sent(missing: frozenset[str]) -> str:
    """What was not sent: where it is earlier treatment, nothing of it is known."""
    said = []
    if therapies := [kind for kind in THERAPIES if kind in missing]:
        said.append(
            _("Not all records of earlier treatment were sent (%(kinds)s): what they say is not known here.")
            % {"kinds": ", ".join(therapies)}
        )
    if others := [kind for kind in OTHERS if kind in missing]:
        said.append(_("Not sent: %(kinds)s. What they say is not known here.") % {"kinds": ", ".join(others)})
    return plain(" ".join(said))


def _unknown(found: Understood) -> Iterator[str]:
    """Features of which the record says something that does not count, with why; then those that decide the order."""
    patient, because = found.ranking.patient, found.reading.unknown_because
    for name, why in because.items():
        if not patient.knows(name):
            yield plain(f"{capfirst(label(name))}{sign(':')} {WHY[why]}")
    deciding = {test.feature for test in found.ranking.tests}
    deciding |= {name for waiting in found.ranking.needs_test for name in waiting.features}
    silent = [label(name) for name in FEATURES if name in deciding and name not in because and not patient.knows(name)]
    if silent:
        yield plain(_("Nothing that counts is said of: %(features)s") % {"features": ", ".join(silent)})
