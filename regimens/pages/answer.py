"""The answer on one card: what comes first for a patient, why, unless what, which test first, and what is close behind.

Plain values, the same for the page, the copied text, the PDF and the cards of other systems. Everything is said from
the ranking and the release; nothing of it is an order to treat.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.numbers import percent as percentage
from display.punctuation import in_series, sign
from regimens.models.choices import NoticeKind
from regimens.rules.assessment import Band, Failed
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, RULING_OUT, CautionFinding, Outcome
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Criterion, evaluate, explain
from regimens.rules.missing_tests import MissingTest
from regimens.rules.ordering import SEPARABLE, SURE
from regimens.rules.patient import FEATURES
from regimens.rules.ranking import FRAIL, Option, Ranking
from regimens.rules.wording import all_of_them, any_of_them, one_of_them
from regimens.wording.cautions import CautionMark, gravest_first, open_facts
from regimens.wording.citations import lower_first, notice_of, study_name
from regimens.wording.estimates import estimate_words, published_words
from regimens.wording.indications import is_guideline, matched, named_sources
from regimens.wording.options import chains
from regimens.wording.outcomes import OUTCOME_WORDS, patients, percent, separation
from regimens.wording.patient import feature_words
from regimens.wording.sentences import ACTIVE

from .rows import ROW_OUTCOMES, leading_cohort

__all__ = ["AnswerCard", "AnswerLine", "CautionMark", "answer_card"]

# How many are named: facts of Unless, options of Close behind, first ones with equal places, sources.
_FACTS_NAMED, _CLOSE_NAMED, _EQUAL_NAMED, _SOURCES_NAMED = 3, 2, 3, 2


@dataclass(frozen=True)
class AnswerLine:
    """A line of the card.

    text   one or more whole sentences, without markup
    mark   as the kind of a CautionMark where a sign stands before it
    lang   the language of the text where that is not the page's
    """

    title: str
    text: str
    mark: str = ""
    lang: str = ""


@dataclass(frozen=True)
class AnswerCard:
    """What comes first for a patient, and how firm that is.

    first       the names of the options that come first: several where their places are equal
    slugs       the same as slugs
    condition   what has to be excluded first, as "once complete DPD deficiency is excluded"; "" where nothing has
    not_apart   what the evidence cannot tell apart, from the release's validation
    had_before  what earlier treatment of the same class keeps out
    firmness    as "firm on guidelines, weak on figures"
    """

    heading: str
    first: tuple[str, ...]
    slugs: tuple[str, ...]
    condition: str
    because: AnswerLine | None
    had_before: AnswerLine | None
    unless: AnswerLine | None
    test_first: AnswerLine | None
    close_behind: AnswerLine | None
    not_apart: AnswerLine | None
    firmness: str

    @property
    def names(self) -> str:
        """The first options in one: "FOLFOX or FOLFIRI"."""
        return any_of_them(self.first, ACTIVE)

    @property
    def lines(self) -> tuple[AnswerLine, ...]:
        """Those that are there, in their order."""
        told = (
            *(self.because, self.had_before, self.unless),
            *(self.test_first, self.close_behind, self.not_apart),
        )
        return tuple(line for line in told if line)


def answer_card(ranking: Ranking, knowledge: Knowledge) -> AnswerCard | None:
    """The card of a ranking; None where nothing is listed, as out of scope.

    Of a ranking without draws no places are equal and nothing is said of how close they are.
    """
    if not ranking.options:
        return None
    return _Telling(ranking, knowledge).card()


class _Telling:
    def __init__(self, ranking: Ranking, knowledge: Knowledge):
        self.ranking, self.knowledge, self.patient = ranking, knowledge, ranking.patient
        ranked = [option for option in ranking.options if option.rank is not None]
        self.equal = chains(ranked)
        # In a frail patient best supportive care comes before every other option (METHOD, section 8).
        ecog = self.patient.values.get("ecog")
        is_frail = isinstance(ecog, int) and ecog >= FRAIL
        self.is_care_first = not ranked or (is_frail and ranking.options[0].regimen.slug == BEST_SUPPORTIVE_CARE)
        leading = [ranking.options[0]] if self.is_care_first else next(iter(self.equal), [])
        self.first: Sequence[Option] = leading
        self.behind: Sequence[Option] = ranked[0 if self.is_care_first else len(leading) :]

    def card(self) -> AnswerCard:
        condition = self._condition()
        return AnswerCard(
            heading=_("First in order for this patient"),
            first=tuple(option.regimen.name for option in self.first),
            slugs=tuple(option.regimen.slug for option in self.first),
            condition=condition,
            because=_line(_("Because"), self._because()),
            had_before=_line(_("Had before"), self._had_before(), "had-before"),
            unless=self._unless(),
            test_first=_line(_("Test first"), self._test_first()),
            close_behind=_line(_("Close behind"), self._close_behind()),
            not_apart=_line(
                _("Not told apart"), separation(self.ranking.separates, self.ranking.demonstrated, SEPARABLE)
            ),
            firmness=self._firmness(),
        )

    # ---- because

    def _because(self) -> Iterator[str]:
        if self.is_care_first:
            yield (
                _("At ECOG 3 or 4 best supportive care comes before every other option.")
                if self.behind
                else _("No other option is ranked.")
            )
            return
        for option in self.first[:_EQUAL_NAMED]:
            said = " ".join(filter(None, (self._named_by(option), self._published(option))))
            yield f"{option.regimen.name}{sign(':')} {said}" if len(self.first) > 1 else said

    def _named_by(self, option: Option) -> str:
        """Who names it for this situation, and for which of the patient's facts; else what evidence there is."""
        for stance, message in (
            ("recommend", _("Recommended for %(facts)s by %(sources)s.")),
            ("consider", _("To be considered for %(facts)s, by %(sources)s.")),
        ):
            holding = [f.indication for f in option.indications if f.truth is True and f.indication.stance == stance]
            if holding:
                sources = list(dict.fromkeys(name for each in holding for name in self._sources(each.sources)))
                facts = list(dict.fromkeys(fact for each in holding for fact in self._facts(each.when)))
                return message % {
                    "facts": all_of_them(facts, ACTIVE) if facts else _("this situation"),
                    "sources": all_of_them(_named(sources, _SOURCES_NAMED), ACTIVE),
                }
        return f"{capfirst(option.reason.worded(ACTIVE))}."

    def _sources(self, sources: Iterable[str]) -> Iterator[str]:
        """Guidelines, licences of the region, and first what was retracted or doubted since; else all."""
        found = list(named_sources(sources, self.knowledge))
        guidelines = [source.name for source in found if is_guideline(source)]
        licences = [
            lower_first(s.name) for s in found if s.kind == "licence" and s.row["region"] == self.patient.region
        ]
        in_doubt = [s.name for s in found if s.kind == "publication" and _is_in_doubt(s.row)]
        yield from [*in_doubt, *guidelines, *licences] if guidelines or licences else [source.name for source in found]

    def _facts(self, criterion: Criterion) -> Iterator[str]:
        """What of the patient a criterion names, as it is."""
        for part in explain(criterion, self.patient.values, names=self.knowledge.names):
            if part.truth is True:
                yield matched(part, self.patient)

    def _published(self, option: Option) -> str:
        """The figures of the study that weighs most, with its patients."""
        told = published_figures(option, self.knowledge)
        return f"{told}." if told else ""

    # ---- unless

    def _condition(self) -> str:
        """What a test could show that would rule the first option out, where that cannot be checked yet."""
        facts = [self._fact(test) for test in self._ruling_tests]
        if not facts:
            return ""
        words = ngettext("once %(facts)s is excluded", "once %(facts)s are excluded", len(facts))
        return words % {"facts": all_of_them(facts, ACTIVE)}

    @cached_property
    def _ruling_tests(self) -> list[MissingTest]:
        """The facts that are not known, after which the one first option would not be first because it is ruled out."""
        if len(self.first) != 1:
            return []
        ruling = {name for f in self.first[0].cautions if _may_rule_out(f) for name in f.caution.features}
        tests = (t for t in self.ranking.tests if not t.is_biomarker and FEATURES[t.feature].kind == "choice")
        return [test for test in tests if test.changes_first and test.feature in ruling and self._is_ruled_out(test)]

    def _is_ruled_out(self, test: MissingTest) -> bool:
        """Whether a caution of the first option asks for this very value."""
        asked = (f.caution.when for f in self.first[0].cautions if _may_rule_out(f))
        supposed = self.patient.supposing(test.feature, test.value)
        values = supposed.values if supposed else {}
        return any(evaluate(when, values) is True for when in asked if when)

    @staticmethod
    def _fact(test: MissingTest) -> str:
        return str(RULING_FACTS.get((test.feature, test.value)) or feature_words(test.feature, test.value))

    def _unless(self) -> AnswerLine | None:
        present, unknown = [], []
        for option in self.first[:1]:
            for finding in gravest_first(option.cautions):
                caution = finding.caution
                if finding.truth is True and caution.when and caution.is_evidence:
                    present += open_facts(caution, self.patient, self.knowledge, truth=True)
                elif _may_rule_out(finding):
                    unknown += [(fact, caution.features) for fact in open_facts(caution, self.patient, self.knowledge)]
        said = []
        if present:
            facts = all_of_them(list(dict.fromkeys(present))[:_FACTS_NAMED], ACTIVE)
            said.append(_("A caution applies: %(facts)s.") % {"facts": facts})
        if unknown:
            said.append(self._not_known(dict(unknown)))
        if not said:
            return None
        return AnswerLine(_("Unless"), " ".join(said), "present" if present else "check")

    def _not_known(self, facts: Mapping[str, Collection[str]]) -> str:
        """What cannot be checked and might rule the first option out; what would then be first, where that is sure."""
        ruling = [test.feature for test in self._ruling_tests]
        order = sorted(facts, key=lambda fact: not any(name in facts[fact] for name in ruling))
        tested = [fact for fact in facts if any(name in facts[fact] for name in ruling)]
        named = order[:_FACTS_NAMED]
        listed = _named(order, _FACTS_NAMED)
        words = _("Not checked, since not known, and might rule it out: %(names)s") % {"names": ", ".join(listed)}
        words = f"{words}."
        return f"{words} {then}" if (then := self._then_first(facts, [n for n in named if n not in tested])) else words

    def _then_first(self, facts: Mapping[str, Collection[str]], named: Sequence[str]) -> str:
        """What follows, if none of the facts, or of those named, touches it or decides anything else of the order."""
        following = next(iter(self.behind), None)
        features = {name for names in facts.values() for name in names}
        if following is None or features & self.knowledge.selecting_features:
            return ""
        touched = {name for f in following.cautions if _may_rule_out(f) for name in f.caution.features}
        free = [fact for fact, names in facts.items() if touched.isdisjoint(names)]
        names = {"regimen": following.regimen.name}
        if len(free) == len(facts):
            return _("Then %(regimen)s would be first.") % names
        free = [fact for fact in named if fact in free]
        if not free:
            return ""
        return _("With %(facts)s, %(regimen)s would be first.") % (names | {"facts": any_of_them(free, ACTIVE)})

    # ---- tests, what is close, and how firm it is

    def _test_first(self) -> Iterator[str]:
        """The tests that would change what is first, those that could rule the first option out before the others."""
        for test in self._ruling_tests:
            yield _("%(test)s, before the first dose: with %(value)s, %(regimen)s would be first.") % self._then(test)
        others = [t for t in self.ranking.tests if t.is_biomarker and t.changes_first and t.first_becomes]
        if len(others) == 1:
            yield _("%(test)s: if %(value)s, %(regimen)s would be first.") % self._then(others[0])
        elif others:
            yield _("If positive, %(tests)s would each put another option first.") % {
                "tests": one_of_them([self._with_chance(test) for test in others], ACTIVE)
            }

    @staticmethod
    def _with_chance(test: MissingTest) -> str:
        name = str(_(FEATURES[test.feature].label))
        if test.prevalence is None:
            return name
        return _("%(test)s (%(chance)s here)") % {
            "test": name,
            "chance": percentage(100 * test.prevalence.chance, ".3g"),
        }

    def _then(self, test: MissingTest) -> dict[str, str]:
        feature = FEATURES[test.feature]
        value = feature.worded(test.value, ACTIVE)
        return {
            "test": _(feature.label),
            "value": _("%(value)s or more") % {"value": value} if feature.is_numeric else value,
            "regimen": self.knowledge.names[test.first_becomes] if test.first_becomes else _("no option"),
        }

    def _close_behind(self) -> Iterator[str]:
        """The next one or two: what was published and what the model says, and how close they are."""
        before = self.first[-1] if self.first and not self.is_care_first else None
        for place, option in enumerate(self.behind[:_CLOSE_NAMED]):
            figures = [] if place else [published_figures(option, self.knowledge, BRIEF), self._model(option)]
            said = in_series(filter(None, [*figures, _closeness(before, option)]))
            yield f"{option.regimen.name}{sign(':')} {said}." if said else f"{option.regimen.name}."
            before = option

    def _model(self, option: Option) -> str:
        if option.synthesis is None:
            return ""
        found = option.synthesis.estimates
        words = [(outcome, estimate_words(outcome, found[outcome])) for outcome in BRIEF if found[outcome].has_data]
        if not words:
            return ""
        said = [
            f"{OUTCOME_WORDS[outcome]} {each.number}" + (f" ({each.interval})" if outcome == "os" else "")
            for outcome, each in words
        ]
        return _("model %(figures)s") % {"figures": _with_months(said, [o for o, _words in words])}

    def _had_before(self) -> Iterator[str]:
        """Options that somebody names for this situation and that earlier treatment of their class keeps out."""
        patient, found = self.patient, dict[str, list[str]]()
        failed = Failed.of(patient.progressed_on, patient.progressed_on_drugs, self.knowledge).classes.keys()
        for option in self.ranking.options if failed else ():
            if option.band is not Band.UNSUITABLE or option.regimen.classes.isdisjoint(failed):
                continue
            if not any(f.truth is True and f.indication.stance != "against" for f in option.indications):
                continue
            for finding in option.cautions:
                if finding.truth is True and finding.caution.exposure_class and finding.caution.level in RULING_OUT:
                    sentence = capfirst(finding.caution.worded(ACTIVE))
                    found.setdefault(sentence, []).append(option.regimen.name)
        for sentence, names in found.items():
            yield _("%(sentence)s: %(regimens)s not ranked.") % {
                "sentence": sentence,
                "regimens": all_of_them(names, ACTIVE),
            }

    def _firmness(self) -> str:
        """Firm on guidelines: a guideline or a licence in force names it. Firm on figures: two studies or a randomised
        arm, and it is the best of all in at least nine of ten draws."""
        if self.is_care_first or not self.first:
            return ""
        is_named = all(map(self._is_named, self.first))
        is_set_apart = len(self.first) == 1 and _is_set_apart(self.first[0])
        return {
            (True, True): _("firm on guidelines, firm on figures"),
            (True, False): _("firm on guidelines, weak on figures"),
            (False, True): _("weak on guidelines, firm on figures"),
            (False, False): _("weak on guidelines, weak on figures"),
        }[is_named, is_set_apart]

    def _is_named(self, option: Option) -> bool:
        if option.licence and option.licence.status == "approved":
            return True
        holding = (f.indication for f in option.indications if f.truth is True and f.indication.stance != "against")
        named = (source for each in holding for source in named_sources(each.sources, self.knowledge))
        return any(map(is_guideline, named))


