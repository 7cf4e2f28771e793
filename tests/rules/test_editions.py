"""A release says of which edition of the method it is; this version ranks by one."""

from __future__ import annotations

import pytest

from regimens.rules.assessment import Case
from regimens.rules.knowledge import EDITION, Knowledge, KnowledgeError
from regimens.rules.patient import Patient
from regimens.rules.ranking import rank
from tests.factories.documents import BENCHMARK, IDENTITY, document

OF_THE_FIRST = {**document(), "edition": 1, "constants": BENCHMARK}


def test_one_that_says_nothing_else_is_of_this_one() -> None:
    with pytest.raises(KnowledgeError, match="no constants"):
        Knowledge.from_document(document(), release=IDENTITY)
    assert EDITION == 2


def test_one_of_the_first_is_read() -> None:
    knowledge = Knowledge.from_document(OF_THE_FIRST, release=IDENTITY)
    assert knowledge.edition == 1
    assert knowledge.nec_only.edition == 1
    assert knowledge.document is OF_THE_FIRST


def test_and_ranked_with_by_the_version_that_it_names() -> None:
    knowledge = Knowledge.from_document(OF_THE_FIRST, release=IDENTITY)
    patient = Patient.from_features({}, vocabulary=knowledge.vocabulary)
    said = r"is of edition 1 of the method, and this version ranks by edition 2: necapp 0\.1\.0 .*can rank with it"
    with pytest.raises(KnowledgeError, match=said):
        knowledge.patient({})
    with pytest.raises(KnowledgeError, match=said):
        rank(patient, knowledge)
    with pytest.raises(KnowledgeError, match=said):
        Case.of(patient, knowledge)
