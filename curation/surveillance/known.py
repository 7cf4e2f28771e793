"""Whether something that was found is known: held, proposed, or found before, in whatever form it came then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from curation.identity import Identified, Likeness, bears_the_title, identified, likeness, of_citation
from curation.models import SurveyFinding

from .records import NCT_NUMBER, Record


@dataclass
class Texts:
    """Texts by what identifies them; of those that words alone can tell, those of near years are compared."""

    by_pmid: dict[str, str] = field(default_factory=dict)
    by_doi: dict[str, str] = field(default_factory=dict)
    by_year: dict[int | None, list[tuple[str, Identified]]] = field(default_factory=dict)

    def add(self, key: str, text: Identified) -> None:
        if text.pmid:
            self.by_pmid.setdefault(text.pmid, key)
        if text.doi:
            self.by_doi.setdefault(text.doi, key)
        self.by_year.setdefault(text.year, []).append((key, text))

    def find(self, text: Identified) -> tuple[str, Likeness] | None:
        """The key of the same text, and by what it is the same; None where none is."""
        if text.pmid and (key := self.by_pmid.get(text.pmid)):
            return key, Likeness.PMID
        if text.doi and (key := self.by_doi.get(text.doi)):
            return key, Likeness.DOI
        if not text.title:
            return None
        years = {text.year, None} | ({text.year - 1, text.year + 1} if text.year else set(self.by_year))
        for year in sorted(years, key=str):
            for key, other in self.by_year.get(year, ()):
                if likeness(text, other) is Likeness.WORDS:
                    return key, Likeness.WORDS
        return None

    def find_title(self, text: Identified) -> tuple[str, Likeness] | None:
        """The key of a text with this title, though identifiers or authors differ: for a person to look at."""
        texts = (held for in_year in self.by_year.values() for held in in_year)
        return next(((key, Likeness.TITLE) for key, other in texts if bears_the_title(text, other)), None)


class Known:
    """What is held, proposed and found before, as one look sees it; what it finds itself is added as it goes."""

    def __init__(
        self,
        evidence: Mapping[str, Mapping[str, Mapping[str, Any]]],
        proposed: Mapping[str, Mapping[str, Mapping[str, Any]]],
        found: Iterable[SurveyFinding],
    ):
        self.publications = evidence["publications"]
        self.trials = evidence["trials"]
        self.held, self.proposed, self.found = Texts(), Texts(), Texts()
        for key, entry in self.publications.items():
            self.held.add(key, identified(entry))
        for key, entry in proposed["publications"].items():
            self.proposed.add(key, identified(entry))
        self.proposed_trials = set(proposed["trials"])
        self.identities: dict[str, int] = {}
        for finding in found:
            self.add_found(finding)
        self._studies = dict(self._registered())

    def add_found(self, finding: SurveyFinding) -> None:
        self.identities[finding.identity] = finding.pk
        if not finding.nct:
            text = of_citation(
                pmid=finding.pmid, doi=finding.doi, title=finding.title, year=finding.year, author=finding.author
            )
            self.found.add(str(finding.pk), text)

    def before(self, record: Record) -> int | None:
        """The finding that is the same, by its id."""
        if (pk := self.identities.get(record.identity)) is not None:
            return pk
        same = None if record.nct else self.found.find(record.identified)
        return int(same[0]) if same else None

    def is_held_or_proposed(self, record: Record) -> bool:
        if record.nct:
            return record.nct in self.trials or record.nct in self.proposed_trials
        return bool(self.held.find(record.identified) or self.proposed.find(record.identified))

    def same_study(self, record: Record) -> str:
        """The key of a held publication or trial of the same register number; empty where there is none."""
        return next((self._studies[number] for number in record.registers if number in self._studies), "")

    def _registered(self) -> Iterable[tuple[str, str]]:
        """Register numbers and what is held of them: trials first, so that publications count."""
        for nct in self.trials:
            yield nct, nct
        for key, entry in self.publications.items():
            given = [(entry["study"] or {}).get("registry_id") or "", entry["study_key"] or ""]
            for number in NCT_NUMBER.findall(" ".join(given)):
                yield number, key