# What would rule an option out, within a sentence, where its name and value do not make one.
RULING_FACTS = {("dpd", "complete"): gettext_lazy("complete DPD deficiency")}
BRIEF: tuple[Outcome, ...] = ("orr", "os")


def published_figures(option: Option, knowledge: Knowledge, outcomes: Sequence[Outcome] = ROW_OUTCOMES) -> str:
    """What the study that weighs most reported, with its patients: "BEVANEC (67 patients) published response 18 %,
    survival 8.9 (5.7–10.6) months"; "" without data. What another study weighs more in is left to the row."""
    leading = leading_cohort(option.synthesis) if option.synthesis else None
    if leading is None or option.synthesis is None:
        return ""
    found = option.synthesis.estimates
    told = [o for o in outcomes if (beside := found[o].published) and beside.place == leading.place]
    words = {outcome: published_words(outcome, *leading.place, knowledge) for outcome in told}
    borrowed = next((each.borrowed for each in words.values() if each.borrowed), "")
    figures = [
        f"{OUTCOME_WORDS[outcome]} {each.number}" + (f" ({each.interval})" if outcome == "os" and each.interval else "")
        for outcome, each in words.items()
    ]
    if not figures:
        return ""
    publication = knowledge.publications[leading.publication]
    notice = notice_of(publication)
    study = study_name(publication)
    return _("%(study)s (%(patients)s) published %(figures)s") % {
        "study": f"{study}, {lower_first(notice.word)}" if notice else study,
        "patients": ", ".join(filter(None, (patients(round(leading.size or 0)), borrowed))),
        "figures": _with_months(figures, told),
    }


