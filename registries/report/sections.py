"""What a ranked registry tells, section by section, in the reader's language; small counts are hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boards.outcomes.kaplan_meier import Curve, Time, at_risk, curve
from display.moments import moment_words
from display.numbers import number, percent
from regimens.rules.assessment import Band
from regimens.rules.columns import STATUSES
from regimens.rules.evidence import LEVELS as CAUTION_LEVELS
from regimens.rules.ordering import PREFERENCES
from regimens.rules.patient import FEATURES, SITES
from regimens.wording.bands import BAND_TITLES
from regimens.wording.licences import STATUS_WORDS
from regimens.wording.sentences import ACTIVE
from registries.engine.summary import OTHER

from . import plots
from .comparison import Comparison
from .document import Cell, Document, Plot, Section, Table
from .manifest import Caution, Manifest
from .small_cells import LEAST, hidden

MOST_ROWS = 15  # of a table that has no end
MONTHS_SHOWN = (0, 6, 12, 18, 24, 36)
LEVELS = ("A", "B", "C", "D")

OUT_OF_SCOPE = {
    "site": gettext_lazy("Primary in the lung, the thymus or the skin"),
    "first-line": gettext_lazy("No first line with platinum yet"),
    "net-g3": gettext_lazy("Well differentiated"),
    "pregnancy": gettext_lazy("Pregnancy or breastfeeding"),
}
WARNINGS = {
    "maybe-net-g3": gettext_lazy("This may be a NET G3"),
    "ki67-low": gettext_lazy("Ki-67 below 20 %"),
    "progressed-yet-late": gettext_lazy("Progressed on platinum, with an interval of 3 months or more"),
    "lines-and-regimens": gettext_lazy("More regimens than lines"),
    "ecog-4": gettext_lazy("Performance status 4"),
    "infection": gettext_lazy("Active infection"),
}
CAUTION_WORDS = {
    "contraindicated": gettext_lazy("Contraindicated"),
    "avoid": gettext_lazy("Advised against"),
    "caution": gettext_lazy("Caution"),
}


@dataclass(frozen=True)
class Hiding:
    """Whether small counts are hidden."""

    least: int = LEAST

    def counts(self, counts: Sequence[int]) -> list[str]:
        """Counts that add up to a known whole, as they are shown."""
        return [
            self.word if is_hidden else number(count, "d")
            for count, is_hidden in zip(counts, hidden(counts, least=self.least), strict=True)
        ]

    def alone(self, count: int) -> str:
        """A count beside which no whole is told of which it is a part."""
        return self.word if 0 < count < self.least else number(count, "d")

    @property
    def word(self) -> str:
        return _("hidden")


EVERYTHING = Hiding(least=0)


def report(
    manifest: Manifest, *, at: datetime, hiding: Hiding | None = None, comparison: Comparison | None = None
) -> Document:
    """The report of a registry; with `comparison` also what moved between two releases."""
    shown = hiding or Hiding()
    sections = [
        _overview(manifest, shown),
        _first_options(manifest, shown),
        _by_site(manifest, shown),
        _tests(manifest, shown),
        _without_evidence(manifest, shown),
        _unchecked(manifest, shown),
        _practice(manifest, shown),
    ]
    if comparison is not None:
        sections.append(_between_releases(comparison, manifest, shown))
    sections.append(_provenance(manifest))
    synthetic = [_("Synthetic patients: they were drawn at random, and none of them lives.")]
    return Document(
        title=_("Report of a registry"),
        header=[
            *(synthetic if manifest.job.is_synthetic else []),
            _("Evidence for groups of patients. It says nothing of the care of a single one."),
            *([_("Counts below %(least)d are hidden.") % {"least": shown.least}] if shown.least else []),
        ],
        sections=[section for section in sections if section is not None],
        made=moment_words(at),
        words={"made": _("Made"), "page": _("Page"), "of": _("of"), "plot": _("Plot")},
    )


def _overview(manifest: Manifest, hiding: Hiding) -> Section:
    rows = manifest.counter("rows")
    names = {"ranked": _("In scope, and ranked"), "out-of-scope": _("Out of scope"), "refused": _("Refused")}
    counts = [rows[(code,)] for code in names]
    tables = [_counted(_("What became of the rows"), _("Rows"), list(names.values()), counts, hiding)]
    reasons = manifest.counter("out_of_scope")
    if reasons:
        words = [str(OUT_OF_SCOPE.get(code, code)) for (code,) in reasons]
        caption = _("Why patients are out of scope; a patient may have several reasons")
        tables.append(_alone(caption, _("Reason"), words, list(reasons.values()), hiding))
    warnings = manifest.counter("warnings")
    if warnings:
        words = [_warning(code) for (code,) in warnings]
        caption = _("What is to be checked first, of patients in scope")
        tables.append(_alone(caption, _("Warning"), words, list(warnings.values()), hiding))
    return Section("overview", _("The registry"), tables=tables)


def _first_options(manifest: Manifest, hiding: Hiding) -> Section:
    firsts: Counter[str | None] = Counter()
    for (_site, option, _level, _licence), many in manifest.counter("sites").items():
        firsts[option] += many
    ordered = sorted(firsts.items(), key=lambda item: (-item[1], str(item[0])))
    names = [_option(manifest, option) for option, _many in ordered]
    counts = [many for _option, many in ordered]
    table = _counted(_("The first option of patients in scope"), _("First option"), names, counts, hiding)
    drawn = _drawable(names, counts, hiding)
    plot = _bars(drawn, _("Patients"), _("The first options by number of patients; the table has the numbers."))
    return Section("first-options", _("First options"), plots=plot, tables=[table])


def _by_site(manifest: Manifest, hiding: Hiding) -> Section:
    found = manifest.counter("sites")
    sites: Counter[str | None] = Counter()
    for (site, *_rest), many in found.items():
        sites[site] += many
    order = sorted(sites, key=lambda site: (-sites[site], str(site)))
    is_hidden = dict(zip(order, hidden([sites[site] for site in order], least=hiding.least), strict=True))
    shown = [site for site in order if not is_hidden[site]]
    options = _site_rows(manifest, found, shown, hiding)
    levels = _crossed(found, shown, 2, LEVELS)
    licences = _crossed(found, shown, 3, STATUSES)
    words = [str(STATUS_WORDS[status]) for status in STATUSES]
    left_out = [_("Sites with few patients are left out.")] if any(is_hidden.values()) else []
    return Section(
        "sites",
        _("By site"),
        words=left_out,
        tables=[
            Table(
                _("The most frequent first options of each site"),
                [Cell(_("Site")), Cell(_("Patients"), True), Cell(_("First option")), Cell(_("Patients"), True)],
                options,
            ),
            _cross_table(_("Level of evidence of the first option"), levels, LEVELS, hiding),
            _cross_table(_("Licence of the first option"), licences, words, hiding),
        ],
    )


def _site_rows(
    manifest: Manifest, found: Counter[tuple[Any, ...]], sites: Iterable[str | None], hiding: Hiding
) -> list[list[Cell]]:
    rows = []
    for site in sites:
        options: Counter[str | None] = Counter()
        for (where, option, *_rest), many in found.items():
            if where == site:
                options[option] += many
        ordered = sorted(options.items(), key=lambda item: (-item[1], str(item[0])))
        counts = hiding.counts([many for _option, many in ordered])
        for (option, _many), count in [*zip(ordered, counts, strict=True)][:3]:
            total = number(options.total(), "d")
            rows.append([Cell(_site(site)), Cell(total, True), _option_cell(manifest, option), Cell(count, True)])
    return rows


def _tests(manifest: Manifest, hiding: Hiding) -> Section:
    """How many first options each missing test could change: all for whom it is missing, and by prevalence."""
    missing: Counter[tuple[str, str]] = Counter()
    changes: Counter[tuple[str, str]] = Counter()
    expected: Counter[tuple[str, str]] = Counter()
    unknown: set[tuple[str, str]] = set()
    for (feature, value, chance, is_first, _order), many in sorted(manifest.counter("tests").items(), key=repr):
        key = feature, value
        missing[key] += many
        if is_first:
            changes[key] += many
            if chance is None:
                unknown.add(key)
            else:
                expected[key] += many * chance
    becomes: dict[tuple[str, str], Counter[str | None]] = {}
    for (feature, value, option), many in manifest.counter("tests_first").items():
        becomes.setdefault((feature, value), Counter())[option] += many
    order = sorted(changes, key=lambda key: (-expected[key], -changes[key], key))
    rows = [
        [
            Cell(_test(*key)),
            Cell(hiding.alone(missing[key]), True),
            Cell(hiding.alone(changes[key]), True),
            Cell(_expected(expected[key], changes[key], key in unknown, hiding), True),
            _option_cell(manifest, max(becomes[key].items(), key=lambda item: (item[1], str(item[0])))[0])
            if becomes.get(key)
            else Cell(""),
        ]
        for key in order[:MOST_ROWS]
    ]
    table = Table(
        _("Missing tests by what they could change"),
        [
            Cell(_("Test and result")),
            Cell(_("Not known in"), True),
            Cell(_("First option would change in"), True),
            Cell(_("Expected changes"), True),
            Cell(_("Most often to")),
        ],
        rows,
    )
    drawn = [(_test(*key), expected[key]) for key in order[:10] if expected[key] and changes[key] >= hiding.least]
    says = _("Expected changes of the first option by missing test; the table has the numbers.")
    return Section(
        "tests",
        _("Which missing test would change most"),
        words=[
            _(
                "The expected number adds up, over the patients in whom the test is missing, the chance of that result "
                "by the release's prevalence at their site. Where no prevalence is known there is no such number."
            ),
            _("An untested biomarker is never counted as negative."),
        ],
        plots=_bars(drawn, _("Expected changes of the first option"), says),
        tables=[table] if rows else [],
    )


def _without_evidence(manifest: Manifest, hiding: Hiding) -> Section:
    bands = manifest.counter("bands")
    found = [(slug, many) for (slug, band), many in bands.items() if band == Band.NO_EVIDENCE and many]
    rows = [
        [
            Cell(manifest.name_of(slug), is_english=True),
            Cell(hiding.alone(many), True),
            Cell(_share(many, manifest.ranked, hiding), True),
        ]
        for slug, many in sorted(found, key=lambda each: (-each[1], each[0]))
    ]
    table = Table(
        _("Options in “%(band)s”") % {"band": BAND_TITLES[Band.NO_EVIDENCE]},
        [Cell(_("Option")), Cell(_("Patients"), True), Cell(_("Of those in scope"), True)],
        rows,
    )
    return Section(
        "no-evidence",
        _("Options without evidence"),
        words=[] if rows else [_("Every option has evidence or is named by somebody for every patient.")],
        tables=[table] if rows else [],
    )


def _unchecked(manifest: Manifest, hiding: Hiding) -> Section:
    found = manifest.counter("unchecked")
    levels = manifest.counter("unchecked_patients")
    rows = []
    for said, many in _gravest_first(manifest, found):
        features = ", ".join(_feature(name) for name in said.features)
        rows.append(
            [
                Cell(str(CAUTION_WORDS.get(said.level, said.level))),
                Cell(said.text, is_english=True),
                Cell(features or _("on what the disease progressed")),
                Cell(hiding.alone(many), True),
            ]
        )
    counts = [levels[(level,)] for level in CAUTION_LEVELS]
    tables = []
    if rows:
        names = [str(CAUTION_WORDS[level]) for level in CAUTION_LEVELS]
        caption = _("Patients whose first option has a caution that cannot be checked, by the gravest")
        tables.append(_alone(caption, _("Level"), names, counts, hiding))
        tables.append(
            Table(
                _("Cautions of the first option that cannot be checked"),
                [Cell(_("Level")), Cell(_("Caution")), Cell(_("What is not known")), Cell(_("Patients"), True)],
                rows[: 2 * MOST_ROWS],
            )
        )
    return Section(
        "cautions",
        _("Cautions that cannot be checked"),
        words=[_("What is not known is not taken for absent: each of these has to be asked before treatment.")],
        tables=tables,
    )


def _gravest_first(manifest: Manifest, found: Counter[tuple[Any, ...]]) -> list[tuple[Caution, int]]:
    """Cautions with their counts; within a level the most frequent first."""
    said = [(manifest.cautions[code], many, code) for (code,), many in found.items() if code in manifest.cautions]
    level = {name: place for place, name in enumerate(CAUTION_LEVELS)}
    said.sort(key=lambda each: (level.get(each[0].level, len(level)), -each[1], each[2]))
    return [(caution, many) for caution, many, _code in said]


def _practice(manifest: Manifest, hiding: Hiding) -> Section | None:
    found = manifest.counter("agreement")
    if not found:
        return None
    by_agreement: Counter[bool] = Counter()
    given: Counter[str] = Counter()
    for (_site, treatment, agrees), many in found.items():
        by_agreement[agrees] += many
        given[treatment] += many
    names = [_("the first option"), _("another one")]
    tables = [
        _counted(_("What was given"), _("Treatment"), names, [by_agreement[True], by_agreement[False]], hiding),
        _counted(
            _("Treatments given"),
            _("Treatment"),
            [
                manifest.name_of(slug) if slug != "other" else _("none of the release")
                for slug, _many in given.most_common()
            ],
            [many for _slug, many in given.most_common()],
            hiding,
        ),
    ]
    times: dict[bool, list[Time]] = {True: [], False: []}
    for (agrees, months, died), many in sorted(manifest.counter("survival").items(), key=repr):
        times[agrees] += [Time(months, died)] * many
    curves = {agrees: curve(own) for agrees, own in times.items() if len(own) >= max(hiding.least, 1)}
    plot = []
    if curves:
        tables.append(_survival_table(curves, times, hiding))
        drawn = [
            (_group(agrees), _points(found, own, max(hiding.least, 1)))
            for agrees, found in curves.items()
            for own in [times[agrees]]
        ]
        says = _("Overall survival by whether the first option was given; the table has the numbers.")
        plot = [Plot(plots.survival(drawn, across=_("Months"), up=_("Alive")), says)]
    return Section(
        "practice",
        _("Where practice departed"),
        warning=_(
            "This is no proof of effect. Who was given what was not left to chance: fitter patients, other centres and "
            "other years may explain any difference, and time from the start of follow-up to treatment may as well."
        ),
        plots=plot,
        tables=tables,
    )


def _survival_table(curves: dict[bool, Curve], times: dict[bool, list[Time]], hiding: Hiding) -> Table:
    rows = []
    for agrees, found in curves.items():
        bounds = found.median_interval
        median = _("not reached") if found.median is None else number(found.median)
        high = _("not reached") if bounds is None or bounds.high is None else number(bounds.high)
        interval = "" if bounds is None else f"{number(bounds.low)}–{high}"
        risks = [at_risk(times[agrees], months) for months in MONTHS_SHOWN]
        rows.append(
            [
                Cell(_group(agrees)),
                Cell(hiding.alone(found.patients), True),
                Cell(hiding.alone(found.events), True),
                Cell(median, True),
                Cell(interval, True),
                *(Cell(hiding.alone(many), True) for many in risks),
            ]
        )
    at = [_("At risk at %(months)d months") % {"months": months} for months in MONTHS_SHOWN]
    return Table(
        _("Overall survival by what was given (Kaplan and Meier), months"),
        [
            Cell(_("Given")),
            *(Cell(word, True) for word in (_("Patients"), _("Deaths"), _("Median"), _("95 % interval"), *at)),
        ],
        rows,
    )


def _points(found: Curve, times: Sequence[Time], least: int) -> list[tuple[int, float]]:
    """The steps of a curve for as long as enough are at risk."""
    points = [(0, 1.0), *((step.months, step.share) for step in found.steps if step.at_risk >= least)]
    last = max((time.months for time in times if at_risk(times, time.months) >= least), default=0)
    return [*points, (max(last, points[-1][0]), points[-1][1])]


def _provenance(manifest: Manifest) -> Section:
    job = manifest.job
    preference = PREFERENCES.get(job.preference)
    rows = [
        (_("Release"), manifest.release.name),
        (_("Published"), manifest.release.published),
        (_("SHA-256 of the release"), manifest.release.sha256),
        (_("Edition of the method"), str(job.edition)),
        (_("Preference"), ACTIVE.text(preference.label) if preference else job.preference),
        (_("Evidence"), _("NEC alone") if job.nec_only else _("with what is borrowed from other tumours")),
        (_("SHA-256 of the code"), job.code),
        (_("Versions"), ", ".join(f"{name} {version}" for name, version in job.versions.items())),
    ]
    return Section(
        "provenance",
        _("How this was made"),
        tables=[
            Table(
                _("What the counts follow from"),
                [Cell(_("What")), Cell(_("Value"))],
                [[Cell(name), Cell(value)] for name, value in rows],
            )
        ],
    )


def _between_releases(found: Comparison, manifest: Manifest, hiding: Hiding) -> Section:
    """What would change, and which changes of the knowledge move it when each is made alone."""
    head = {"before": found.before.name, "after": found.after.name}
    order = sorted(found.firsts.items(), key=lambda item: (-item[1], str(item[0])))
    pairs = [
        [_option_cell(manifest, before), _option_cell(manifest, after), Cell(hiding.alone(many), True)]
        for (before, after), many in order
        if before != after
    ]
    changed = sum(many for (before, after), many in found.firsts.items() if before != after)
    same = sum(found.firsts.values()) - changed
    names = [_("the first option is another one"), _("the first option is the same")]
    caption = _("Patients ranked on %(before)s and on %(after)s") % head
    tables = [_counted(caption, _("What changed"), names, [changed, same], hiding)]
    if pairs:
        columns = [Cell(_("Before")), Cell(_("After")), Cell(_("Patients"), True)]
        tables.append(Table(_("From which first option to which"), columns, pairs[:MOST_ROWS]))
    if found.bands:
        rows = [
            [Cell(manifest.name_of(slug), is_english=True), Cell(hiding.alone(many), True)]
            for slug, many in sorted(found.bands.items(), key=lambda item: (-item[1], item[0]))[:MOST_ROWS]
        ]
        tables.append(
            Table(_("Options that stand in another band"), [Cell(_("Option")), Cell(_("Patients"), True)], rows)
        )
    words = []
    if found.tried:
        rows = [
            [
                Cell(title, is_english=True),
                Cell(kind.replace("_", " "), is_english=True),
                Cell(hiding.alone(many), True),
            ]
            for (kind, title), many in sorted(found.by.items(), key=lambda item: (-item[1], item[0]))
        ]
        if found.together:
            rows.append([Cell(_("Only several changes together")), Cell(""), Cell(hiding.alone(found.together), True)])
        columns = [Cell(_("Change of the knowledge")), Cell(_("Kind")), Cell(_("Patients"), True)]
        tables.append(Table(_("Changes that move a first option when each is made alone"), columns, rows[:MOST_ROWS]))
        words.append(
            _(
                "Each change was tried alone on the release before, on %(tried)d of the %(changed)d patients whose "
                "first option changes."
            )
            % {"tried": found.tried, "changed": changed}
        )
    if found.refused:
        words.append(
            _("%(many)s patients are refused on one of the two releases, since it does not know what they received.")
            % {"many": hiding.alone(found.refused)}
        )
    return Section("releases", _("Between two releases"), words=words, tables=tables)


def _counted(caption: str, head: str, names: Sequence[str], counts: Sequence[int], hiding: Hiding) -> Table:
    """Counts that make up a whole, with their share of it."""
    whole = sum(counts)
    words = hiding.counts(counts)
    is_hidden = hidden(counts, least=hiding.least)
    rows = [
        [Cell(capfirst(name)), Cell(word, True), Cell("" if hides else percent(_percentage(count, whole), ".1f"), True)]
        for name, word, count, hides in zip(names, words, counts, is_hidden, strict=True)
    ]
    return Table(caption, [Cell(head), Cell(_("Patients"), True), Cell(_("Share"), True)], rows)


def _alone(caption: str, head: str, names: Sequence[str], counts: Sequence[int], hiding: Hiding) -> Table:
    rows = [[Cell(name), Cell(hiding.alone(many), True)] for name, many in zip(names, counts, strict=True)]
    return Table(caption, [Cell(head), Cell(_("Patients"), True)], rows)


def _crossed(
    found: Counter[tuple[Any, ...]], sites: Iterable[str | None], place: int, values: Sequence[str]
) -> list[tuple[str | None, list[int]]]:
    """For each site how many have each value of that place of the key, and behind them how many have none."""
    crossed = []
    for site in sites:
        counts = Counter[Any]()
        for key, many in found.items():
            if key[0] == site:
                counts[key[place]] += many
        crossed.append((site, [*(counts[value] for value in values), counts[None]]))
    return crossed


def _cross_table(
    caption: str, rows: Iterable[tuple[str | None, list[int]]], values: Sequence[str], hiding: Hiding
) -> Table:
    head = [Cell(_("Site")), *(Cell(value, True) for value in (*values, _("No first option")))]
    return Table(
        caption,
        head,
        [[Cell(_site(site)), *(Cell(word, True) for word in hiding.counts(counts))] for site, counts in rows],
    )


def _drawable(names: Sequence[str], counts: Sequence[int], hiding: Hiding) -> list[tuple[str, float]]:
    is_hidden = hidden(counts, least=hiding.least)
    shown = [(name, float(many)) for name, many, hides in zip(names, counts, is_hidden, strict=True) if not hides]
    return shown[:MOST_ROWS]


def _bars(rows: Sequence[tuple[str, float]], across: str, says: str) -> list[Plot]:
    return [Plot(plots.bars(rows, across=across), says)] if rows else []


def _expected(expected: float, changes: int, is_unknown: bool, hiding: Hiding) -> str:
    if 0 < changes < hiding.least:
        return hiding.word
    if not expected:
        return _("not known") if is_unknown else ""
    words = number(expected, ".1f")
    return _("%(number)s, and more") % {"number": words} if is_unknown else words


def _share(many: int, whole: int, hiding: Hiding) -> str:
    return "" if 0 < many < hiding.least else percent(_percentage(many, whole), ".1f")


def _percentage(many: int, whole: int) -> float:
    return 100 * many / whole if whole else 0.0


def _option(manifest: Manifest, slug: str | None) -> str:
    return _("No option is ranked") if slug is None else manifest.name_of(slug)


def _option_cell(manifest: Manifest, slug: str | None) -> Cell:
    return Cell(_option(manifest, slug), is_english=slug is not None)


def _treatment(manifest: Manifest, slug: str) -> str:
    return manifest.name_of(slug) if slug != OTHER else _("none that the release knows")


def _site(site: str | None) -> str:
    if site is None:
        return _("Site not known")
    return capfirst(ACTIVE.text(SITES[site])) if site in SITES else site


def _feature(name: str) -> str:
    return ACTIVE.text(FEATURES[name].label) if name in FEATURES else name


def _test(feature: str, value: str) -> str:
    """A test with the result that is supposed: "MSI / MMR: MSI-high or dMMR"."""
    if feature not in FEATURES:
        return f"{feature}: {value}"
    known = FEATURES[feature]
    if known.kind == "choice":
        words = known.worded(value, ACTIVE)
    elif known.is_numeric and _is_number(value):
        words = known.worded(float(value), ACTIVE)
    else:
        words = value
    return _("%(feature)s: %(value)s") % {"feature": capfirst(_feature(feature)), "value": words}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _warning(code: str) -> str:
    if code.startswith("unit-"):
        return _("%(feature)s looks like another unit") % {"feature": capfirst(_feature(code.removeprefix("unit-")))}
    return str(WARNINGS.get(code, code))


def _group(agrees: bool) -> str:
    return _("The first option") if agrees else _("Another treatment")
