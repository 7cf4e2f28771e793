"""The enumerations of the evidence base, each declared once with the wording that a reader sees.

Those whose values the rules go through are declared there: the sites of cohorts, regions and stances.
"""

from collections.abc import Mapping

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from regimens.rules.evidence import COHORT_SITES, STANCES
from regimens.rules.patient import REGIONS


def _listed(name: str, wordings: Mapping[str, str]) -> type[TextChoices]:
    """The enumeration of a list of the rules: its values, each with the message that is its wording."""
    members = [(value.upper().replace("-", "_"), (value, _(message))) for value, message in wordings.items()]
    return TextChoices(name, members, module=__name__)


class PublicationKind(TextChoices):
    RESULTS = "results", _("Results")
    PROTOCOL = "protocol", _("Protocol")
    ABSTRACT = "abstract", _("Meeting abstract")
    META_ANALYSIS = "meta-analysis", _("Meta-analysis")
    REVIEW = "review", _("Review")
    GUIDELINE = "guideline", _("Guideline")
    GENOMIC = "genomic", _("Genomic study")
    PATHOLOGY = "pathology", _("Pathology study")
    EPIDEMIOLOGY = "epidemiology", _("Epidemiology")
    APPROVAL = "approval", _("Approval")
    CASE_REPORT = "case-report", _("Case report")


class ReviewMark(TextChoices):
    """How the 2023 review marked a reference."""

    IMPORTANT = "important", _("Important")
    MAJOR = "major", _("Of major importance")


class Verified(TextChoices):
    """Where the figures of an entry were read."""

    FULLTEXT = "fulltext", _("read in full text")
    ABSTRACT = "abstract", _("read in the abstract")
    SECONDARY = "secondary", _("read second-hand")
    NONE = "none", _("not read")


# What somebody who reads figures has before them.
READABLE = (Verified.FULLTEXT, Verified.ABSTRACT, Verified.SECONDARY)


class ReadingKind(TextChoices):
    """As what figures were read."""

    FIRST = "first", _("first reading")
    SECOND = "second", _("second reading, without seeing the first")
    SETTLING = "settling", _("decided between two readings")


class ReadingOutcome(TextChoices):
    """Which of two readings that differ is right."""

    FIRST = "first", _("the figure on record")
    SECOND = "second", _("the second reading")
    NEITHER = "neither", _("neither")


class NoticeKind(TextChoices):
    """What was printed against a publication, the gravest first."""

    RETRACTION = "retraction", _("Retracted")
    EXPRESSION_OF_CONCERN = "expression-of-concern", _("Expression of concern")
    ERRATUM = "erratum", _("Corrected")


class Design(TextChoices):
    RANDOMISED_PHASE_3 = "randomised-phase-3", _("randomised phase III")
    RANDOMISED_PHASE_2 = "randomised-phase-2", _("randomised phase II")
    SINGLE_ARM_PHASE_2 = "single-arm-phase-2", _("single-arm phase II")
    BASKET_PHASE_2 = "basket-phase-2", _("basket phase II")
    PHASE_1 = "phase-1", _("phase I")
    PROSPECTIVE_OBSERVATIONAL = "prospective-observational", _("prospective observational")
    RETROSPECTIVE = "retrospective", _("retrospective")
    CASE_SERIES = "case-series", _("case series")
    CASE_REPORT = "case-report", _("case report")
    META_ANALYSIS = "meta-analysis", _("meta-analysis")
    REGISTRY = "registry", _("registry")


class Line(TextChoices):
    FIRST = "first", _("first line")
    SECOND = "second", _("second line")
    LATER = "later", _("later lines")
    SECOND_OR_LATER = "second-or-later", _("second or later line")
    ANY = "any", _("any line")


class Histology(TextChoices):
    """Whom a cohort holds: not to be confused with the histology of a patient."""

    NEC = "nec", _("NEC")
    G3_MIXED = "g3-mixed", _("NEC and NET G3")
    NEN_MIXED = "nen-mixed", _("neuroendocrine neoplasms of any grade")
    NET_G3 = "net-g3", _("NET G3")
    SCLC = "sclc", _("small-cell lung cancer")
    LUNG_LCNEC = "lung-lcnec", _("large-cell NEC of the lung")
    TUMOUR_AGNOSTIC = "tumour-agnostic", _("any tumour with the biomarker")
    OTHER_SOLID = "other-solid", _("other solid tumours")


Site = _listed("Site", COHORT_SITES)


