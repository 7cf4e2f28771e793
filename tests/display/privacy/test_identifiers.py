"""The guard of labels: what looks as if it identified somebody, in the languages of the interface."""

from __future__ import annotations

import pytest

from display.privacy.identifiers import Reading, findings

REFUSED = {
    "name": [
        *("Anna Schmidt", "Schmidt, Anna", "anna schmidt", "SCHMIDT, KLAUS", "Müller-Lüdenscheidt Karl", "Karl-Heinz"),
        *(
            "J. Smith",
            "Smith J.",
            "Smith, J.",
            "A.S., 63",
            "A. S.",
            "Mr Weiss",
            "Mrs. Weiss",
            "Frau Weiss",
            "Dr. Weiss",
        ),
        *(
            "Weiss",
            "Müller 3",
            "Colon Dupont",
            "García",
            "Herr von Weissenstein",
            "Frau K.",
            "Mr O'Neill",
            "Patient Okonkwo",
        ),
        *("Hr. Weiss", "Prof. Weiss", "O’Neill Brennan", "Lieberman Weissenstein", "LIEBERMAN, WEISSENSTEIN"),
        *("Colon Maria", "Kolon, Frau Özdemir", "An\u200bna Schmidt", "Petra"),
        *("Mme Weiss", "Mlle Weiss", "M. Weiss", "Pr Weiss", "Madame Weiss", "Amélie", "AMELIE", "Colon François"),
        *("Sra. Weiss", "Sr. Weiss", "Doña Weiss", "Dra. Weiss", "Álvaro", "Colon Lucía", "Weissmann Delacroix"),
    ],
    "date": [
        *("3.4.1957", "03/04/57", "03-04-1957", "1957-04-03", "1957/4/3", "3 April 1957", "3. April", "3rd of April"),
        *("April 3, 1957", "den 12. März 61", "colon 3.4.57", "12 dez 1960", "３.４.１９５７"),
        *("1er avril", "3 février 57", "le 14 juillet", "12 août 1960", "3 de abril", "12 de enero de 61", "4 dic 60"),
    ],
    "birth": [
        *("born 1957", "geb. 57", "geboren 57", "Geburtsjahr 57", "DOB 57", "d.o.b. 57", "* 1957"),
        *("né en 57", "née Weiss", "date de naissance 57", "DDN 57"),
        *("nacida en 57", "fecha de nacimiento 57", "F. nac. 57"),
    ],
    "number": ["123456", "12 34 56", "K-123456", "0171 234567", "1957-04", "12-345-67", "A123456789", "１２３４５６"],
    "record": [
        *("MRN 1234", "mrn: A12", "PID 77", "Pat.-Nr. 4711", "Patienten-ID 12", "Patientennummer 47", "Fallnummer 471"),
        *(
            "Fall-Nr. 471",
            "hospital no. 12",
            "Hospital number 12",
            "record no 7",
            "NHS 943",
            "KVNR A12",
            "Aktenzeichen 7",
        ),
        *("IPP 1234", "NIP: 12", "dossier n° 12", "Dossier médical n° A12", "N° de dossier 47", "numéro patient 47"),
        *(
            "NHC 1234",
            "DNI 12",
            "historia clínica 12",
            "nº de historia 12",
            "Número de expediente 7",
            "expediente nº 7",
        ),
    ],
    "address": ["weiss@example.org"],
}
ALLOWED = [
    *("Colon 7", "Case 12", "Fall 12", "2026-14", "K-2026-14", "Board 12/2026", "Blue Heron", "Patient B"),
    *("Colon NEC, second line", "Pancreas Large Cell", "Kolon Rezidiv nach FOLFIRI", "Kleinzelliges Kolonkarzinom"),
    *("Pankreas, Zweitlinie nach Platin", "NCT02820857 candidate", "Ki-67 80", "E. coli", "T. N. M.", "Rectum, 62 y"),
    *("Pancreas 3, March 2026", "Magen 2, März 2026", "Small Bowel Primary", "HER2 3+", "ECOG 1", "Herr der Ringe"),
    *("Unknown Primary, liver", "Merkel Cell", "Dünndarm Primärtumor", "Fall Nord", "Monday Case"),
    *("Côlon, deuxième ligne après platine", "Pancréas Grandes Cellules", "Dossier 12", "RCP 12/2026", "Patiente B"),
    *("Vésicule Biliaire", "Récidive Hépatique", "Cas Lundi", "Pancréas 3, mars 2026", "Col de l’utérus", "Cas Nord"),
    *("Páncreas Célula Grande", "Colon, segunda línea tras platino", "Caso 12", "Comité 12/2026", "Paciente B"),
    *("Vesícula Biliar", "Recidiva Hepática", "Pulmón 3, mayo 2026", "Intestino Delgado Primario", "Lunes Caso"),
]


@pytest.mark.parametrize(("kind", "label"), [(kind, label) for kind, labels in REFUSED.items() for label in labels])
def test_what_looks_as_if_it_identified_somebody_is_found(kind: str, label: str) -> None:
    assert kind in {finding.kind for finding in findings(label)}


@pytest.mark.parametrize("label", ALLOWED)
def test_an_ordinary_label_passes(label: str) -> None:
    assert findings(label) == ()


@pytest.mark.parametrize(
    ("notes", "kinds"),
    [
        ("Zunehmende Müdigkeit seit März. Bildgebung steht aus.", set()),
        ("Liver Lesions Growing. Wants treatment close to home.", set()),
        ("Frau Weiss wünscht keine Infusion.", {"name"}),
        ("Seen by Dr. Weiss on 3.4.2026.", {"name", "date"}),
        ("Lisa asks for a second opinion", {"name"}),
        ("MRN 12345678", {"record", "number"}),
    ],
)
def test_in_prose_capitals_are_no_sign(notes: str, kinds: set[str]) -> None:
    assert {finding.kind for finding in findings(notes, Reading.PROSE)} == kinds
