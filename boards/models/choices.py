"""The enumerations of boards, each declared once with the wording that a reader sees."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person does on a board; `boards.members` says what each may."""

    MEMBER = "member", _("Member")
    CHAIR = "chair", _("Chair")
    COORDINATOR = "coordinator", _("Coordinator")
    READER = "reader", _("Reader")
    QUALITY = "quality", _("Quality manager")


# Those who vote, are counted in the quorum and sign.
DECIDING_ROLES = (Role.MEMBER, Role.CHAIR)


class Discipline(TextChoices):
    """The disciplines of a tumour board, by which a quorum can be set."""

    ONCOLOGY = "oncology", _("Medical oncology")
    SURGERY = "surgery", _("Surgery")
    PATHOLOGY = "pathology", _("Pathology")
    RADIOLOGY = "radiology", _("Radiology")
    NUCLEAR_MEDICINE = "nuclear-medicine", _("Nuclear medicine")
    RADIOTHERAPY = "radiotherapy", _("Radiation oncology")
    GASTROENTEROLOGY = "gastroenterology", _("Gastroenterology")
    ENDOCRINOLOGY = "endocrinology", _("Endocrinology")
    PULMONOLOGY = "pulmonology", _("Pulmonology")
    UROLOGY = "urology", _("Urology")
    GYNAECOLOGY = "gynaecology", _("Gynaecology")
    GENETICS = "genetics", _("Genetics and molecular pathology")
    PALLIATIVE_CARE = "palliative-care", _("Palliative care")
    NURSING = "nursing", _("Nursing")
    PHARMACY = "pharmacy", _("Pharmacy")
    OTHER = "other", _("Another discipline")


class Ballots(TextChoices):
    """How votes are shown once the vote is closed."""

    NAMED = "named", _("By name")
    ANONYMOUS = "anonymous", _("Anonymous")


class CaseStatus(TextChoices):
    PREPARED = "prepared", _("In preparation")
    WAITING = "waiting", _("Waits for the next meeting")
    LISTED = "listed", _("On an agenda")
    DECIDED = "decided", _("Decided")
    ARCHIVED = "archived", _("Archived")
    ERASED = "erased", _("Erased")


class ChoiceKind(TextChoices):
    """What a vote, a recommendation or a course is for; what it names is in `option`, or in words."""

    RANKED = "ranked", _("An option of the ranking")
    SUPPORTIVE = "best-supportive-care", _("Best supportive care alone")
    TRIAL = "trial", _("A clinical trial")
    TEST_FIRST = "test-first", _("A test first")
    COMBINATION = "combination", _("A combination of treatments")
    REBIOPSY = "re-biopsy", _("Another biopsy")
    GENETICS = "genetics-referral", _("Referral to genetics")
    OTHER = "other", _("Another treatment")
    ABSTENTION = "abstention", _("I abstain")


# Kinds whose `option` names something: a regimen, a trial's number, a feature that is to be tested.
NAMING = (ChoiceKind.RANKED, ChoiceKind.TRIAL, ChoiceKind.TEST_FIRST)
# Kinds that leave open which treatment is given.
BEFORE_TREATMENT = (ChoiceKind.TEST_FIRST, ChoiceKind.REBIOPSY, ChoiceKind.GENETICS)
# What a board can decide; and what can be given to a patient.
DECIDED_KINDS = tuple(kind for kind in ChoiceKind if kind != ChoiceKind.ABSTENTION)
GIVEN_KINDS = tuple(kind for kind in DECIDED_KINDS if kind not in BEFORE_TREATMENT)


class Reason(TextChoices):
    """Why an option was chosen that is not among the recommended."""

    WISH = "patients-wish", _("The patient’s wish")
    COMORBIDITY = "comorbidity", _("Comorbidity")
    TOXICITY = "toxicity-expected", _("Toxicity expected")
    AVAILABILITY = "availability", _("Availability")
    COST = "cost", _("Cost")
    PRIOR_EXPOSURE = "prior-exposure", _("Prior exposure")
    TRIAL = "trial-preferred", _("A trial is preferred")
    DISAGREES = "disagrees-with-evidence", _("Disagrees with the evidence")
    NONE_RECOMMENDED = "none-recommended", _("No treatment is recommended")
    OTHER = "other", _("Other")


class StepState(TextChoices):
    """How far a recommendation of a plan has come; one without a record of it is agreed."""

    AGREED = "agreed", _("Agreed")
    ASKED_FOR = "asked-for", _("Asked for")
    GOING_ON = "going-on", _("Under way")
    DONE = "done", _("Done")
    NOT_DONE = "not-done", _("Not carried out")


class NotDone(TextChoices):
    """Why a recommendation was not carried out."""

    WISH = "patients-wish", _("The patient’s wish")
    DETERIORATED = "deteriorated", _("The patient’s condition")
    DIED = "died", _("The patient died before")
    CONTRAINDICATED = "contraindicated", _("A contraindication was found")
    RESULT = "result", _("A result made it needless")
    CONDITION = "condition-not-met", _("Its condition was not met")
    NOT_ELIGIBLE = "not-eligible", _("Not eligible for the trial")
    TRIAL_CLOSED = "trial-closed", _("The trial did not recruit")
    UNAVAILABLE = "unavailable", _("Not available in time")
    NOT_FUNDED = "not-funded", _("Not funded")
    ELSEWHERE = "treated-elsewhere", _("Treated elsewhere")
    LOST = "lost", _("Lost to follow-up")
    CLINICIAN = "clinicians-decision", _("The treating clinician decided otherwise")
    OTHER = "other", _("Another reason")


class DevelopmentKind(TextChoices):
    """What happened after a decision that its board has to know."""

    LOST_STANDING = "lost-standing", _("The chosen option lost standing")
    GAINED_STANDING = "gained-standing", _("The chosen option gained standing")
    OTHER_FIRST = "other-first", _("Another option is first")
    NEW_CAUTION = "new-caution", _("A caution was added")
    TRIAL_CLOSED = "trial-closed", _("The trial no longer recruits")
    TRIAL_OPENED = "trial-opened", _("The trial recruits")
    RETRACTED = "retracted", _("A publication that was shown is retracted")
    NOT_RANKED = "not-ranked", _("The patient cannot be ranked any more")


class Acknowledged(TextChoices):
    """What a member answered to a development."""

    NO_CHANGE = "no-change", _("Seen, no change")
    LISTED_AGAIN = "listed-again", _("Listed again")
    NOT_GIVEN = "not-given", _("The patient is not on it any more")
