"""What each kind of entry is edited with: its fields, in the words of oncology and in the order in which one reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from regimens.models.choices import (
    Availability,
    CautionLevel,
    ClassResistance,
    Covers,
    Design,
    GuidelineTopic,
    HazardRatioEndpoint,
    Histology,
    LicenceKind,
    Line,
    NoticeKind,
    PublicationKind,
    Region,
    ReviewMark,
    SelectionBiomarker,
    Setting,
    Site,
    Stance,
    SubgroupKind,
    TrialPhase,
    TrialStatus,
    Verified,
)
from regimens.rules.evidence import EITHER_PLATINUM
from regimens.rules.patient import FEATURES

from .criteria import CriterionField
from .editor import Group, Part, PartForm, Shape, is_given
from .fields import (
    Address,
    CountField,
    Day,
    DoiField,
    DrugsField,
    FigureField,
    IntervalField,
    Lines,
    Pick,
    Suggested,
    Tick,
    TicksField,
    WordsField,
)
from .figures import figure_fields, figure_groups

KEY_HELP = "Letters and digits in groups joined by hyphens. It never changes: everything else refers to it."
SHOWN_HELP = "Shown to readers: of the original, no proxy and no mirror; empty where none is known."
READ_ON_HELP = "The page that was read, where it is not the address."


class CohortForm(PartForm):
    """The results of one arm, or of a reported subgroup of it."""

    arm = WordsField(label="Arm", required=True, size="wide", help_text="As the publication calls it.")
    regimen = Pick(
        of="regimens", label="Regimen", help_text="Empty where the arm pools several regimens: shown, not pooled."
    )
    subgroup = WordsField(
        label="Subgroup", size="wide", help_text="In own words, such as “Ki-67 55 % or more”; empty for the whole arm."
    )
    subgroup_kind = Pick(
        SubgroupKind.choices, label="Subgroup by", help_text="What splits the arm; only with a subgroup."
    )
    where = CriterionField(
        empty="everybody in the study’s population",
        may_be_never=True,
        label="Stands for patients with",
        help_text="Empty: everybody. “never”: no feature can say it, or a later report supersedes it; not pooled.",
    )
    population_histology = Pick(
        Histology.choices, label="Histology", help_text="Only where it differs from the study’s."
    )
    population_line = Pick(Line.choices, label="Line", help_text="Only where it differs from the study’s.")
    population_biomarker = Pick(
        SelectionBiomarker.choices, label="Selected by", help_text="Only where it differs from the study’s."
    )
    population_sites = TicksField(
        Site.choices, null=True, label="Primary sites", help_text="Only where they differ from the study’s."
    )
    # In the namespace of the class, as if each were written here.
    locals().update(figure_fields())
    hr_endpoint = Pick(
        HazardRatioEndpoint.choices, label="Hazard ratio for", help_text="The endpoint that it compares."
    )
    hr_value = FigureField(label="Hazard ratio", help_text="Below 1 favours this arm.")
    hr_ci = IntervalField(label="Interval", help_text="Confidence interval, low to high.")
    hr_versus = WordsField(label="Against", size="wide", help_text="The other arm, such as “FOLFIRI + bevacizumab”.")
    note = WordsField(label="Note", lines=2, help_text="In own words: what a reader of these figures has to know.")

    nested = ("population", "hr")
    layout = (
        Group("Who", (("arm", "regimen"), ("subgroup", "subgroup_kind"), ("where",))),
        Group(
            "Differs from the study in",
            (("population_histology", "population_line", "population_biomarker"), ("population_sites",)),
            help="Only what differs; all empty where nothing does.",
            closed=True,
        ),
        *figure_groups(),
        Group("Hazard ratio", (("hr_endpoint", "hr_value", "hr_ci", "hr_versus"),), closed=True),
        Group("", (("note",),)),
    )

    def nest(self, outer: str, values: dict[str, Any]) -> Any:
        given = {name: value for name, value in values.items() if is_given(value)}
        if outer == "population":
            return given or None
        return values if given else None

    def summary(self) -> str:
        arm, subgroup = self["arm"].value() or "New cohort", self["subgroup"].value()
        figures = [
            f"{before}{self[name].value()}{unit}"
            for name, before, unit in (("n", "n ", ""), ("orr", "ORR ", " %"), ("pfs", "PFS ", ""), ("os", "OS ", ""))
            if self[name].value() not in (None, "")
        ]
        who = f"{arm}, {subgroup}" if subgroup else arm
        return f"{who}: {', '.join(figures)}" if figures else who


class FindingForm(PartForm):
    text = WordsField(
        label="Finding", lines=3, required=True, help_text="One clinically useful fact with its figures, in own words."
    )
    layout = (Group("", (("text",),)),)


class PublicationForm(PartForm):
    key = WordsField(
        label="Key", required=True, help_text=f"First author, year, one word: walter-2023-bevanec. {KEY_HELP}"
    )
    kind = Pick(PublicationKind.choices, label="Kind", required=True, help_text="What sort of text it is.")
    authors = WordsField(
        label="Authors", size="wide", help_text="The first three and “et al.”: Walter T, Lievre A, Coriat R, et al."
    )
    title = WordsField(label="Title", lines=2, help_text="As printed.")
    journal = WordsField(label="Journal", help_text="Its usual abbreviation, or the meeting.")
    year = CountField(label="Year", help_text="Of publication.")
    locator = WordsField(label="Volume and pages", help_text="24:297-306, or the number of the abstract.")
    doi = DoiField(
        label="DOI", size="wide", help_text="10.1016/…, or its address; empty where none was found, never guessed."
    )
    pmid = WordsField(label="PubMed id", help_text="Five to nine digits; empty where none was found.")
    url = Address(label="Address", help_text=SHOWN_HELP)
    read_on = Address(label="Read on", help_text=READ_ON_HELP)
    verified = Pick(
        Verified.choices,
        label="Figures",
        required=True,
        help_text="Where they were read. “Not read” enters no ranking.",
    )
    verified_at = Address(label="Read at", help_text="The page on which the figures were read, unless they were not.")
    second_read_at = Address(
        label="Read a second time at",
        help_text="Where a second reader, who had not seen the first reading, read the same.",
    )
    doubts = WordsField(
        label="Doubts", lines=2, help_text="Figures that disagree between sources; what could not be found."
    )
    review_ref = CountField(
        label="Number in the 2023 review", help_text="In its list of references; empty where it is not there."
    )
    review_mark = Pick(
        ReviewMark.choices, label="Marked there as", help_text="One dot: important; two: of major importance."
    )
    notice_kind = Pick(NoticeKind.choices, label="Notice", help_text="What was printed against it, the gravest.")
    notice_text = WordsField(
        label="Notice in words", lines=2, help_text="Where the notice is printed, and what it says."
    )
    notice_url = Address(label="Page of the notice", help_text="An address.")
    study_key = Suggested(
        suggestions="studies",
        label="Study’s key",
        help_text="Pick the study where it is here: publications of the same patients share its key and count once. "
        "A new one: the registry id, or a name of its own.",
    )
    study_name = WordsField(label="Acronym", help_text="Such as PRODIGE 41-BEVANEC.")
    study_registry_id = WordsField(label="Registry id", help_text="NCT, EudraCT, UMIN …")
    study_design = Pick(Design.choices, label="Design", help_text="What the evidence weighs by.")
    study_comparative = Tick(label="Arms formally compared", help_text="Only where the arms were compared by design.")
    study_line = Pick(Line.choices, label="Line", help_text="Of treatment in which the patients were.")
    study_histology = Pick(
        Histology.choices,
        label="Histology",
        help_text="Whom the study holds: NEC alone, or mixed with NET G3 or others.",
    )
    study_sites = TicksField(
        Site.choices, label="Primary sites", help_text="All that the study took; “any site” where it did not restrict."
    )
    study_population = WordsField(
        label="Population",
        lines=3,
        help_text="In own words: Ki-67, prior platinum, performance status, shares of sites, region.",
    )
    study_biomarker = Pick(
        SelectionBiomarker.choices,
        label="Selected by",
        help_text="What every patient had because patients were selected by it.",
    )
    study_n = CountField(label="Patients", help_text="Enrolled or included in the study.")

    nested = ("notice", "study")
    layout = (
        Group(
            "Publication",
            (
                ("key", "kind"),
                ("authors",),
                ("title",),
                ("journal", "year", "locator"),
                ("doi", "pmid"),
                ("url", "read_on"),
            ),
        ),
        Group("Reading", (("verified", "verified_at"), ("second_read_at",), ("doubts",))),
        Group(
            "Study",
            (
                ("study_key", "study_name", "study_registry_id"),
                ("study_design", "study_line", "study_histology"),
                ("study_biomarker", "study_n", "study_comparative"),
                ("study_sites",),
                ("study_population",),
            ),
            help="The patients behind it. All empty for a text without patients of its own, such as a review.",
        ),
        Group(
            "Notice against it",
            (("notice_kind", "notice_url"), ("notice_text",)),
            help="All three or none.",
            closed=True,
        ),
        Group("In the 2023 review", (("review_ref", "review_mark"),), closed=True),
    )

    def content(self) -> dict[str, Any]:
        content = super().content()
        # The key of the study stands beside the study, and `content` took it for a part of it.
        study = dict(content["study"] or {})
        content["study_key"] = study.pop("key", None)
        content["study"] = study if any(is_given(value) for value in study.values()) else None
        return content

    def field_at(self, place: str) -> str | None:
        return "study_design" if place == "study" else super().field_at(place)


class CautionForm(PartForm):
    level = Pick(
        CautionLevel.choices,
        label="Level",
        required=True,
        help_text="Contraindicated: ruled out. Avoid: advised against. Caution: lower dose, monitoring or weighing.",
    )
    text = WordsField(label="Caution", lines=3, required=True, help_text="In own words, as the source has it.")
    when = CriterionField(
        empty="every patient",
        blank_value={},
        label="Applies to patients with",
        help_text="Empty: every patient, as only one of level caution may say: above it, everybody would be ruled out.",
    )
    label = Suggested(
        suggestions="label-regions",
        label="Whose label",
        help_text="US, EU, UK, JP, … for a label; trial; empty for neither.",
    )
    section = WordsField(label="Section", help_text="Of the label, such as contraindications; or trial eligibility.")
    extrapolated = Tick(
        label="Read of another drug of the class", help_text="The page is about another drug, and the text says so."
    )
    url = Address(label="Address", help_text=SHOWN_HELP)
    read_on = Address(label="Read on", help_text=READ_ON_HELP)
    layout = (Group("", (("level", "label", "section"), ("text",), ("when",), ("url", "read_on"), ("extrapolated",))),)

    def summary(self) -> str:
        level = dict(CautionLevel.choices).get(self["level"].value(), "New caution")
        return f"{level}: {_shortened(self['text'].value())}".rstrip(": ")


class LabelForm(PartForm):
    region = Suggested(
        suggestions="label-regions", label="Region", required=True, help_text="Two letters, such as US or EU."
    )
    url = Address(label="Address", required=True, help_text="The official page of the label.")
    layout = (Group("", (("region", "url"),)),)

    def summary(self) -> str:
        return f"{self['region'].value() or 'New label'}: {self['url'].value() or ''}".rstrip(": ")


class DrugForm(PartForm):
    slug = WordsField(label="Key", required=True, help_text=KEY_HELP)
    name = WordsField(label="Name", required=True, help_text="The international non-proprietary name.")
    atc = WordsField(label="ATC code", help_text="Of the WHO index; empty: not in it.")
    synonyms = Lines(
        label="Synonyms", help_text="One a line: brands and abbreviations, by which people search and enter it."
    )
    classes = TicksField(
        of="exposure_classes",
        label="Exposure classes",
        help_text="Groups of drugs of which progression on it says something; none for a companion.",
    )
    layout = (Group("Drug", (("slug", "name", "atc"), ("synonyms",), ("classes",))),)


class ClassSourceForm(PartForm):
    url = Address(label="Address", required=True, help_text="The page with the finding.")
    finding = WordsField(label="Finding", lines=2, required=True, help_text="In own words, with its figures.")
    population = WordsField(label="In whom", required=True, help_text="Such as “lung, prospective”.")
    layout = (Group("", (("url", "population"), ("finding",))),)

    def summary(self) -> str:
        return _shortened(self["finding"].value()) or "New source"


class ExposureClassForm(PartForm):
    slug = WordsField(label="Key", required=True, help_text=KEY_HELP)
    name = WordsField(label="Name", required=True, help_text="As clinicians call it.")
    alone = Pick(
        ClassResistance.choices,
        label="Alone",
        required=True,
        help_text="After progression on a drug of the class: where the regimen brings no other class.",
    )
    combined = Pick(
        ClassResistance.choices, label="Combined", required=True, help_text="Where the regimen brings another class."
    )
    text = WordsField(label="What is known", lines=2, required=True, help_text="In own words, on what it rests.")
    exceptions = TicksField(of="regimens", label="Exceptions", help_text="Regimens that it does not touch.")
    layout = (
        Group("Exposure class", (("slug", "name"), ("alone", "combined"), ("text",))),
        Group("Exceptions", (("exceptions",),), closed=True),
    )


class LicenceForm(PartForm):
    key = WordsField(label="Key", required=True, help_text=f"Regimen, region, for whom. {KEY_HELP}")
    regimen = Pick(of="regimens", label="Regimen", required=True, help_text="The option that is licensed.")
    region = Pick(Region.choices, label="Region", required=True, help_text="Whose licence or ruling it is.")
    when = CriterionField(
        empty="everybody, as only a ruling on payment may",
        blank_value={},
        label="For patients with",
        help_text="The disease or biomarker that it names. Empty only where a payer’s ruling holds for every NEC.",
    )
    covers = Pick(
        Covers.choices,
        label="A NEC that meets it",
        required=True,
        help_text="Whether it is licensed for this; “no” settles that something is off-label.",
    )
    kind = Pick(LicenceKind.choices, label="Kind", help_text="Empty: not on the page. A withdrawn one covers nobody.")
    since = WordsField(label="Since", help_text="A year or a day, such as 2024 or 2024-04-05; empty: not on the page.")
    label = WordsField(label="Licensed for", lines=2, required=True, help_text="In own words, as the page has it.")
    url = Address(label="Address", help_text=SHOWN_HELP)
    read_on = Address(label="Read on", help_text=READ_ON_HELP)
    seen_on = Day(label="Seen on", help_text="The day on which the page was read; empty: not on record.")
    layout = (
        Group("Licence", (("key", "regimen", "region"), ("when",), ("covers", "kind", "since"), ("label",))),
        Group("Source", (("url", "read_on"), ("seen_on",))),
    )

    def content(self) -> dict[str, Any]:
        content = super().content()
        since = content["since"]
        content["since"] = int(since) if since and re.fullmatch(r"[0-9]{4}", since) else since
        return content


class RegimenForm(PartForm):
    slug = WordsField(label="Key", required=True, help_text=KEY_HELP)
    name = WordsField(label="Name", required=True, size="wide", help_text="As clinicians call it; shown everywhere.")
    drug_class = Pick(
        of="drug_classes", label="Class", help_text="Regimens of one class borrow evidence from each other."
    )
    new_class = WordsField(
        label="Or a new class", help_text="Only where no class of the list is meant: nothing is borrowed at first."
    )
    setting = Pick(
        Setting.choices,
        label="Setting",
        required=True,
        help_text="Later-line regimens are ranked; the others are in the library.",
    )
    drugs = DrugsField(
        label="Drugs",
        help_text="One a line, in order, by name or synonym; alternatives in one line: cisplatin | carboplatin.",
    )
    lead_drugs = DrugsField(
        besides=(EITHER_PLATINUM,),
        label="Lead drugs",
        help_text="One a line: what resistance is carried by. Regimens that share one with what failed are marked. "
        f"{EITHER_PLATINUM} stands for both.",
    )
    requires = CriterionField(
        empty="nothing is required",
        label="Given only with",
        help_text="The biomarker without which it is not given. Empty: none.",
    )
    otherwise_US = Pick(Availability.choices, label="United States", required=True)  # noqa: N815 - a region's code
    otherwise_EU = Pick(Availability.choices, label="European Union", required=True)  # noqa: N815
    otherwise_UK = Pick(Availability.choices, label="United Kingdom", required=True)  # noqa: N815
    otherwise_JP = Pick(Availability.choices, label="Japan", required=True)  # noqa: N815
    otherwise_CN = Pick(Availability.choices, label="China", required=True)  # noqa: N815
    schedule_text = WordsField(
        label="Schedule", lines=3, help_text="Doses and days as published, with the study’s name."
    )
    schedule_url = Address(label="Address", help_text=SHOWN_HELP)
    schedule_read_on = Address(label="Read on", help_text=READ_ON_HELP)
    region_note_text = WordsField(label="Note on regions", lines=2, help_text="What differs between countries.")
    region_note_url = Address(label="Address", help_text=SHOWN_HELP)
    region_note_read_on = Address(label="Read on", help_text=READ_ON_HELP)
    gaps = WordsField(
        label="Gaps",
        lines=2,
        help_text="What could not be read. A caution that is missing was not read, which is not that there is none.",
    )

    keys = {"drug_class": "class"}
    nested = ("otherwise", "schedule", "region_note")
    layout = (
        Group(
            "Regimen",
            (("slug", "name"), ("drug_class", "new_class", "setting"), ("drugs", "lead_drugs"), ("requires",)),
        ),
        Group(
            "Where no licence holds",
            (tuple(f"otherwise_{region}" for region in Region.values),),
            help="In each region, for patients whom none of its licences covers; those are entries of their own. “Not "
            "verified” where nobody could read it: shown so, and ranked as off-label.",
        ),
        Group("Schedule", (("schedule_text",), ("schedule_url", "schedule_read_on"))),
        Group("Notes", (("region_note_text",), ("region_note_url", "region_note_read_on"), ("gaps",))),
    )

    def content(self) -> dict[str, Any]:
        content = super().content()
        new = content.pop("new_class")
        return content | {"class": new or content["class"]}


class IndicationSourceForm(PartForm):
    source = Suggested(
        suggestions="indication-sources",
        label="Source",
        required=True,
        help_text="guideline:KEY, publication:KEY, or licence:KEY of this regimen; type to search.",
    )
    layout = (Group("", (("source",),)),)


class IndicationForm(PartForm):
    key = WordsField(label="Key", required=True, help_text=KEY_HELP)
    regimen = Pick(of="regimens", label="Regimen", required=True, help_text="The option that it is about.")
    stance = Pick(
        Stance.choices,
        label="Stance",
        required=True,
        help_text="Recommended needs a guideline’s recommendation for the situation, or a licence that covers it.",
    )
    when = CriterionField(
        empty="every patient", blank_value={}, label="For patients with", help_text="Empty: every patient."
    )
    regions = TicksField(
        Region.choices, null=True, label="Regions", help_text="Where it holds; none ticked: everywhere."
    )
    rechallenge = Tick(label="Holds although its drugs were given before", help_text="As for platinum after a break.")
    rationale = WordsField(label="Rationale", lines=3, required=True, help_text="In own words: why, on whose word.")
    layout = (
        Group("Indication", (("key", "regimen", "stance"), ("when",), ("regions", "rechallenge"), ("rationale",))),
    )


class StatementForm(PartForm):
    key = WordsField(label="Key", required=True, help_text=KEY_HELP)
    guideline = WordsField(
        label="Guideline",
        required=True,
        lines=2,
        help_text="Title, authors and citation; a text that is no guideline says so.",
    )
    year = CountField(label="Year", help_text="Of the guideline.")
    topic = Pick(GuidelineTopic.choices, label="Topic", required=True, help_text="Under which it is listed.")
    statement = WordsField(label="Statement", lines=3, required=True, help_text="One statement, in own words.")
    strength = WordsField(label="Strength", help_text="As the source grades it; empty where it does not.")
    regimens = TicksField(of="regimens", label="Regimens", help_text="All that the statement is about.")
    applies_to_sites = TicksField(Site.choices, label="Primary sites", help_text="Only those that the source names.")
    applies_to_histology = Pick(Histology.choices, label="Histology", help_text="Only where the source says so.")
    applies_to_ki67 = WordsField(label="Ki-67, %", help_text="A comparison, such as >=55.")
    applies_to_platinum_free_interval_months = WordsField(
        label="Platinum-free interval, months", help_text="A comparison, such as >=3."
    )
    applies_to_biomarker = WordsField(label="Biomarker", help_text="A word, such as sstr or ntrk.")
    url = Address(label="Address", help_text=SHOWN_HELP)
    read_on = Address(label="Read on", help_text=READ_ON_HELP)
    verified = Pick(
        Verified.choices,
        label="Read",
        required=True,
        help_text="In full text: the part of the source that bears on the statement.",
    )

    nested = ("applies_to",)
    layout = (
        Group(
            "Statement",
            (("key", "topic"), ("guideline", "year"), ("statement",), ("strength", "verified"), ("url", "read_on")),
        ),
        Group("Regimens", (("regimens",),), closed=True),
        Group(
            "Applies to",
            (
                (
                    "applies_to_histology",
                    "applies_to_ki67",
                    "applies_to_platinum_free_interval_months",
                    "applies_to_biomarker",
                ),
                ("applies_to_sites",),
            ),
            help="Only what the source says; what is empty is not restricted.",
        ),
    )

    def nest(self, outer: str, values: dict[str, Any]) -> Any:
        return {"sites": values["sites"]} | {name: value for name, value in values.items() if is_given(value)}


class PrevalenceForm(PartForm):
    population = WordsField(
        label="Population", required=True, lines=2, help_text="Who was tested, by whom, and what counted as positive."
    )
    percent = FigureField(label="Positive, %", required=True, help_text="As printed.")
    n = CountField(label="Tested", help_text="Patients or samples; empty where it is not shown.")
    url = Address(label="Address", help_text=SHOWN_HELP)
    read_on = Address(label="Read on", help_text=READ_ON_HELP)
    chance_percent = FigureField(
        label="Chance used, %", help_text="Only where the figure is used as the chance of a positive test."
    )
    chance_sites = TicksField(
        Site.choices, null=True, label="At these primary sites", help_text="Where that chance holds."
    )
    nested = ("chance",)
    layout = (
        Group("", (("population",), ("percent", "n"), ("url", "read_on"))),
        Group("Used as the chance of a positive result", (("chance_percent",), ("chance_sites",)), closed=True),
    )

    def summary(self) -> str:
        return f"{self['percent'].value() or '?'} %: {self['population'].value() or 'New figure'}"


class BiomarkerForm(PartForm):
    slug = WordsField(label="Key", required=True, help_text=KEY_HELP)
    name = WordsField(label="Name", required=True, size="wide", help_text="As clinicians call it.")
    feature = Pick(
        [(name, feature.label) for name, feature in FEATURES.items()],
        label="Feature of a patient",
        help_text="The field of the patient’s form that holds it; empty where there is none.",
    )
    positive = WordsField(
        label="Counts as positive",
        help_text="The value tried out when the test is missing: high, positive, ihc-3+, 10; empty: not tried out.",
    )
    values = Lines(label="Results", help_text="One a line: what a report may say.")
    test_methods = Lines(label="Tests", help_text="One a line: how it is tested.")
    why_it_matters = WordsField(label="Why it matters", lines=5, required=True, help_text="In own words, with figures.")
    actionable_with = TicksField(
        of="regimens", label="Actionable with", help_text="Regimens that it opens, closes or whose dose it changes."
    )
    guideline_keys = TicksField(of="guidelines", label="Guideline statements", help_text="Those that speak of it.")
    layout = (
        Group(
            "Biomarker", (("slug", "name"), ("feature", "positive"), ("values", "test_methods"), ("why_it_matters",))
        ),
        Group("Actionable with", (("actionable_with",),), closed=True),
        Group("Guideline statements", (("guideline_keys",),), closed=True),
    )

    def content(self) -> dict[str, Any]:
        content = super().content()
        content["positive"] = _value_of(content["feature"], content["positive"])
        return content


class TrialForm(PartForm):
    nct = WordsField(label="ClinicalTrials.gov id", required=True, help_text="NCT and eight digits. It never changes.")
    acronym = WordsField(label="Acronym", help_text="Or the sponsor’s number.")
    title = WordsField(label="Title", required=True, lines=2, help_text="Short, in own words.")
    phase = Pick(TrialPhase.choices, label="Phase", help_text="As registered.")
    intervention = WordsField(label="Intervention", required=True, size="wide", help_text="Drugs, with what they are.")
    regimen = Pick(
        of="regimens", label="Regimen", help_text="The option that it tests, where the evidence base has it."
    )
    line = Pick(Line.choices, label="Line", required=True, help_text="For which patients may enter.")
    histology = Pick(Histology.choices, label="Histology", required=True, help_text="Whom it takes.")
    sites = TicksField(Site.choices, label="Primary sites", help_text="Those that it takes.")
    biomarker = Pick(SelectionBiomarker.choices, label="Selected by", help_text="What every patient needs.")
    key_eligibility = Lines(label="Key eligibility", lines=5, help_text="One criterion a line, in own words.")
    countries = Lines(label="Countries", null=True, help_text="One a line; empty: not known.")
    status_as_seen = Pick(
        TrialStatus.choices, label="Status as seen", required=True, help_text="As the newest page shown gave it."
    )
    url = Address(label="Address", required=True, help_text="Shown to readers: its page in the register.")
    read_on = Address(label="Read on", help_text=READ_ON_HELP)
    seen_note = WordsField(label="Note", lines=2, help_text="How old the page is, what else is known.")
    looked_up_on = Day(label="Looked up on", help_text="The day on which all this was looked up in the register.")
    layout = (
        Group("Trial", (("nct", "acronym", "phase"), ("title",), ("intervention", "regimen"))),
        Group("Who may enter", (("line", "histology", "biomarker"), ("sites",), ("key_eligibility", "countries"))),
        Group("As looked up", (("status_as_seen", "looked_up_on"), ("url", "read_on"), ("seen_note",))),
    )


SHAPES: Mapping[str, Shape] = {
    shape.kind: shape
    for shape in (
        Shape(
            "publications",
            PublicationForm,
            (
                Part(
                    "results", CohortForm, "Cohorts", "cohort", "One for each arm and for each reported subgroup of it."
                ),
                Part(
                    "findings",
                    FindingForm,
                    "Findings",
                    "finding",
                    "One clinically useful fact each, with its figures, in own words.",
                    single="text",
                ),
            ),
            suggestions=("studies",),
        ),
        Shape(
            "regimens",
            RegimenForm,
            (
                Part(
                    "cautions",
                    CautionForm,
                    "Cautions",
                    "caution",
                    "Only those of the combination or of its trials: those of its drugs stand with the drugs.",
                ),
            ),
            suggestions=("drugs", "label-regions"),
        ),
        Shape(
            "drugs",
            DrugForm,
            (
                Part("cautions", CautionForm, "Cautions", "caution", "Every regimen with the drug inherits them."),
                Part("labels", LabelForm, "Official labels", "label", "One for each region, where its page was seen."),
            ),
            suggestions=("label-regions",),
        ),
        Shape(
            "exposure_classes",
            ExposureClassForm,
            (
                Part(
                    "sources",
                    ClassSourceForm,
                    "Sources",
                    "source",
                    "On what it rests; without any it is a convention, and readers are told so.",
                ),
            ),
        ),
        Shape("licences", LicenceForm),
        Shape(
            "indications",
            IndicationForm,
            (
                Part(
                    "sources",
                    IndicationSourceForm,
                    "On whose word",
                    "source",
                    "guideline:KEY, publication:KEY, or licence:KEY of this regimen; at least one. Type to search.",
                    single="source",
                ),
            ),
            suggestions=("indication-sources",),
        ),
        Shape(
            "biomarkers",
            BiomarkerForm,
            (Part("prevalence", PrevalenceForm, "How often positive", "figure", "One for each population."),),
        ),
        Shape("guidelines", StatementForm),
        Shape("trials", TrialForm),
    )
}


def _shortened(text: str | None) -> str:
    return f"{text[:110]}…" if text and len(text) > 110 else text or ""


def _value_of(feature: str | None, text: str | None) -> Any:
    """A value as its feature has it."""
    kind = FEATURES[feature].kind if feature in FEATURES else "choice"
    if text is None or kind in ("choice", "set"):
        return text
    if kind == "flag":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.casefold(), text)
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
