"""The enumerations of the evidence base, each declared once with the wording that a reader sees."""

from django.db.models import IntegerChoices, TextChoices


class PublicationKind(TextChoices):
    RESULTS = "results", "Results"
    PROTOCOL = "protocol", "Protocol"
    ABSTRACT = "abstract", "Meeting abstract"
    META_ANALYSIS = "meta-analysis", "Meta-analysis"
    REVIEW = "review", "Review"
    GUIDELINE = "guideline", "Guideline"
    GENOMIC = "genomic", "Genomic study"
    PATHOLOGY = "pathology", "Pathology study"
    EPIDEMIOLOGY = "epidemiology", "Epidemiology"
    APPROVAL = "approval", "Approval"
    CASE_REPORT = "case-report", "Case report"


class ReviewMark(TextChoices):
    """How the 2023 review marked a reference."""

    IMPORTANT = "important", "Important"
    MAJOR = "major", "Of major importance"


class Verified(TextChoices):
    """Where the figures of an entry were read."""

    FULLTEXT = "fulltext", "read in full text"
    ABSTRACT = "abstract", "read in the abstract"
    SECONDARY = "secondary", "read second-hand"
    NONE = "none", "not read"


class Design(TextChoices):
    RANDOMISED_PHASE_3 = "randomised-phase-3", "randomised phase III"
    RANDOMISED_PHASE_2 = "randomised-phase-2", "randomised phase II"
    SINGLE_ARM_PHASE_2 = "single-arm-phase-2", "single-arm phase II"
    BASKET_PHASE_2 = "basket-phase-2", "basket phase II"
    PHASE_1 = "phase-1", "phase I"
    PROSPECTIVE_OBSERVATIONAL = "prospective-observational", "prospective observational"
    RETROSPECTIVE = "retrospective", "retrospective"
    CASE_SERIES = "case-series", "case series"
    CASE_REPORT = "case-report", "case report"
    META_ANALYSIS = "meta-analysis", "meta-analysis"
    REGISTRY = "registry", "registry"


class Line(TextChoices):
    FIRST = "first", "first line"
    SECOND = "second", "second line"
    LATER = "later", "later lines"
    SECOND_OR_LATER = "second-or-later", "second or later line"
    ANY = "any", "any line"


class Histology(TextChoices):
    """Whom a cohort holds: not to be confused with the histology of a patient."""

    NEC = "nec", "NEC"
    G3_MIXED = "g3-mixed", "NEC and NET G3"
    NEN_MIXED = "nen-mixed", "neuroendocrine neoplasms of any grade"
    NET_G3 = "net-g3", "NET G3"
    SCLC = "sclc", "small-cell lung cancer"
    LUNG_LCNEC = "lung-lcnec", "large-cell NEC of the lung"
    TUMOUR_AGNOSTIC = "tumour-agnostic", "any tumour with the biomarker"
    OTHER_SOLID = "other-solid", "other solid tumours"


class Site(TextChoices):
    """Primary sites of a cohort; a group stands for its members."""

    OESOPHAGUS = "oesophagus", "oesophagus"
    STOMACH = "stomach", "stomach"
    GASTRO_OESOPHAGEAL = "gastro-oesophageal", "oesophagus and stomach"
    SMALL_BOWEL = "small-bowel", "small bowel"
    COLORECTAL = "colorectal", "colon and rectum"
    ANAL = "anal", "anal canal"
    PANCREAS = "pancreas", "pancreas"
    BILIARY = "biliary", "biliary tract"
    LIVER = "liver", "liver"
    GEP = "gep", "gastroenteropancreatic"
    GYNAECOLOGICAL = "gynaecological", "gynaecological"
    BLADDER = "bladder", "bladder"
    PROSTATE = "prostate", "prostate"
    GENITOURINARY = "genitourinary", "genitourinary"
    HEAD_NECK = "head-neck", "head and neck"
    BREAST = "breast", "breast"
    THYMUS = "thymus", "thymus"
    SKIN = "skin", "skin"
    LUNG = "lung", "lung"
    UNKNOWN_PRIMARY = "unknown-primary", "unknown primary"
    OTHER = "other", "other"
    ANY = "any", "any site"