def _with_months(said: Sequence[str], outcomes: Sequence[Outcome]) -> str:
    """Figures in a row, with their unit behind the last where that is a median."""
    words = ", ".join(said)
    return _("%(figures)s months") % {"figures": words} if outcomes[-1] != "orr" else words


def _closeness(before: Option | None, option: Option) -> str:
    """How close an option is to the one before it."""
    if before is None:
        return ""
    if before.band is option.band:
        ahead = before.shares and before.shares.ahead_of_next
        if ahead is None:
            return ""
        return _("%(regimen)s is ahead of it in %(share)s of the draws") % {
            "regimen": before.regimen.name,
            "share": percent(ahead),
        }
    lower = _("in a lower band")
    best = option.shares and option.shares.best
    if best is None:
        return lower
    return _("%(lower)s; on figures alone the best of all in %(share)s of the draws") % {
        "lower": lower,
        "share": percent(best),
    }


def _is_set_apart(option: Option) -> bool:
    if option.synthesis is None or not option.shares or (option.shares.best or 0) < SURE:
        return False
    cohorts = [used.cohort for used in option.synthesis.cohorts]
    return len({each.study_key for each in cohorts}) > 1 or any(
        each.design.startswith("randomised") for each in cohorts
    )


def _may_rule_out(finding: CautionFinding) -> bool:
    return finding.truth is None and finding.caution.level in RULING_OUT


def _is_in_doubt(publication: Mapping[str, Any]) -> bool:
    """Whether it was retracted, or an expression of concern was printed against it."""
    notice = publication.get("notice")
    return bool(notice) and notice["kind"] != NoticeKind.ERRATUM


def _named(names: Sequence[str], most: int) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(names) - most
    if more <= 0:
        return list(names)
    return [*names[:most], ngettext("%(count)d more", "%(count)d more", more) % {"count": more}]


def _line(title: str, sentences: Iterable[str], mark: str = "") -> AnswerLine | None:
    text = " ".join(sentences)
    return AnswerLine(title, text, mark) if text else None
