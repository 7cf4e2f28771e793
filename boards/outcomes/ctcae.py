"""Adverse events as the Common Terminology Criteria (CTCAE) of the National Cancer Institute, version 5.0, call them.

Those that are frequent under, or typical of, what is given in later lines; others are typed in words. The terms stay in
English, as the criteria are published.
"""

from __future__ import annotations

VERSION = "5.0"
TERMS = (
    *("Abdominal pain", "Adrenal insufficiency", "Alanine aminotransferase increased", "Allergic reaction"),
    *("Alopecia", "Anemia", "Anorexia", "Aspartate aminotransferase increased", "Blood bilirubin increased"),
    *("Colitis", "Constipation", "Creatinine increased", "Cytokine release syndrome", "Dehydration", "Diarrhea"),
    *("Dysgeusia", "Dyspnea", "Electrocardiogram QT corrected interval prolonged", "Fatigue", "Febrile neutropenia"),
    *("Fever", "Heart failure", "Hyperglycemia", "Hypertension", "Hyperthyroidism", "Hypokalemia", "Hypomagnesemia"),
    *("Hyponatremia", "Hypophysitis", "Hypothyroidism", "Infusion related reaction", "Lipase increased"),
    *("Lung infection", "Lymphocyte count decreased", "Mucositis oral", "Myelodysplastic syndrome", "Myocarditis"),
    *("Nausea", "Neutrophil count decreased", "Palmar-plantar erythrodysesthesia syndrome"),
    *("Peripheral sensory neuropathy", "Platelet count decreased", "Pneumonitis", "Proteinuria", "Pruritus"),
    *("Rash maculo-papular", "Sepsis", "Stroke", "Thromboembolic event", "Vomiting", "Weight loss"),
    "White blood cell decreased",
)
_SPELT = {term.casefold(): term for term in TERMS}


def spelt(term: str) -> str:
    """A term as the list spells it; as it was typed where the list does not have it."""
    return _SPELT.get(term.casefold(), term)


def is_listed(term: str) -> bool:
    return term in TERMS