class SelectionBiomarker(TextChoices):
    """The biomarker by which a study or trial selected its patients."""

    BRAF_V600E = "braf-v600e", "BRAF V600E"
    MSI_H = "msi-h", "MSI-high"
    TMB_H = "tmb-h", "TMB-high"
    NTRK = "ntrk", "NTRK fusion"
    RET = "ret", "RET fusion"
    HER2 = "her2", "HER2"
    DLL3 = "dll3", "DLL3"
    SSTR = "sstr", "SSTR"
    KRAS_G12C = "kras-g12c", "KRAS G12C"
    PD_L1 = "pd-l1", "PD-L1"


class SubgroupKind(TextChoices):
    KI67 = "ki67", "Ki-67"
    HISTOLOGY = "histology", "Histology"
    SITE = "site", "Primary site"
    BIOMARKER = "biomarker", "Biomarker"
    LINE = "line", "Line"
    PLATINUM = "platinum", "Platinum response"
    OTHER = "other", "Other"


class ConfidenceLevel(IntegerChoices):
    """Percent, where the intervals of a cohort are not 95 % ones."""

    EIGHTY = 80, "80 %"
    NINETY = 90, "90 %"
    NINETY_FIVE = 95, "95 %"


class Endpoint(TextChoices):
    OVERALL_SURVIVAL = "os", "Overall survival"
    PROGRESSION_FREE_SURVIVAL = "pfs", "Progression-free survival"


class HazardRatioEndpoint(TextChoices):
    OVERALL_SURVIVAL = "os", "Overall survival"
    PROGRESSION_FREE_SURVIVAL = "pfs", "Progression-free survival"
    TIME_TO_TREATMENT_FAILURE = "ttf", "Time to treatment failure"


class Setting(TextChoices):
    """Later-line regimens are ranked; the others are in the library."""

    LATER_LINE = "later-line", "Later line"
    FIRST_LINE = "first-line", "First line"
    COMPARATOR = "comparator", "Comparator"
    REGISTRY_ONLY = "registry-only", "Named by a trial only"


class Region(TextChoices):
    US = "US", "United States"
    EU = "EU", "European Union"
    UK = "UK", "United Kingdom"
    JP = "JP", "Japan"
    CN = "CN", "China"


class Availability(TextChoices):
    """For EP-NEC, in a region; what nobody could read is shown so, and ranked as off-label."""

    APPROVED = "approved", "approved"
    OFF_LABEL = "off-label", "off-label"
    INVESTIGATIONAL = "investigational", "investigational"
    UNAVAILABLE = "unavailable", "not available"
    NOT_VERIFIED = "not-verified", "availability not verified"


class CautionLevel(TextChoices):
    CONTRAINDICATED = "contraindicated", "Contraindicated"
    AVOID = "avoid", "Avoid"
    CAUTION = "caution", "Caution"


class Stance(TextChoices):
    RECOMMEND = "recommend", "Recommended"
    CONSIDER = "consider", "To be considered"
    AGAINST = "against", "Advised against"


class GuidelineTopic(TextChoices):
    FIRST_LINE = "first-line", "First line"
    SECOND_LINE = "second-line", "Second line"
    RECHALLENGE = "rechallenge", "Platinum again"
    BIOMARKER_TESTING = "biomarker-testing", "Biomarker testing"
    IMMUNOTHERAPY = "immunotherapy", "Immunotherapy"
    TARGETED = "targeted", "Targeted treatment"
    PRRT = "prrt", "Radioligand therapy"
    NET_G3 = "net-g3", "NET G3"
    DIAGNOSIS = "diagnosis", "Diagnosis"
    SUPPORTIVE = "supportive", "Supportive care"


class TrialPhase(TextChoices):
    PHASE_1 = "1", "I"
    PHASE_1_2 = "1/2", "I/II"
    PHASE_2 = "2", "II"
    PHASE_2_3 = "2/3", "II/III"
    PHASE_3 = "3", "III"


class TrialStatus(TextChoices):
    """As the newest page shown gave it, which may be years old."""

    RECRUITING = "recruiting", "Recruiting"
    NOT_YET_RECRUITING = "not-yet-recruiting", "Not yet recruiting"
    ACTIVE_NOT_RECRUITING = "active-not-recruiting", "Active, not recruiting"
    COMPLETED = "completed", "Completed"
    TERMINATED = "terminated", "Terminated"
    UNKNOWN = "unknown", "Unknown"
