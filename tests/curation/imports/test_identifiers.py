"""What people paste to name a text or a trial."""

from __future__ import annotations

import pytest

from curation.imports.identifiers import identifier_in

PASTED = {
    "37142372": "PMID 37142372",
    "PMID: 37142372": "PMID 37142372",
    "https://pubmed.ncbi.nlm.nih.gov/37142372/?from=x": "PMID 37142372",
    "https://doi.org/10.1016/S0140-6736(23)00001-2": "DOI 10.1016/S0140-6736(23)00001-2",
    "doi:10.1016/j.ejca.2017.04.009.": "DOI 10.1016/j.ejca.2017.04.009",
    "(10.1000/x-1)": "DOI 10.1000/x-1",
    "https://www.nature.com/articles/10.1038/s41591-020-0979-z/full?x=1": "DOI 10.1038/s41591-020-0979-z",
    "https://doi.org/10.1002%2Fcncr.123": "DOI 10.1002/cncr.123",
    " nct05882058 ": "NCT05882058",
    "https://clinicaltrials.gov/study/NCT05882058?tab=table": "NCT05882058",
    "PMC123": None,
    "123456789": None,
    "NCT058820581": None,
    "walter 2023": None,
    "": None,
}


@pytest.mark.parametrize("text", PASTED)
def test_what_was_pasted_is_understood(text: str) -> None:
    found = identifier_in(text)
    assert (str(found) if found else None) == PASTED[text]
