"""What each kind of entry is edited with: its fields, in the words of oncology and in the order in which one reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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

KEY_HELP = _("Letters and digits in groups joined by hyphens. It never changes: everything else refers to it.")
SHOWN_HELP = _("Shown to readers: of the original, no proxy and no mirror; empty where none is known.")
READ_ON_HELP = _("The page that was read, where it is not the address.")


class CohortForm(PartForm):
    """The results of one arm, or of a reported subgroup of it."""

    arm = WordsField(label=_("Arm"), required=True, size="wide", help_text=_("As the publication calls it."))
    regimen = Pick(
        of="regimens", label=_("Regimen"), help_text=_("Empty where the arm pools several regimens: shown, not pooled.")
    )
    subgroup = WordsField(
        label=_("Subgroup"),
        size="wide",
        help_text=_("In own words, such as “Ki-67 55 % or more”; empty for the whole arm."),
    )
    subgroup_kind = Pick(
        SubgroupKind.choices, label=_("Subgroup by"), help_text=_("What splits the arm; only with a subgroup.")
    )
    where = CriterionField(
        empty=_("everybody in the study’s population"),
        may_be_never=True,
        label=_("Stands for patients with"),
        help_text=_("Empty: everybody. “never”: no feature can say it, or a later report supersedes it; not pooled."),
    )
    population_histology = Pick(
        Histology.choices, label=_("Histology"), help_text=_("Only where it differs from the study’s.")
    )
    population_line = Pick(Line.choices, label=_("Line"), help_text=_("Only where it differs from the study’s."))
    population_biomarker = Pick(
        SelectionBiomarker.choices, label=_("Selected by"), help_text=_("Only where it differs from the study’s.")
    )
    population_sites = TicksField(
        Site.choices, null=True, label=_("Primary sites"), help_text=_("Only where they differ from the study’s.")
    )
    # In the namespace of the class, as if each were written here.
    locals().update(figure_fields())
    hr_endpoint = Pick(
        HazardRatioEndpoint.choices, label=_("Hazard ratio for"), help_text=_("The endpoint that it compares.")
    )
    hr_value = FigureField(label=_("Hazard ratio"), help_text=_("Below 1 favours this arm."))
    hr_ci = IntervalField(label=_("Interval"), help_text=_("Confidence interval, low to high."))
    hr_versus = WordsField(
        label=_("Against"), size="wide", help_text=_("The other arm, such as “FOLFIRI + bevacizumab”.")
    )
    note = WordsField(
        label=_("Note"), lines=2, help_text=_("In own words: what a reader of these figures has to know.")
    )

    nested = ("population", "hr")
    layout = (
        Group(_("Who"), (("arm", "regimen"), ("subgroup", "subgroup_kind"), ("where",))),
        Group(
            _("Differs from the study in"),
            (("population_histology", "population_line", "population_biomarker"), ("population_sites",)),
            help=_("Only what differs; all empty where nothing does."),
            closed=True,
        ),
        *figure_groups(),
        Group(_("Hazard ratio"), (("hr_endpoint", "hr_value", "hr_ci", "hr_versus"),), closed=True),
        Group("", (("note",),)),
    )

    def nest(self, outer: str, values: dict[str, Any]) -> Any:
        given = {name: value for name, value in values.items() if is_given(value)}
        if outer == "population":
            return given or None
        return values if given else None

    def summary(self) -> str:
        arm, subgroup = self["arm"].value() or gettext("New cohort"), self["subgroup"].value()
        figures = [
            f"{before}{self[name].value()}{unit}"
            for name, before, unit in (("n", "n ", ""), ("orr", "ORR ", " %"), ("pfs", "PFS ", ""), ("os", "OS ", ""))
            if self[name].value() not in (None, "")
        ]
        who = f"{arm}, {subgroup}" if subgroup else arm
        return f"{who}: {', '.join(figures)}" if figures else who


class FindingForm(PartForm):
    text = WordsField(
        label=_("Finding"),
        lines=3,
        required=True,
        help_text=_("One clinically useful fact with its figures, in own words."),
    )
    layout = (Group("", (("text",),)),)


class PublicationForm(PartForm):
    key = WordsField(
        label=_("Key"),
        required=True,
        help_text=_(
            "First author, year, one word: walter-2023-bevanec. "
            "Letters and digits in groups joined by hyphens. It never changes: everything else refers to it."
        ),
    )
    kind = Pick(PublicationKind.choices, label=_("Kind"), required=True, help_text=_("What sort of text it is."))
    authors = WordsField(
        label=_("Authors"),
        size="wide",
        help_text=_("The first three and “et al.”: Walter T, Lievre A, Coriat R, et al."),
    )
    title = WordsField(label=_("Title"), lines=2, help_text=_("As printed."))
    journal = WordsField(label=_("Journal"), help_text=_("Its usual abbreviation, or the meeting."))
    year = CountField(label=_("Year"), help_text=_("Of publication."))
    locator = WordsField(label=_("Volume and pages"), help_text=_("24:297-306, or the number of the abstract."))
    doi = DoiField(
        label=_("DOI"),
        size="wide",
        help_text=_("10.1016/…, or its address; empty where none was found, never guessed."),
    )
    pmid = WordsField(label=_("PubMed id"), help_text=_("Five to nine digits; empty where none was found."))
    url = Address(label=_("Address"), help_text=SHOWN_HELP)
    read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    verified = Pick(
        Verified.choices,
        label=_("Figures"),
        required=True,
        help_text=_("Where they were read. “Not read” enters no ranking."),
    )
    verified_at = Address(
        label=_("Read at"), help_text=_("The page on which the figures were read, unless they were not.")
    )
    second_read_at = Address(
        label=_("Read a second time at"),
        help_text=_("Where a second reader, who had not seen the first reading, read the same."),
    )
    doubts = WordsField(
        label=_("Doubts"), lines=2, help_text=_("Figures that disagree between sources; what could not be found.")
    )
    review_ref = CountField(
        label=_("Number in the 2023 review"), help_text=_("In its list of references; empty where it is not there.")
    )
    review_mark = Pick(
        ReviewMark.choices, label=_("Marked there as"), help_text=_("One dot: important; two: of major importance.")
    )
    notice_kind = Pick(NoticeKind.choices, label=_("Notice"), help_text=_("What was printed against it, the gravest."))
    notice_text = WordsField(
        label=_("Notice in words"), lines=2, help_text=_("Where the notice is printed, and what it says.")
    )
    notice_url = Address(label=_("Page of the notice"), help_text=_("An address."))
    study_key = Suggested(
        suggestions="studies",
        label=_("Study’s key"),
        help_text=_(
            "Pick the study where it is here: publications of the same patients share its key and count once. "
            "A new one: the registry id, or a name of its own."
        ),
    )
    study_name = WordsField(label=_("Acronym"), help_text=_("Such as PRODIGE 41-BEVANEC."))
    study_registry_id = WordsField(label=_("Registry id"), help_text=_("NCT, EudraCT, UMIN …"))
    study_design = Pick(Design.choices, label=_("Design"), help_text=_("What the evidence weighs by."))
    study_comparative = Tick(
        label=_("Arms formally compared"), help_text=_("Only where the arms were compared by design.")
    )
    study_line = Pick(Line.choices, label=_("Line"), help_text=_("Of treatment in which the patients were."))
    study_histology = Pick(
        Histology.choices,
        label=_("Histology"),
        help_text=_("Whom the study holds: NEC alone, or mixed with NET G3 or others."),
    )
    study_sites = TicksField(
        Site.choices,
        label=_("Primary sites"),
        help_text=_("All that the study took; “any site” where it did not restrict."),
    )
    study_population = WordsField(
        label=_("Population"),
        lines=3,
        help_text=_("In own words: Ki-67, prior platinum, performance status, shares of sites, region."),
    )
    study_biomarker = Pick(
        SelectionBiomarker.choices,
        label=_("Selected by"),
        help_text=_("What every patient had because patients were selected by it."),
    )
    study_n = CountField(label=_("Patients"), help_text=_("Enrolled or included in the study."))

    nested = ("notice", "study")
    layout = (
        Group(
            _("Publication"),
            (
                ("key", "kind"),
                ("authors",),
                ("title",),
                ("journal", "year", "locator"),
                ("doi", "pmid"),
                ("url", "read_on"),
            ),
        ),
        Group(_("Reading"), (("verified", "verified_at"), ("second_read_at",), ("doubts",))),
        Group(
            _("Study"),
            (
                ("study_key", "study_name", "study_registry_id"),
                ("study_design", "study_line", "study_histology"),
                ("study_biomarker", "study_n", "study_comparative"),
                ("study_sites",),
                ("study_population",),
            ),
            help=_("The patients behind it. All empty for a text without patients of its own, such as a review."),
        ),
        Group(
            _("Notice against it"),
            (("notice_kind", "notice_url"), ("notice_text",)),
            help=_("All three or none."),
            closed=True,
        ),
        Group(_("In the 2023 review"), (("review_ref", "review_mark"),), closed=True),
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
        label=_("Level"),
        required=True,
        help_text=_("Contraindicated: ruled out. Avoid: advised against. Caution: lower dose, monitoring or weighing."),
    )
    text = WordsField(label=_("Caution"), lines=3, required=True, help_text=_("In own words, as the source has it."))
    when = CriterionField(
        empty=_("every patient"),
        blank_value={},
        label=_("Applies to patients with"),
        help_text=_(
            "Empty: every patient, as only one of level caution may say: above it, everybody would be ruled out."
        ),
    )
    label = Suggested(
        suggestions="label-regions",
        label=_("Whose label"),
        help_text=_("US, EU, UK, JP, … for a label; trial; empty for neither."),
    )
    section = WordsField(
        label=_("Section"), help_text=_("Of the label, such as contraindications; or trial eligibility.")
    )
    extrapolated = Tick(
        label=_("Read of another drug of the class"),
        help_text=_("The page is about another drug, and the text says so."),
    )
    url = Address(label=_("Address"), help_text=SHOWN_HELP)
    read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    layout = (Group("", (("level", "label", "section"), ("text",), ("when",), ("url", "read_on"), ("extrapolated",))),)

    def summary(self) -> str:
        level = dict(CautionLevel.choices).get(self["level"].value(), gettext("New caution"))
        return f"{level}: {_shortened(self['text'].value())}".rstrip(": ")


class LabelForm(PartForm):
    region = Suggested(
        suggestions="label-regions", label=_("Region"), required=True, help_text=_("Two letters, such as US or EU.")
    )
    url = Address(label=_("Address"), required=True, help_text=_("The official page of the label."))
    layout = (Group("", (("region", "url"),)),)

    def summary(self) -> str:
        region = self["region"].value() or gettext("New label")
        return f"{region}: {self['url'].value() or ''}".rstrip(": ")


class DrugForm(PartForm):
    slug = WordsField(label=_("Key"), required=True, help_text=KEY_HELP)
    name = WordsField(label=_("Name"), required=True, help_text=_("The international non-proprietary name."))
    atc = WordsField(label=_("ATC code"), help_text=_("Of the WHO index; empty: not in it."))
    synonyms = Lines(
        label=_("Synonyms"), help_text=_("One a line: brands and abbreviations, by which people search and enter it.")
    )
    classes = TicksField(
        of="exposure_classes",
        label=_("Exposure classes"),
        help_text=_("Groups of drugs of which progression on it says something; none for a companion."),
    )
    layout = (Group(_("Drug"), (("slug", "name", "atc"), ("synonyms",), ("classes",))),)


class ClassSourceForm(PartForm):
    url = Address(label=_("Address"), required=True, help_text=_("The page with the finding."))
    finding = WordsField(label=_("Finding"), lines=2, required=True, help_text=_("In own words, with its figures."))
    population = WordsField(label=_("In whom"), required=True, help_text=_("Such as “lung, prospective”."))
    layout = (Group("", (("url", "population"), ("finding",))),)

    def summary(self) -> str:
        return _shortened(self["finding"].value()) or gettext("New source")


class ExposureClassForm(PartForm):
    slug = WordsField(label=_("Key"), required=True, help_text=KEY_HELP)
    name = WordsField(label=_("Name"), required=True, help_text=_("As clinicians call it."))
    alone = Pick(
        ClassResistance.choices,
        label=_("Alone"),
        required=True,
        help_text=_("After progression on a drug of the class: where the regimen brings no other class."),
    )
    combined = Pick(
        ClassResistance.choices,
        label=_("Combined"),
        required=True,
        help_text=_("Where the regimen brings another class."),
    )
    text = WordsField(label=_("What is known"), lines=2, required=True, help_text=_("In own words, on what it rests."))
    exceptions = TicksField(of="regimens", label=_("Exceptions"), help_text=_("Regimens that it does not touch."))
    layout = (
        Group(_("Exposure class"), (("slug", "name"), ("alone", "combined"), ("text",))),
        Group(_("Exceptions"), (("exceptions",),), closed=True),
    )


class LicenceForm(PartForm):
    key = WordsField(
        label=_("Key"),
        required=True,
        help_text=_(
            "Regimen, region, for whom. "
            "Letters and digits in groups joined by hyphens. It never changes: everything else refers to it."
        ),
    )
    regimen = Pick(of="regimens", label=_("Regimen"), required=True, help_text=_("The option that is licensed."))
    region = Pick(Region.choices, label=_("Region"), required=True, help_text=_("Whose licence or ruling it is."))
    when = CriterionField(
        empty=_("everybody, as only a ruling on payment may"),
        blank_value={},
        label=_("For patients with"),
        help_text=_("The disease or biomarker that it names. Empty only where a payer’s ruling holds for every NEC."),
    )
    covers = Pick(
        Covers.choices,
        label=_("A NEC that meets it"),
        required=True,
        help_text=_("Whether it is licensed for this; “no” settles that something is off-label."),
    )
    kind = Pick(
        LicenceKind.choices, label=_("Kind"), help_text=_("Empty: not on the page. A withdrawn one covers nobody.")
    )
    since = WordsField(
        label=_("Since"), help_text=_("A year or a day, such as 2024 or 2024-04-05; empty: not on the page.")
    )
    label = WordsField(
        label=_("Licensed for"), lines=2, required=True, help_text=_("In own words, as the page has it.")
    )
    url = Address(label=_("Address"), help_text=SHOWN_HELP)
    read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    seen_on = Day(label=_("Seen on"), help_text=_("The day on which the page was read; empty: not on record."))
    layout = (
        Group(_("Licence"), (("key", "regimen", "region"), ("when",), ("covers", "kind", "since"), ("label",))),
        Group(_("Source"), (("url", "read_on"), ("seen_on",))),
    )

    def content(self) -> dict[str, Any]:
        content = super().content()
        since = content["since"]
        content["since"] = int(since) if since and re.fullmatch(r"[0-9]{4}", since) else since
        return content


class RegimenForm(PartForm):
    slug = WordsField(label=_("Key"), required=True, help_text=KEY_HELP)
    name = WordsField(
        label=_("Name"), required=True, size="wide", help_text=_("As clinicians call it; shown everywhere.")
    )
    drug_class = Pick(
        of="drug_classes", label=_("Class"), help_text=_("Regimens of one class borrow evidence from each other.")
    )
    new_class = WordsField(
        label=_("Or a new class"),
        help_text=_("Only where no class of the list is meant: nothing is borrowed at first."),
    )
    setting = Pick(
        Setting.choices,
        label=_("Setting"),
        required=True,
        help_text=_("Later-line regimens are ranked; the others are in the library."),
    )
    drugs = DrugsField(
        label=_("Drugs"),
        help_text=_("One a line, in order, by name or synonym; alternatives in one line: cisplatin | carboplatin."),
    )
    lead_drugs = DrugsField(
        besides=(EITHER_PLATINUM,),
        label=_("Lead drugs"),
        # “cisplatin-carboplatin” is the word of the rules, as it is typed.
        help_text=_(
            "One a line: what resistance is carried by. Regimens that share one with what failed are marked. "
            "cisplatin-carboplatin stands for both."
        ),
    )
    requires = CriterionField(
        empty=_("nothing is required"),
        label=_("Given only with"),
        help_text=_("The biomarker without which it is not given. Empty: none."),
    )
    otherwise_US = Pick(Availability.choices, label=_("United States"), required=True)  # noqa: N815 - a region's code
    otherwise_EU = Pick(Availability.choices, label=_("European Union"), required=True)  # noqa: N815
    otherwise_UK = Pick(Availability.choices, label=_("United Kingdom"), required=True)  # noqa: N815
    otherwise_JP = Pick(Availability.choices, label=_("Japan"), required=True)  # noqa: N815
    otherwise_CN = Pick(Availability.choices, label=_("China"), required=True)  # noqa: N815
    schedule_text = WordsField(
        label=_("Schedule"), lines=3, help_text=_("Doses and days as published, with the study’s name.")
    )
    schedule_url = Address(label=_("Address"), help_text=SHOWN_HELP)
    schedule_read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    region_note_text = WordsField(label=_("Note on regions"), lines=2, help_text=_("What differs between countries."))
    region_note_url = Address(label=_("Address"), help_text=SHOWN_HELP)
    region_note_read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    gaps = WordsField(
        label=_("Gaps"),
        lines=2,
        help_text=_("What could not be read. A caution that is missing was not read, which is not that there is none."),
    )

    keys = {"drug_class": "class"}
    nested = ("otherwise", "schedule", "region_note")
    layout = (
        Group(
            _("Regimen"),
            (("slug", "name"), ("drug_class", "new_class", "setting"), ("drugs", "lead_drugs"), ("requires",)),
        ),
        Group(
            _("Where no licence holds"),
            (tuple(f"otherwise_{region}" for region in Region.values),),
            help=_(
                "In each region, for patients whom none of its licences covers; those are entries of their own. “Not "
                "verified” where nobody could read it: shown so, and ranked as off-label."
            ),
        ),
        Group(_("Schedule"), (("schedule_text",), ("schedule_url", "schedule_read_on"))),
        Group(_("Notes"), (("region_note_text",), ("region_note_url", "region_note_read_on"), ("gaps",))),
    )

    def content(self) -> dict[str, Any]:
        content = super().content()
        new = content.pop("new_class")
        return content | {"class": new or content["class"]}


class IndicationSourceForm(PartForm):
    source = Suggested(
        suggestions="indication-sources",
        label=_("Source"),
        required=True,
        help_text=_("guideline:KEY, publication:KEY, or licence:KEY of this regimen; type to search."),
    )
    layout = (Group("", (("source",),)),)


class IndicationForm(PartForm):
    key = WordsField(label=_("Key"), required=True, help_text=KEY_HELP)
    regimen = Pick(of="regimens", label=_("Regimen"), required=True, help_text=_("The option that it is about."))
    stance = Pick(
        Stance.choices,
        label=_("Stance"),
        required=True,
        help_text=_("Recommended needs a guideline’s recommendation for the situation, or a licence that covers it."),
    )
    when = CriterionField(
        empty=_("every patient"), blank_value={}, label=_("For patients with"), help_text=_("Empty: every patient.")
    )
    regions = TicksField(
        Region.choices, null=True, label=_("Regions"), help_text=_("Where it holds; none ticked: everywhere.")
    )
    rechallenge = Tick(
        label=_("Holds although its drugs were given before"), help_text=_("As for platinum after a break.")
    )
    rationale = WordsField(
        label=_("Rationale"), lines=3, required=True, help_text=_("In own words: why, on whose word.")
    )
    layout = (
        Group(_("Indication"), (("key", "regimen", "stance"), ("when",), ("regions", "rechallenge"), ("rationale",))),
    )


class StatementForm(PartForm):
    key = WordsField(label=_("Key"), required=True, help_text=KEY_HELP)
    guideline = WordsField(
        label=_("Guideline"),
        required=True,
        lines=2,
        help_text=_("Title, authors and citation; a text that is no guideline says so."),
    )
    year = CountField(label=_("Year"), help_text=_("Of the guideline."))
    topic = Pick(GuidelineTopic.choices, label=_("Topic"), required=True, help_text=_("Under which it is listed."))
    statement = WordsField(label=_("Statement"), lines=3, required=True, help_text=_("One statement, in own words."))
    strength = WordsField(label=_("Strength"), help_text=_("As the source grades it; empty where it does not."))
    regimens = TicksField(of="regimens", label=_("Regimens"), help_text=_("All that the statement is about."))
    applies_to_sites = TicksField(
        Site.choices, label=_("Primary sites"), help_text=_("Only those that the source names.")
    )
    applies_to_histology = Pick(Histology.choices, label=_("Histology"), help_text=_("Only where the source says so."))
    applies_to_ki67 = WordsField(label=_("Ki-67, %"), help_text=_("A comparison, such as >=55."))
    applies_to_platinum_free_interval_months = WordsField(
        label=_("Platinum-free interval, months"), help_text=_("A comparison, such as >=3.")
    )
    applies_to_biomarker = WordsField(label=_("Biomarker"), help_text=_("A word, such as sstr or ntrk."))
    url = Address(label=_("Address"), help_text=SHOWN_HELP)
    read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    verified = Pick(
        Verified.choices,
        label=_("Read"),
        required=True,
        help_text=_("In full text: the part of the source that bears on the statement."),
    )

    nested = ("applies_to",)
    layout = (
        Group(
            _("Statement"),
            (("key", "topic"), ("guideline", "year"), ("statement",), ("strength", "verified"), ("url", "read_on")),
        ),
        Group(_("Regimens"), (("regimens",),), closed=True),
        Group(
            _("Applies to"),
            (
                (
                    "applies_to_histology",
                    "applies_to_ki67",
                    "applies_to_platinum_free_interval_months",
                    "applies_to_biomarker",
                ),
                ("applies_to_sites",),
            ),
            help=_("Only what the source says; what is empty is not restricted."),
        ),
    )

    def nest(self, outer: str, values: dict[str, Any]) -> Any:
        return {"sites": values["sites"]} | {name: value for name, value in values.items() if is_given(value)}


class PrevalenceForm(PartForm):
    population = WordsField(
        label=_("Population"),
        required=True,
        lines=2,
        help_text=_("Who was tested, by whom, and what counted as positive."),
    )
    percent = FigureField(label=_("Positive, %"), required=True, help_text=_("As printed."))
    n = CountField(label=_("Tested"), help_text=_("Patients or samples; empty where it is not shown."))
    url = Address(label=_("Address"), help_text=SHOWN_HELP)
    read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    chance_percent = FigureField(
        label=_("Chance used, %"), help_text=_("Only where the figure is used as the chance of a positive test.")
    )
    chance_sites = TicksField(
        Site.choices, null=True, label=_("At these primary sites"), help_text=_("Where that chance holds.")
    )
    nested = ("chance",)
    layout = (
        Group("", (("population",), ("percent", "n"), ("url", "read_on"))),
        Group(_("Used as the chance of a positive result"), (("chance_percent",), ("chance_sites",)), closed=True),
    )

    def summary(self) -> str:
        population = self["population"].value() or gettext("New figure")
        return f"{self['percent'].value() or '?'} %: {population}"


class BiomarkerForm(PartForm):
    slug = WordsField(label=_("Key"), required=True, help_text=KEY_HELP)
    name = WordsField(label=_("Name"), required=True, size="wide", help_text=_("As clinicians call it."))
    feature = Pick(
        [(name, feature.label) for name, feature in FEATURES.items()],
        label=_("Feature of a patient"),
        help_text=_("The field of the patient’s form that holds it; empty where there is none."),
    )
    positive = WordsField(
        label=_("Counts as positive"),
        help_text=_("The value tried out when the test is missing: high, positive, ihc-3+, 10; empty: not tried out."),
    )
    values = Lines(label=_("Results"), help_text=_("One a line: what a report may say."))
    test_methods = Lines(label=_("Tests"), help_text=_("One a line: how it is tested."))
    why_it_matters = WordsField(
        label=_("Why it matters"), lines=5, required=True, help_text=_("In own words, with figures.")
    )
    actionable_with = TicksField(
        of="regimens",
        label=_("Actionable with"),
        help_text=_("Regimens that it opens, closes or whose dose it changes."),
    )
    guideline_keys = TicksField(
        of="guidelines", label=_("Guideline statements"), help_text=_("Those that speak of it.")
    )
    layout = (
        Group(
            _("Biomarker"), (("slug", "name"), ("feature", "positive"), ("values", "test_methods"), ("why_it_matters",))
        ),
        Group(_("Actionable with"), (("actionable_with",),), closed=True),
        Group(_("Guideline statements"), (("guideline_keys",),), closed=True),
    )

    def content(self) -> dict[str, Any]:
        content = super().content()
        content["positive"] = _value_of(content["feature"], content["positive"])
        return content


class TrialForm(PartForm):
    nct = WordsField(
        label=_("ClinicalTrials.gov id"), required=True, help_text=_("NCT and eight digits. It never changes.")
    )
    acronym = WordsField(label=_("Acronym"), help_text=_("Or the sponsor’s number."))
    title = WordsField(label=_("Title"), required=True, lines=2, help_text=_("Short, in own words."))
    phase = Pick(TrialPhase.choices, label=_("Phase"), help_text=_("As registered."))
    intervention = WordsField(
        label=_("Intervention"), required=True, size="wide", help_text=_("Drugs, with what they are.")
    )
    regimen = Pick(
        of="regimens", label=_("Regimen"), help_text=_("The option that it tests, where the evidence base has it.")
    )
    line = Pick(Line.choices, label=_("Line"), required=True, help_text=_("For which patients may enter."))
    histology = Pick(Histology.choices, label=_("Histology"), required=True, help_text=_("Whom it takes."))
    sites = TicksField(Site.choices, label=_("Primary sites"), help_text=_("Those that it takes."))
    biomarker = Pick(SelectionBiomarker.choices, label=_("Selected by"), help_text=_("What every patient needs."))
    key_eligibility = Lines(label=_("Key eligibility"), lines=5, help_text=_("One criterion a line, in own words."))
    countries = Lines(label=_("Countries"), null=True, help_text=_("One a line; empty: not known."))
    status_as_seen = Pick(
        TrialStatus.choices, label=_("Status as seen"), required=True, help_text=_("As the newest page shown gave it.")
    )
    url = Address(label=_("Address"), required=True, help_text=_("Shown to readers: its page in the register."))
    read_on = Address(label=_("Read on"), help_text=READ_ON_HELP)
    seen_note = WordsField(label=_("Note"), lines=2, help_text=_("How old the page is, what else is known."))
    looked_up_on = Day(label=_("Looked up on"), help_text=_("The day on which all this was looked up in the register."))
    layout = (
        Group(_("Trial"), (("nct", "acronym", "phase"), ("title",), ("intervention", "regimen"))),
        Group(_("Who may enter"), (("line", "histology", "biomarker"), ("sites",), ("key_eligibility", "countries"))),
        Group(_("As looked up"), (("status_as_seen", "looked_up_on"), ("url", "read_on"), ("seen_note",))),
    )


SHAPES: Mapping[str, Shape] = {
    shape.kind: shape
    for shape in (
        Shape(
            "publications",
            PublicationForm,
            (
                Part(
                    "results",
                    CohortForm,
                    _("Cohorts"),
                    _("cohort"),
                    _("Add a cohort"),
                    _("One for each arm and for each reported subgroup of it."),
                ),
                Part(
                    "findings",
                    FindingForm,
                    _("Findings"),
                    _("finding"),
                    _("Add a finding"),
                    _("One clinically useful fact each, with its figures, in own words."),
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
                    _("Cautions"),
                    _("caution"),
                    _("Add a caution"),
                    _("Only those of the combination or of its trials: those of its drugs stand with the drugs."),
                ),
            ),
            suggestions=("drugs", "label-regions"),
        ),
        Shape(
            "drugs",
            DrugForm,
            (
                Part(
                    "cautions",
                    CautionForm,
                    _("Cautions"),
                    _("caution"),
                    _("Add a caution"),
                    _("Every regimen with the drug inherits them."),
                ),
                Part(
                    "labels",
                    LabelForm,
                    _("Official labels"),
                    _("label"),
                    _("Add a label"),
                    _("One for each region, where its page was seen."),
                ),
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
                    _("Sources"),
                    _("source"),
                    _("Add a source"),
                    _("On what it rests; without any it is a convention, and readers are told so."),
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
                    _("On whose word"),
                    _("source"),
                    _("Add a source"),
                    _("guideline:KEY, publication:KEY, or licence:KEY of this regimen; at least one. Type to search."),
                    single="source",
                ),
            ),
            suggestions=("indication-sources",),
        ),
        Shape(
            "biomarkers",
            BiomarkerForm,
            (
                Part(
                    "prevalence",
                    PrevalenceForm,
                    _("How often positive"),
                    _("figure"),
                    _("Add a figure"),
                    _("One for each population."),
                ),
            ),
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