class SelectionBiomarker(TextChoices):
    """The biomarker by which a study or trial selected its patients."""

    BRAF_V600E = "braf-v600e", "BRAF V600E"
    MSI_H = "msi-h", _("MSI-high")
    TMB_H = "tmb-h", _("TMB-high")
    NTRK = "ntrk", _("NTRK fusion")
    RET = "ret", _("RET fusion")
    HER2 = "her2", "HER2"
    DLL3 = "dll3", "DLL3"
    SSTR = "sstr", "SSTR"
    KRAS_G12C = "kras-g12c", "KRAS G12C"
    PD_L1 = "pd-l1", "PD-L1"


class SubgroupKind(TextChoices):
    KI67 = "ki67", "Ki-67"
    HISTOLOGY = "histology", _("Histology")
    SITE = "site", _("Primary site")
    BIOMARKER = "biomarker", _("Biomarker")
    LINE = "line", _("Line")
    PLATINUM = "platinum", _("Platinum response")
    OTHER = "other", _("Other")


class ConfidenceLevel(IntegerChoices):
    """Percent, where the intervals of a cohort are not 95 % ones."""

    EIGHTY = 80, "80 %"
    NINETY = 90, "90 %"
    NINETY_FIVE = 95, "95 %"


class Endpoint(TextChoices):
    OVERALL_SURVIVAL = "os", _("Overall survival")
    PROGRESSION_FREE_SURVIVAL = "pfs", _("Progression-free survival")


class HazardRatioEndpoint(TextChoices):
    OVERALL_SURVIVAL = "os", _("Overall survival")
    PROGRESSION_FREE_SURVIVAL = "pfs", _("Progression-free survival")
    TIME_TO_TREATMENT_FAILURE = "ttf", _("Time to treatment failure")


class Setting(TextChoices):
    """Later-line regimens are ranked; the others are in the library."""

    LATER_LINE = "later-line", _("Later line")
    FIRST_LINE = "first-line", _("First line")
    COMPARATOR = "comparator", _("Comparator")
    REGISTRY_ONLY = "registry-only", _("Named by a trial only")


Region = _listed("Region", REGIONS)


class Availability(TextChoices):
    """What holds in a region where no licence is true; what nobody could read is shown so, and ranked as off-label."""

    OFF_LABEL = "off-label", _("off-label")
    INVESTIGATIONAL = "investigational", _("investigational")
    UNAVAILABLE = "unavailable", _("not available")
    NOT_VERIFIED = "not-verified", _("availability not verified")


class Covers(TextChoices):
    """Whether a licence covers a NEC that meets its criterion."""

    YES = "yes", _("licensed for this")
    ARGUABLE = "arguable", _("names the cancer of the site, and no histology")
    NO = "no", _("licensed for another disease")
    REIMBURSED = "reimbursed", _("paid for by ruling, without a licence")


class LicenceKind(TextChoices):
    FULL = "full", _("full licence")
    ACCELERATED = "accelerated", _("accelerated approval")
    CONDITIONAL = "conditional", _("conditional licence")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ClassResistance(TextChoices):
    """What progression on a drug says of others of its class."""

    AVOID = "avoid", _("Avoid")
    CAUTION = "caution", _("Caution")
    NONE = "none", _("nothing")


class CautionLevel(TextChoices):
    CONTRAINDICATED = "contraindicated", _("Contraindicated")
    AVOID = "avoid", _("Avoid")
    CAUTION = "caution", _("Caution")


Stance = _listed("Stance", STANCES)


class GuidelineTopic(TextChoices):
    FIRST_LINE = "first-line", _("First line")
    SECOND_LINE = "second-line", _("Second line")
    RECHALLENGE = "rechallenge", _("Platinum again")
    BIOMARKER_TESTING = "biomarker-testing", _("Biomarker testing")
    IMMUNOTHERAPY = "immunotherapy", _("Immunotherapy")
    TARGETED = "targeted", _("Targeted treatment")
    PRRT = "prrt", _("Radioligand therapy")
    NET_G3 = "net-g3", _("NET G3")
    DIAGNOSIS = "diagnosis", _("Diagnosis")
    SUPPORTIVE = "supportive", _("Supportive care")


class TrialPhase(TextChoices):
    PHASE_1 = "1", "I"
    PHASE_1_2 = "1/2", "I/II"
    PHASE_2 = "2", "II"
    PHASE_2_3 = "2/3", "II/III"
    PHASE_3 = "3", "III"


