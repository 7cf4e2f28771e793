"""A caution in words: how grave it is, of what, what it says, what leaves it open, and where that was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.punctuation import sign
from regimens.models.choices import CautionLevel
from regimens.rules.evidence import LEVELS, RULING_OUT, Caution, CautionFinding, Regimen
from regimens.rules.knowledge import Knowledge
from regimens.rules.logic import Truth, explain
from regimens.rules.missing_tests import OTHERS_TRIED
from regimens.rules.patient import RECEIVED, Patient
from regimens.rules.wording import one_of_them

from .citations import Link, addresses, link_to, sentence
from .countries import country_name
from .drugs import drug_name
from .earlier import had_before
from .patient import label
from .sentences import ACTIVE

OF_A_TRIAL = "trial"  # what stands for a label where a caution is a criterion of eligibility


@dataclass(frozen=True)
class CautionLine:
    """A caution.

    word      how grave it is
    of        the drug that it is of, or the regimen; "" where the text names it
    lang      the language of its text where that is not the page's
    advice    what can be done in place of the drug
    not_known the features that leave it open, in words; "" where it holds
    basis     whose text that is, and whether it is of this drug; section: which part of it, in English
    note      what is said of its class, in English
    """

    level: str
    word: str
    text: str
    links: tuple[Link, ...]
    lang: str
    of: str = ""
    advice: str = ""
    not_known: str = ""
    basis: str = ""
    section: str = ""
    note: str = ""

    @property
    def source(self) -> Link | None:
        """The first of its links."""
        return next(iter(self.links), None)

    @property
    def opening(self) -> str:
        """What stands before its text: "Avoid, cisplatin", or that it cannot be checked and for want of what."""
        word = f"{self.word}, {self.of}" if self.of else self.word
        if not self.not_known:
            return word
        return _("%(caution)s, cannot be checked (not known: %(names)s)") % {"caution": word, "names": self.not_known}


@dataclass(frozen=True)
class CautionMark:
    """What is said of safety in a row, in a few words: one line, behind a sign.

    kind    present, check (cannot be checked), must-not (rules it out), had-before, none-applies
    word    "Caution", "Check", "Must not be given", "Had before", "None of 6 on record applies"
    facts   what holds, or what is not known, in words; "" where the word says all
    link    where the first of it was read
    """

    kind: str
    word: str
    facts: str = ""
    link: Link | None = None

    @property
    def in_one(self) -> str:
        return f"{self.word}{sign(':')} {self.facts}" if self.facts else self.word


MARK_WORDS: Mapping[str, Promise] = {
    "present": gettext_lazy("Caution"),
    "check": gettext_lazy("Check"),
    "must-not": gettext_lazy("Must not be given"),
    "had-before": gettext_lazy("Had before"),
}
_NAMED_IN_A_MARK = 2


def caution_marks(
    regimen: Regimen, findings: Sequence[CautionFinding], patient: Patient, knowledge: Knowledge
) -> Iterator[CautionMark]:
    """An option's safety at a glance: what rules it out, applies, cannot be checked, and was had before.

    What cannot be checked is never said not to apply.
    """
    told = gravest_first(findings)
    held = [finding for finding in told if finding.truth is True and finding.caution.is_evidence]
    grave = [finding for finding in held if finding.caution.level in RULING_OUT]
    present = [finding for finding in held if finding not in grave and finding.caution.when]
    unchecked = [finding for finding in told if finding.truth is None]
    shared = [finding for finding in told if finding.truth is True and not finding.caution.is_evidence]
    if grave:
        yield _mark("must-not", grave, _facts_of(grave, patient, knowledge))
    if present:
        yield _mark("present", present, _facts_of(present, patient, knowledge))
    if unchecked:
        asked = sorted(unchecked, key=lambda finding: not set(OTHERS_TRIED).intersection(finding.caution.features))
        names = (name for finding in asked for name in features_not_known(finding.caution, patient))
        yield _mark("check", asked, list(dict.fromkeys(names)))
    if names := [*(_short(f.caution, knowledge) for f in shared), *had_before(regimen, findings, patient, knowledge)]:
        yield _mark("had-before", shared, list(dict.fromkeys(names)))
    if not (grave or present or unchecked):
        on_record = sum(bool(placed.caution.when) for placed in regimen.cautions)
        words = ngettext("None of %(count)d on record applies", "None of %(count)d on record applies", on_record)
        yield CautionMark("none-applies", words % {"count": on_record} if on_record else _("None on record"))


def open_facts(caution: Caution, patient: Patient, knowledge: Knowledge, *, truth: Truth = None) -> list[str]:
    """The parts of a caution's criterion that are not known (or that hold), in words."""
    if not caution.when:
        return list(features_not_known(caution, patient))
    parts = explain(caution.when, patient.values, names=knowledge.names)
    return [part.worded(ACTIVE) for part in parts if part.truth is truth]


def _facts_of(findings: Iterable[CautionFinding], patient: Patient, knowledge: Knowledge) -> list[str]:
    facts: dict[str, None] = {}
    for finding in findings:
        caution = finding.caution
        facts |= dict.fromkeys(open_facts(caution, patient, knowledge, truth=True) if caution.when else [caution.text])
    return list(facts)


