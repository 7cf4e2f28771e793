"""What a change moved: the entries that the page was ranked with before, against those that it is ranked with now.

Nothing is kept on the server. Every answer holds the entries that it was made from as hidden fields of the patient
form, and the next one is sent with them: `before` those of the answer on the page, `earlier` those that its strip
compares with. The former ranking is made again, without draws; which places it showed as equal is sent as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from display.punctuation import in_series
from regimens.rules.evidence import BEST_SUPPORTIVE_CARE, RULING_OUT, Caution, CautionFinding
from regimens.rules.knowledge import Knowledge
from regimens.rules.ordering import DEFAULT_PREFERENCE
from regimens.rules.patient import FEATURES
from regimens.rules.rank_changes import Ranks, Stand, caution_changes, stands
from regimens.rules.ranking import Ranking, is_frail, rank
from regimens.wording.cautions import MARK_WORDS, features_not_known
from regimens.wording.options import chains
from regimens.wording.patient import feature_words
from regimens.wording.places import stand_words
from regimens.wording.sentences import ACTIVE

from .patient_form import PatientForm, TreatmentsField
from .rank_changes import MoveMark

BEFORE, EARLIER, PUT_BACK = "before", "earlier", "put_back"
JOINT = "joint"  # among the entries: the ranks that were shown as equal, "4-5"

# No patient has more entries, nor longer ones: what is sent beyond that is none of ours.
MOST_ENTRIES, LONGEST_ENTRY = 300, 100
# What says nothing of the patient, or says it of a field that stands there itself.
NOT_COMPARED = ("compare", "decimal_mark", "supposed")
# What a field counts as while nothing is chosen in it.
USUAL = {"preference": DEFAULT_PREFERENCE, "evidence": "all"}
# How many of each are told, and of how many of the first options the cautions are compared.
CHANGES_TOLD, MOVES_TOLD, GONE_TOLD, NAMES_TOLD, FIRST = 4, 3, 2, 3, 3

K = TypeVar("K")
Entries = Mapping[str, tuple[str, ...]]  # what was sent, by field


@dataclass(frozen=True)
class Changed:
    """What was changed, and what that moved; each a sentence or a part of one.

    what       "ECOG, 1 to 3"
    moved      where the first of the options that moved stand, and how many more moved
    cautions   what became of cautions of the first options
    marks      where an option stood, by slug, for its row
    """

    what: tuple[str, ...]
    moved: tuple[str, ...]
    cautions: tuple[str, ...]
    marks: Mapping[str, MoveMark] = field(default_factory=dict)

    @property
    def entries(self) -> str:
        """What was changed, in one."""
        return f"{in_series(self.what)}."

    @property
    def effects(self) -> str:
        """What that did, in one."""
        return " ".join((*self.moved, *self.cautions))


@dataclass(frozen=True)
class Strip:
    """The strip over the options, and what the next answer has to be sent with.

    changed   None where nothing was, or nothing was ranked before
    hidden    (name, value) of the hidden fields
    """

    changed: Changed | None
    hidden: tuple[tuple[str, str], ...]

    @property
    def marks(self) -> Mapping[str, MoveMark]:
        """Where options stood before the change, by slug."""
        return self.changed.marks if self.changed else {}


def strip(sent: QueryDict, form: PatientForm, ranking: Ranking | None, knowledge: Knowledge) -> Strip:
    """What the entries of `form` moved, in comparison with those that were sent along.

    While something is wrong with the entries nothing is ranked, and what was ranked last stays what is compared with.
    """
    before, earlier = _sent(sent, BEFORE, form), _sent(sent, EARLIER, form)
    if ranking is None:
        return Strip(None, (*_hidden(BEFORE, before), *_hidden(EARLIER, earlier)))
    now = _entries(form)
    base = _base(earlier, before, now)
    changed = _changed(base, form, ranking, knowledge) if base else None
    joint = " ".join(f"{first}-{last}" for first, last in _joint_of(ranking))
    kept = now | ({JOINT: (joint,)} if joint else {})
    return Strip(changed, (*_hidden(BEFORE, kept), *(_hidden(EARLIER, base) if changed and base else ())))


def put_back(sent: QueryDict, knowledge: Knowledge) -> QueryDict:
    """What was sent; where that is “Put back”, the entries from before the change in its place."""
    if PUT_BACK not in sent:
        return sent
    former = _sent(sent, EARLIER, PatientForm(None, knowledge=knowledge))
    data = QueryDict(mutable=True)
    for name in ("csrfmiddlewaretoken", "compare", "everything"):
        data.setlist(name, sent.getlist(name))
    for name, values in former.items():
        data.setlist(name, list(values))
    return data if former else sent


def _sent(sent: QueryDict, which: str, form: PatientForm) -> dict[str, tuple[str, ...]]:
    """The entries that were sent along, of fields that the form has; none where there are more than can be."""
    pairs = sent.getlist(which)
    if len(pairs) > MOST_ENTRIES or any(len(pair) > LONGEST_ENTRY + len(JOINT) for pair in pairs):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, is_entry, value in (pair.partition("=") for pair in pairs):
        if is_entry and value and (name in form.fields or name == JOINT):
            found[name] = (*found.get(name, ()), value)
    return found


def _entries(form: PatientForm) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in form.entered():
        if name != "compare":
            found[name] = (*found.get(name, ()), value)
    return found


def _hidden(which: str, entries: Entries) -> Iterator[tuple[str, str]]:
    return ((which, f"{name}={value}") for name, values in entries.items() for value in values)


def _base(earlier: Entries, before: Entries, now: Entries) -> Entries:
    """What the strip compares with: the last answer, or an earlier one while one field is being changed.

    A number is typed digit by digit, each with an answer of its own; and an answer asked for twice has changed nothing.
    """
    changed = _differing(before, now)
    if earlier and (not changed or (len(changed) == 1 and changed == _differing(earlier, before))):
        return earlier
    return before


def _differing(one: Entries, other: Entries) -> set[str]:
    names = (one.keys() | other.keys()) - {*NOT_COMPARED, JOINT}
    return {name for name in names if set(one.get(name, ())) != set(other.get(name, ()))}


def _changed(base: Entries, form: PatientForm, ranking: Ranking, knowledge: Knowledge) -> Changed | None:
    former = _former(base, knowledge)
    if not former.is_valid() or former.patient is None:
        return None
    what = list(_what(former, form, knowledge))
    if not what:
        return None
    held = knowledge.nec_only if former.is_nec_only else knowledge
    before = rank(former.patient, held, former.chosen_preference, draws=False, tests=False)
    comparison = _Comparison(before, ranking, _joint_sent(base), knowledge)
    return Changed(
        what=tuple(_first(what, CHANGES_TOLD)),
        moved=tuple(comparison.moved()),
        cautions=tuple(comparison.cautions()),
        marks=comparison.marks(),
    )


def _former(entries: Entries, knowledge: Knowledge) -> PatientForm:
    data = QueryDict(mutable=True)
    for name, values in entries.items():
        data.setlist(name, list(values))
    return PatientForm(data, knowledge=knowledge)


def _joint_of(ranking: Ranking) -> tuple[Ranks, ...]:
    """The ranks that share a place."""
    shared = (chain for chain in chains(o for o in ranking.options if o.rank is not None) if len(chain) > 1)
    return tuple((chain[0].rank or 0, chain[-1].rank or 0) for chain in shared)


def _joint_sent(entries: Entries) -> tuple[Ranks, ...]:
    """The ranks that were shown as equal: in order, apart from each other, and no more than there can be."""
    pairs = [(int(a), int(b)) for a, b in re.findall(r"\b(\d{1,3})-(\d{1,3})\b", " ".join(entries.get(JOINT, ())))]
    return tuple(pairs) if [*sum(pairs, ())] == sorted(set(sum(pairs, ()))) else ()


# ---- what was changed


def _what(former: PatientForm, form: PatientForm, knowledge: Knowledge) -> Iterator[str]:
    """Each field of which the value is another, in the order of the form."""
    before, after = former.cleaned_data, form.cleaned_data
    supposed = {*former.suppositions, *form.suppositions}
    for name, each in form.fields.items():
        then, now = (_value(name, cleaned) for cleaned in (before, after))
        if name in NOT_COMPARED or then == now:
            continue
        if isinstance(each, forms.MultipleChoiceField):
            yield from _listed(each, then or [], now or [], knowledge)
        elif isinstance(each, forms.BooleanField):
            message = _("“%(field)s” ticked") if now else _("“%(field)s” no longer ticked")
            yield message % {"field": each.label}
        else:
            values = {"field": each.label, "before": _worded(name, each, then), "after": _worded(name, each, now)}
            words = _("%(field)s, %(before)s to %(after)s") % values
            yield _("%(change)s (only supposed)") % {"change": words} if name in supposed else words


def _value(name: str, cleaned: Mapping[str, Any]) -> Any:
    value = cleaned.get(name)
    if value in (None, ""):
        return USUAL.get(name, "")
    return set(value) if isinstance(value, list) else value


def _worded(name: str, each: forms.Field, value: Any) -> str:
    """A value of a field, as a reader says it."""
    if value == "":
        return _("not known")
    if isinstance(each, forms.ChoiceField):
        return next((str(label) for key, label in each.choices if key == value), str(value))
    return FEATURES[name].worded(value, ACTIVE) if name in FEATURES else str(value)


def _listed(each: forms.Field, then: Iterable[str], now: Iterable[str], knowledge: Knowledge) -> Iterator[str]:
    """What was ticked, and what is no longer."""
    then, now = set(then), set(now)
    for message, slugs in (
        (_("%(field)s: %(names)s added"), now - then),
        (_("%(field)s: %(names)s taken out"), then - now),
    ):
        if slugs:
            names = sorted(_names(each, slugs, knowledge))
            yield message % {"field": each.label, "names": ", ".join(_first(names, NAMES_TOLD))}


def _names(each: forms.Field, slugs: Iterable[str], knowledge: Knowledge) -> Iterator[str]:
    if isinstance(each, TreatmentsField):
        held: Mapping[str, Any] = knowledge.drugs if each.feature.holds == "drugs" else knowledge.regimens
        return (held[slug].name for slug in slugs)
    labels = {str(key): str(label) for key, label in getattr(each, "choices", ())}
    return (labels.get(slug, slug) for slug in slugs)


# ---- what that moved


class _Comparison:
    """Two rankings, by what a reader was shown of them."""

    def __init__(self, before: Ranking, after: Ranking, joint: Sequence[Ranks], knowledge: Knowledge):
        self.before, self.after, self.knowledge = before, after, knowledge
        self.then, self.now = stands(before, joint), stands(after, _joint_of(after))
        self.elsewhere = sorted(
            (slug for slug in self.then.keys() & self.now.keys() if _is_elsewhere(self.then[slug], self.now[slug])),
            key=lambda slug: (min(_order(self.then[slug]), _order(self.now[slug])), _order(self.now[slug]), slug),
        )

    @property
    def are_both_ranked(self) -> bool:
        return self.before.scope.in_scope and self.after.scope.in_scope

    def moved(self) -> Iterator[str]:
        if not self.after.scope.in_scope:
            if self.before.scope.in_scope:
                yield _("Nothing is ranked any more: out of scope.")
            return
        if not self.before.scope.in_scope:
            yield _("Out of scope before, when nothing was ranked.")
            return
        yield from self._care()
        then, first = self.before.first, self.after.first
        if then and first and then.regimen.slug == first.regimen.slug and first.regimen.slug not in self.elsewhere:
            yield _("%(option)s stays first.") % {"option": first.regimen.name}
        told = self.elsewhere[:MOVES_TOLD]
        for slug in told:
            yield self._move(slug)
        if left := self.elsewhere[len(told) :]:
            yield ngettext("%(count)d more moved.", "%(count)d more moved.", len(left)) % {"count": len(left)}
            yield from self._came_and_went(left)
        if not told:
            yield _("No option moved.")

    def _came_and_went(self, slugs: Iterable[str]) -> Iterator[str]:
        """Which of the others are ranked now and were not, and the other way round."""
        came = [slug for slug in slugs if self.then[slug].rank is None and self.now[slug].rank is not None]
        went = [slug for slug in slugs if self.then[slug].rank is not None and self.now[slug].rank is None]
        for message, some in ((_("Ranked now: %(options)s."), came), (_("No longer ranked: %(options)s."), went)):
            if some:
                names = [self.knowledge.regimens[slug].name for slug in some]
                yield message % {"options": ", ".join(_first(names, NAMES_TOLD))}

    def _care(self) -> Iterator[str]:
        """That best supportive care stands before every other option, or no longer does."""
        then, now = (is_frail(ranking.patient) for ranking in (self.before, self.after))
        if then != now and BEST_SUPPORTIVE_CARE in self.knowledge.regimens:
            name = self.knowledge.regimens[BEST_SUPPORTIVE_CARE].name
            message = (
                _("%(option)s: now before every other.") if now else _("%(option)s: no longer before every other.")
            )
            yield message % {"option": name}

    def _move(self, slug: str) -> str:
        names = {"option": self.knowledge.regimens[slug].name}
        names |= {"before": stand_words(self.then[slug]), "after": stand_words(self.now[slug])}
        return _("%(option)s: %(before)s to %(after)s.") % names

    def marks(self) -> dict[str, MoveMark]:
        if not self.are_both_ranked:
            return {}
        return {slug: _mark(self.then[slug], self.now[slug]) for slug in self.elsewhere}

    def cautions(self) -> Iterator[str]:
        """Of the options that stand or stood first; that none was added is said only of those that were compared."""
        compared = self._first_options() if self.are_both_ranked else []
        if not compared:
            return
        applies, gone, is_open = _Told(), _Told(), {}
        for slug in compared:
            changes = caution_changes(_cautions(self.before, slug), _cautions(self.after, slug))
            name = self.knowledge.regimens[slug].name
            for caution in changes.applies:
                word = "must-not" if caution.level in RULING_OUT else "present"
                applies.add((str(MARK_WORDS[word]), self._facts(caution)), name)
            for caution in changes.is_open:
                is_open |= dict.fromkeys(features_not_known(caution, self.after.patient))
            for caution in changes.gone:
                gone.add(self._facts(caution), name)
        for (word, facts), options in applies.items():
            yield _("%(word)s, for %(options)s: %(facts)s.") % {"word": word, "options": options, "facts": facts}
        if is_open:
            facts = ", ".join(_first(list(is_open), NAMES_TOLD))
            yield _("Cannot be checked any more, for the options that stand first: %(facts)s.") % {"facts": facts}
        # A caution of another level that holds for the same fact is no relief.
        relieved = [(facts, options) for facts, options in gone.items() if facts not in {f for _w, f in applies.names}]
        for facts, options in relieved[:GONE_TOLD]:
            yield _("No longer a caution of %(options)s: %(facts)s.") % {"options": options, "facts": facts}
        if left := len(relieved[GONE_TOLD:]):
            words = ngettext("%(count)d more caution is gone.", "%(count)d more cautions are gone.", left)
            yield words % {"count": left}
        if not applies.names and not is_open:
            yield self._none_added(min(len(compared), FIRST))

    @staticmethod
    def _none_added(count: int) -> str:
        words = ngettext(
            "No caution was added to the first option.", "No caution was added to the first %(count)d options.", count
        )
        return words % {"count": count}

    def _facts(self, caution: Caution) -> str:
        """What of the patient it is that a caution asks for; what the rules say where it asks for nothing."""
        after, before = self.after.patient, self.before.patient
        told = {name: (after if after.knows(name) else before).values.get(name) for name in caution.features}
        known = [feature_words(name, value) for name, value in told.items() if value is not None]
        return ", ".join(known) or caution.worded(ACTIVE)

    def _first_options(self) -> list[str]:
        ranked = (
            [option.regimen.slug for option in ranking.options if option.rank is not None and option.rank <= FIRST]
            for ranking in (self.after, self.before)
        )
        return list(dict.fromkeys(slug for slugs in ranked for slug in slugs))


def _is_elsewhere(then: Stand, now: Stand) -> bool:
    """A place that is shared now, or no longer, is the same place."""
    return (then.band, then.rank) != (now.band, now.rank)


def _order(stand: Stand) -> int:
    return stand.rank if stand.rank is not None else 1000


def _mark(then: Stand, now: Stand) -> MoveMark:
    if then.rank is None:
        return MoveMark("across", _("was in %(band)s") % {"band": stand_words(then)})
    words = _("was %(place)s") % {"place": stand_words(then)}
    if now.rank is None or then.rank == now.rank:
        return MoveMark("across", words)
    return MoveMark("up" if now.rank < then.rank else "down", words)


def _cautions(ranking: Ranking, slug: str) -> tuple[CautionFinding, ...]:
    for option in ranking.options:
        if option.regimen.slug == slug:
            return option.cautions
    waiting = (waits for waits in ranking.needs_test if waits.regimen.slug == slug)
    return next((waits.assessment.cautions for waits in waiting), ())


class _Told(Generic[K]):
    """What is told alike of several options: their names, by what is told."""

    def __init__(self) -> None:
        self.names: dict[K, list[str]] = {}

    def add(self, told: K, name: str) -> None:
        names = self.names.setdefault(told, [])
        if name not in names:
            names.append(name)

    def items(self) -> Iterator[tuple[K, str]]:
        return ((told, ", ".join(_first(names, NAMES_TOLD))) for told, names in self.names.items())


# ---- lists that are cut short


def _first(words: Sequence[str], most: int) -> Iterator[str]:
    """The first of them, and how many more there are."""
    yield from words[:most]
    if left := len(words[most:]):
        yield ngettext("%(count)d more", "%(count)d more", left) % {"count": left}
