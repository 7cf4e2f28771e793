"""Where an answer leads that ranks nothing: why, and which pages of the library hold what was read for this patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from regimens.models.choices import GuidelineTopic
from regimens.rules.knowledge import Knowledge
from regimens.rules.patient import Patient
from regimens.rules.ranking import Ranking
from regimens.wording.sentences import ACTIVE


@dataclass(frozen=True)
class Lead:
    """A page to go on to, narrowed to what is asked."""

    words: str
    url: str


@dataclass(frozen=True)
class OutOfScope:
    """Why nothing is ranked, what that means, and where to go on."""

    reason: str
    note: str
    leads: tuple[Lead, ...]

    def within(self, base: str) -> OutOfScope:
        """The same for a text that leaves the application, which is at `base`."""
        return replace(self, leads=tuple(Lead(lead.words, f"{base}{lead.url}") for lead in self.leads))


def out_of_scope(ranking: Ranking, knowledge: Knowledge) -> tuple[OutOfScope, ...]:
    """One for each reason, in the order of METHOD, section 1; none where options are ranked."""
    return tuple(
        OutOfScope(
            sentence.worded(ACTIVE),
            _note(code, ranking.patient),
            tuple(_leads(code, ranking.patient, knowledge)),
        )
        for code, sentence in ranking.scope.reasons
    )


def _note(code: str, patient: Patient) -> str:
    if code == "site" and patient.values["primary_site"] == "skin":
        return _("Merkel cell carcinoma was read of in passing only: its own guidelines are the place to look.")
    if code == "site":
        return _(
            "What was read here of tumours in the chest was read for what an extrapulmonary NEC may borrow from it: "
            "their own guidelines are the place to look."
        )
    if code == "first-line" and not patient.knows("platinum_best_response"):
        return _("If platinum was given, enter it under “Treatment so far”: the lines after it are then ranked.")
    return ""


def _leads(code: str, patient: Patient, knowledge: Knowledge) -> Iterator[Lead]:
    site = patient.values.get("primary_site")
    if code == "site" and site == "lung":
        yield _evidence(_("Studies of small-cell lung cancer"), histology="sclc")
        yield _evidence(_("Studies of large-cell NEC of the lung"), histology="lung-lcnec")
        yield _trials(_("Trials that take primaries in the lung"), site="lung")
    elif code == "site":
        place = _("the skin") if site == "skin" else _("the thymus")
        yield _evidence(_("Studies that took primaries in %(place)s") % {"place": place}, site=str(site))
        if any(site in trial["sites"] for trial in knowledge.document["trials"]):
            yield _trials(_("Trials that take primaries in %(place)s") % {"place": place}, site=str(site))
    elif code == "first-line":
        yield _guidelines(GuidelineTopic.FIRST_LINE)
        if _is_studied_first(str(site), knowledge):
            yield _evidence(_("Studies of the first line at this site"), line="first", site=str(site))
        yield _evidence(_("Studies of the first line in NEC"), line="first", histology="nec")
        yield _trials(_("Trials in the first line"), line="first")
    elif code == "net-g3":
        yield _evidence(_("Studies with NET G3"), histology="net-g3")
        for topic in (GuidelineTopic.NET_G3, GuidelineTopic.PRRT, GuidelineTopic.DIAGNOSIS):
            yield _guidelines(topic)
    elif code == "pregnancy":
        yield Lead(_("What the labels say of each drug"), reverse("drugs"))


def _evidence(words: str, **narrowed: str) -> Lead:
    return Lead(words, f"{reverse('evidence')}?{urlencode(narrowed)}")


def _trials(words: str, **narrowed: str) -> Lead:
    return Lead(words, f"{reverse('trials')}?{urlencode(narrowed)}")


def _guidelines(topic: GuidelineTopic) -> Lead:
    words = _("What guidelines say: %(topic)s") % {"topic": topic.label}
    return Lead(words, f"{reverse('guidelines')}?{urlencode({'topic': topic.value})}")


def _is_studied_first(site: str, knowledge: Knowledge) -> bool:
    """Whether any publication reports first line at a site."""
    studies = [publication["study"] for publication in knowledge.publications.values() if publication["study"]]
    return any(study["line"] == "first" and site in (study["sites"] or ()) for study in studies)