class TrialStatus(TextChoices):
    """As the newest page shown gave it, which may be years old."""

    RECRUITING = "recruiting", _("Recruiting")
    NOT_YET_RECRUITING = "not-yet-recruiting", _("Not yet recruiting")
    ENROLLING_BY_INVITATION = "enrolling-by-invitation", _("Enrolling by invitation")
    ACTIVE_NOT_RECRUITING = "active-not-recruiting", _("Active, not recruiting")
    SUSPENDED = "suspended", _("Suspended")
    COMPLETED = "completed", _("Completed")
    TERMINATED = "terminated", _("Terminated")
    WITHDRAWN = "withdrawn", _("Withdrawn before anyone was enrolled")
    UNKNOWN = "unknown", _("Unknown")


class EntryKind(TextChoices):
    """The lists of the evidence base, by their names in `knowledge.document.ENTRIES`."""

    EXPOSURE_CLASSES = "exposure_classes", _("exposure class")
    DRUGS = "drugs", _("drug")
    REGIMENS = "regimens", _("regimen")
    LICENCES = "licences", _("licence")
    GUIDELINES = "guidelines", _("guideline statement")
    PUBLICATIONS = "publications", _("publication")
    INDICATIONS = "indications", _("indication")
    BIOMARKERS = "biomarkers", _("biomarker")
    TRIALS = "trials", _("trial")


class Origin(TextChoices):
    SHIPPED = "shipped", _("as shipped")
    BASELINE = "baseline", _("baseline of this installation")
    CURATED = "curated", _("curated")
    UPGRADED = "upgraded", _("made by the upgrade to the second edition")


class ReportState(TextChoices):
    """What became of a report that something is wrong."""

    OPEN = "open", _("open")
    IN_WORK = "in-work", _("being looked into")
    ANSWERED = "answered", _("answered")
    DECLINED = "declined", _("declined")


class ProposalStatus(TextChoices):
    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    CHANGE_ASKED = "change-asked", _("change asked for")
    SUPERSEDED = "superseded", _("superseded")
    WITHDRAWN = "withdrawn", _("withdrawn")


# What a reviewer decides.
REVIEWED = (ProposalStatus.ACCEPTED, ProposalStatus.REJECTED, ProposalStatus.CHANGE_ASKED)


class PackageStatus(TextChoices):
    """Where a work package stands; its proposals are decided with it."""

    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    CHANGE_ASKED = "change-asked", _("change asked for")
    WITHDRAWN = "withdrawn", _("withdrawn")


# While a work package is edited by who began it.
IN_WORK = (PackageStatus.DRAFT, PackageStatus.CHANGE_ASKED)


class QuestionAnswer(TextChoices):
    """What a curator answers where a record says other than the evidence base, which seems to know better."""

    KEEP = "keep", _("keep what is here")
    TAKE = "take", _("take what was read")


class InForceBy(TextChoices):
    """How a release comes into force."""

    PUBLISHING = "publishing", _("publishing")
    REINSTATING = "reinstating", _("putting back in force")
    IMPORTING = "importing", _("importing")


class SurveySource(TextChoices):
    """Where saved searches look for what is new; their wording is public: until when each was searched."""

    PUBMED = "pubmed", _("PubMed")
    PUBMED_HELD = "pubmed-held", _("PubMed, notices against what is held")
    TRIALS = "clinicaltrials", _("ClinicalTrials.gov")
    TRIALS_HELD = "clinicaltrials-held", _("ClinicalTrials.gov, trials that are held")
    FEED = "feed", _("Feeds")


# Searches that ask about every entry that is held, and need no query of their own.
ASKS_ABOUT_HELD = (SurveySource.PUBMED_HELD, SurveySource.TRIALS_HELD)


class FindingKind(TextChoices):
    """What a search found."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")


class FindingState(TextChoices):
    """What people decided on something that a search found."""

    UNDECIDED = "undecided", _("to decide")
    LATER = "later", _("later")
    INCLUDED = "included", _("included")
    EXCLUDED = "excluded", _("excluded")


class ExclusionReason(TextChoices):
    """Why something that a search found is left out."""

    LUNG_ONLY = "lung-only", _("lung only")
    WELL_DIFFERENTIATED = "well-differentiated", _("well differentiated")
    FIRST_LINE = "first-line", _("first line only")
    TOO_FEW = "too-few", _("fewer than five patients")
    NO_OUTCOME = "no-outcome", _("no outcome reported")
    REVIEW = "review", _("review without figures of its own")
    SAME_DATA = "same-data", _("same data as one that is held")
    OFF_TOPIC = "off-topic", _("another subject")
    OTHER = "other", _("another reason")
