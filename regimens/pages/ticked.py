"""Which options are ticked for comparison, which of them are ranked, and whether they can be compared."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import FEATURES
from regimens.rules.ranking import Ranking
from regimens.wording.sentences import inside_html

from .options import FOLDED

FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class MissingTick:
    """An option that is ticked and has no row: what it is called, and why it is not ranked for this patient."""

    slug: str
    name: str
    reason: str


@dataclass(frozen=True)
class Ticks:
    """What is ticked on the ranking page.

    slugs     those that have a row, in the order of the ranking
    words     how many these are
    refusal   why they cannot be compared, in words; empty when they can
    """

    slugs: tuple[str, ...]
    missing: tuple[MissingTick, ...]
    words: str
    refusal: str


def ticks(ranking: Ranking, knowledge: Knowledge, ticked: Iterable[str]) -> Ticks:
    ticked = tuple(ticked)
    ranked = [option.regimen.slug for option in ranking.options if option.band not in FOLDED]
    slugs = tuple(slug for slug in ranked if slug in ticked)
    missing = tuple(_missing(slug, ranking, knowledge) for slug in ticked if slug not in ranked)
    return Ticks(slugs, missing, count_words(len(slugs)), _refusal(slugs, missing, knowledge))


def count_words(count: int) -> str:
    if not count:
        return _("No option is ticked")
    return ngettext("%(count)d option ticked", "%(count)d options ticked", count) % {"count": count}


def _refusal(slugs: tuple[str, ...], missing: tuple[MissingTick, ...], knowledge: Knowledge) -> str:
    unknown = [tick.name for tick in missing if tick.slug not in knowledge.regimens]
    limits = {"fewest": FEWEST, "most": MOST}
    if unknown:
        named = {"names": ", ".join(f"“{name}”" for name in unknown)}
        return _("This release holds no option called %(names)s. Tick %(fewest)d to %(most)d options.") % (
            named | limits
        )
    if FEWEST <= len(slugs) <= MOST:
        return ""
    if not slugs:
        return _("None of the ranked options is ticked. Tick %(fewest)d to %(most)d options.") % limits
    named = {"count": len(slugs), "names": ", ".join(knowledge.names[slug] for slug in slugs)}
    words = ngettext(
        "%(count)d option is ticked: %(names)s. Tick %(fewest)d to %(most)d options.",
        "%(count)d options are ticked: %(names)s. Tick %(fewest)d to %(most)d options.",
        len(slugs),
    )
    return words % (named | limits)


def _missing(slug: str, ranking: Ranking, knowledge: Knowledge) -> MissingTick:
    name = knowledge.names.get(slug) or textwrap.shorten(slug, 60, placeholder="…")
    return MissingTick(slug, name, _why_not_ranked(slug, ranking, knowledge))


def _why_not_ranked(slug: str, ranking: Ranking, knowledge: Knowledge) -> str:
    if slug not in knowledge.regimens:
        return _("no option of this release")
    if not ranking.scope.in_scope:
        return _("the patient is out of scope, so nothing is ranked")
    for waiting in ranking.needs_test:
        if waiting.regimen.slug == slug:
            tests = ", ".join(_(FEATURES[name].label) for name in waiting.features)
            return _("it waits for a test: %(tests)s") % {"tests": tests}
    for option in ranking.options:
        if option.regimen.slug == slug:
            return inside_html(option.reason)
    return _("it is no later-line option")
