"""What is told beside a ranking, in one pure call: what moved, trials, closest studies, why not, who is ahead.

A presenter asks here, and never climbs back down into the rules that find it. What costs time is found when it is first
asked for; the same ranking and release always give the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from .closest_cohorts import Closest, closest_cohorts
from .knowledge import Knowledge
from .ordering import ahead
from .rank_changes import Move, moves
from .ranking import Ranking
from .trials import TrialFit, fitting_trials
from .why_not import WhyNot, why_not


class WhyNots(Mapping[str, WhyNot]):
    """Why each option is not among the recommended, by the slug of its regimen; empty out of scope."""

    def __init__(self, ranking: Ranking, knowledge: Knowledge):
        self._patient, self._knowledge = ranking.patient, knowledge
        self._regimens = {option.regimen.slug: option.regimen for option in ranking.options}

    def __getitem__(self, slug: str) -> WhyNot:
        return why_not(self._regimens[slug], self._patient, self._knowledge)

    def __iter__(self) -> Iterator[str]:
        return iter(self._regimens)

    def __len__(self) -> int:
        return len(self._regimens)


@dataclass(frozen=True)
class Explanation:
    """What is told beside a ranking that was made with `knowledge`.

    usual   the ranking by the usual preference and all evidence; None where this is it
    """

    ranking: Ranking
    knowledge: Knowledge
    usual: Ranking | None = None

    @cached_property
    def moves(self) -> Mapping[str, Move]:
        """The regimens that stand elsewhere than usual, by slug; empty where this is the usual ranking."""
        return moves(self.usual, self.ranking) if self.usual else {}

    @cached_property
    def trials(self) -> tuple[TrialFit, ...]:
        """Trials that may take the patient; none out of scope."""
        return fitting_trials(self.ranking.patient, self.knowledge) if self.ranking.scope.in_scope else ()

    @cached_property
    def closest(self) -> tuple[Closest, ...]:
        """The cohorts behind the ranking, the nearest to the patient first."""
        return closest_cohorts(self.ranking)

    @cached_property
    def why_not(self) -> WhyNots:
        """Why an option is not among the recommended; found for one option when it is asked for."""
        return WhyNots(self.ranking, self.knowledge)

    def ahead(self, slugs: Collection[str]) -> dict[tuple[str, str], float]:
        """For each two of these options that were drawn, the share of the draws in which the first is ahead."""
        drawn = {o.regimen.slug: o.synthesis for o in self.ranking.options if o.rank is not None and o.synthesis}
        return ahead(drawn, self.ranking.preference, slugs)
