"""Names as they are searched: by the form's list of earlier treatment, and by the library.

`static/patient.js` writes what is typed there in the same way.
"""

from __future__ import annotations

import re
import unicodedata

from display.cache import kept


# Some thousand names and titles, asked for again by each release, language and search.
@kept(most=8192)
def plain(name: str) -> str:
    """A name as it is searched: "CPT-11" and "cpt 11" as "cpt11" and "cpt 11", without accents and signs."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return " ".join(re.sub(r"[^\w\s]|_", "", letters).split())


def bare(name: str) -> str:
    """The same without spaces: "5-FU" and "5 FU" are one name."""
    return plain(name).replace(" ", "")
