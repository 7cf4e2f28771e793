"""The enumerations of boards, each declared once with the wording that a reader sees."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    MEMBER = "member", _("Member")
    CHAIR = "chair", _("Chair")


class Ballots(TextChoices):
    """How votes are shown once the vote is closed."""

    NAMED = "named", _("By name")
    ANONYMOUS = "anonymous", _("Anonymous")


class CaseStatus(TextChoices):
    PREPARED = "prepared", _("In preparation")
    LISTED = "listed", _("On an agenda")
    DECIDED = "decided", _("Decided")
    ARCHIVED = "archived", _("Archived")
    ERASED = "erased", _("Erased")


class ChoiceKind(TextChoices):
    """What a vote or a decision is for; what it names is in `option`, or in words."""

    RANKED = "ranked", _("An option of the ranking")
    SUPPORTIVE = "best-supportive-care", _("Best supportive care alone")
    TRIAL = "trial", _("A clinical trial")
    TEST_FIRST = "test-first", _("A test first")
    OTHER = "other", _("Another treatment")


# Kinds whose `option` names something: a regimen, a trial's number, a feature that is to be tested.
NAMING = (ChoiceKind.RANKED, ChoiceKind.TRIAL, ChoiceKind.TEST_FIRST)


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