def _short(caution: Caution, knowledge: Knowledge) -> str:
    """What was had before, by class or drug alone."""
    if caution.exposure_class:
        return knowledge.exposure_classes[caution.exposure_class].name
    return drug_name(caution.drug, knowledge) if caution.drug else ""


def _mark(kind: str, findings: Sequence[CautionFinding], facts: Sequence[str]) -> CautionMark:
    words, more = ", ".join(facts[:_NAMED_IN_A_MARK]), len(facts) - _NAMED_IN_A_MARK
    if more > 0:
        rest = ngettext("%(facts)s, %(count)d more", "%(facts)s, %(count)d more", more)
        words = rest % {"facts": words, "count": more}
    found = (_links(finding.caution) for finding in findings if finding.caution.is_evidence)
    link = next((links[0] for links in found if links), None)
    return CautionMark(kind, str(MARK_WORDS[kind]), words, link)


def caution_line(finding: CautionFinding, regimen: Regimen, patient: Patient, knowledge: Knowledge) -> CautionLine:
    """One that the rules found of a regimen; the evidence base says its own in English."""
    caution = finding.caution
    said = caution.said if isinstance(caution.said, str) else caution.said.worded(ACTIVE)
    return CautionLine(
        level=caution.level,
        word=str(CautionLevel(caution.level).label),
        text=sentence(said),
        links=_class_links(caution, knowledge) if caution.exposure_class else _links(caution),
        lang="en" if caution.is_evidence else "",
        of=caution_of(caution, knowledge) if caution.is_evidence else "",
        advice=_advice(caution, regimen, knowledge),
        not_known=", ".join(features_not_known(caution, patient)) if finding.truth is None else "",
        basis=basis_of(caution, knowledge),
        section=section_of(caution),
        note=_class_row(caution, knowledge).get("text", "") if caution.exposure_class else "",
    )


def caution_in_words(
    level: str, text: str, *, url: str | None = None, lang: str = "en", of: str = "", read_on: str | None = None
) -> CautionLine:
    """One of the evidence base, or of a stored ranking."""
    links = addresses(_("source"), url, read_on)
    return CautionLine(level, str(CautionLevel(level).label), sentence(text), links, lang, of)


def word_by_truth(line: CautionLine, truth: Truth) -> str:
    """Its opening word where those that hold stand beside those that cannot be checked."""
    return _("%(level)s, cannot be checked") % {"level": line.word} if truth is None else line.word


def gravest_first(findings: Iterable[CautionFinding]) -> list[CautionFinding]:
    return sorted(findings, key=lambda finding: LEVELS.index(finding.caution.level))


def caution_of(caution: Caution, knowledge: Knowledge) -> str:
    """What a caution is of: a drug, the drugs that a lead drug stands for, an exposure class, or the regimen."""
    if caution.exposure_class:
        name = knowledge.exposure_classes[caution.exposure_class].name
        return _("class %(name)s") % {"name": name}
    return drug_name(caution.drug, knowledge) if caution.drug else _("this regimen")


def basis_of(caution: Caution, knowledge: Knowledge) -> str:
    """Whose text a caution is, and whether that is of this drug; "" where no label and no trial is named."""
    if caution.exposure_class:
        sources = _class_row(caution, knowledge).get("sources")
        return "" if sources else _("a convention: no source was read")
    if caution.label == OF_A_TRIAL:
        words = _("eligibility of a trial")
    elif caution.label:
        words = _("label (%(country)s)") % {"country": country_name(caution.label)}
    else:
        words = ""
    if not caution.is_extrapolated:
        return words
    extrapolated = _("extrapolated from another drug of the class")
    return f"{words}, {extrapolated}" if words else extrapolated


def section_of(caution: Caution) -> str:
    """Which part of a label it stands in; a number by itself would say nothing."""
    section = caution.section or ""
    if caution.label == OF_A_TRIAL and section == "trial eligibility":
        return ""
    return f"section {section}" if section[:1].isdigit() else section


def features_not_known(caution: Caution, patient: Patient) -> Iterator[str]:
    """The features that leave a caution open, each once, in words."""
    # Without a criterion it is shared resistance: on what of the treatments received the disease progressed.
    names = caution.features or [failed for received, failed in RECEIVED if patient.values.get(received)]
    for name in names:
        if not patient.knows(name):
            yield label(name)


def _advice(caution: Caution, regimen: Regimen, knowledge: Knowledge) -> str:
    """Where another drug can be given in place of the one that a caution is of."""
    if not caution.use_the_other:
        return ""
    others = next((group for group in regimen.drugs if caution.drug in group), ())
    names = [drug_name(slug, knowledge) for slug in others if slug != caution.drug]
    return _("Use the other: %(drug)s.") % {"drug": one_of_them(names, ACTIVE)} if names else _("Use the other.")


def _links(caution: Caution) -> tuple[Link, ...]:
    return addresses(_("source"), caution.url, caution.read_on)


def _class_row(caution: Caution, knowledge: Knowledge) -> dict[str, object]:
    rows = knowledge.document["exposure_classes"]
    return next((row for row in rows if row["slug"] == caution.exposure_class), {})


def _class_links(caution: Caution, knowledge: Knowledge) -> tuple[Link, ...]:
    """What is said of a class, by the patients in whom it was seen."""
    sources = _class_row(caution, knowledge).get("sources") or ()
    found = (link_to(each["population"], each["url"]) for each in sources)
    return tuple(replace(link, lang="en") for link in found if link)
