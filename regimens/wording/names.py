"""Names as they are searched: by the form's list of earlier treatment, and by the library.

`static/patient.js` writes what is typed there in the same way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from display.cache import kept


# Some thousand names and titles, asked for again by each release, language and search.
@kept(most=8192)
def plain(name: str) -> str:
    """A name as it is searched: "CPT-11" and "cpt 11" as "cpt11" and "cpt 11", without accents and signs.

    What stands between two names, as in "nivo/ipi" and "nivo + ipi", parts them.
    """
    letters = re.sub(r"[/+&,;]", " ", unicodedata.normalize("NFKD", name).casefold())
    return " ".join(re.sub(r"[^\w\s]|_", "", letters).split())


def bare(name: str) -> str:
    """The same without spaces: "5-FU" and "5 FU" are one name."""
    return plain(name).replace(" ", "")


# How many errors of typing a name may have: of so many letters at least. Shorter ones are too much like each other. Of
# two errors none is in the first letter.
ERRORS = ((10, 2), (5, 1))


def is_nearly(typed: str, name: str) -> bool:
    """Whether a name was meant by one who mistyped it: letters left out, added, changed, or two of them swapped.

    Both as `bare` writes them. Tight enough that no drug's name is taken for another's (`tests/regimens/wording`).
    `static/patient.js` does the same.
    """
    if _digits(typed) != _digits(name):
        return False  # of another number, another drug is known
    most = next((errors for letters, errors in ERRORS if min(len(typed), len(name)) >= letters), 0)
    if not most or (found := OSA.distance(typed, name, score_cutoff=most)) > most:
        return False
    return found < 2 or typed[0] == name[0]


def _digits(name: str) -> str:
    return re.sub(r"\D", "", name)


def regimen_of(name: str) -> str:
    """The regimen of a schedule, bare: "mfolfox6" and "folfox4" are "folfox"; what is no such name, as it is."""
    return re.sub(r"^m?(folf[^\W\d]+)\d*$", r"\1", name)


def meant(typed: str, names: Iterable[str]) -> frozenset[str]:
    """The names that are least far from what was typed; none where one is typed as it is written."""
    names = frozenset(names)
    if typed not in names and (regimen := regimen_of(typed)) in names:
        return frozenset({regimen})
    found = {name: OSA.distance(typed, name) for name in names if is_nearly(typed, name)}
    least = min(found.values(), default=0)
    return frozenset(name for name, errors in found.items() if errors == least) if least else frozenset()
