"""What a place in an entry is called where something is wrong with it: by the labels of its form."""

from __future__ import annotations

import re

from regimens.knowledge.loader import LoadProblem
from regimens.models.choices import EntryKind

from .editor import in_words
from .entries import SHAPES

_ROW = re.compile(r"(\w+)\[(\d+)\](?:\.(.+))?")


def label_of(kind: str, place: str) -> str:
    """The label of the field at a place, such as `results[0].orr`: “Cohort 1, ORR, %”; else the place itself."""
    shape = SHAPES.get(kind)
    if shape is None or not place:
        return place
    found = _ROW.fullmatch(place)
    part = next((part for part in shape.parts if found and part.name == found[1]), None)
    if found is None or part is None:
        name = shape.main.name_of(place)
        return str(shape.main.base_fields[name].label) if name else place
    row = f"{str(part.one).capitalize()} {int(found[2]) + 1}"
    name = part.single or (part.form.name_of(found[3]) if found[3] else None)
    return f"{row}, {part.form.base_fields[name].label}" if name else row


def said_of(problem: LoadProblem, *, names_entry: bool = True) -> str:
    """A problem in words: of which entry, at which field of its form, what was given and which rule it breaks."""
    kind = str(EntryKind(problem.file).label) if problem.file in EntryKind.values else problem.file
    entry = " ".join(part for part in (kind, problem.key) if part) if names_entry else ""
    where = ": ".join(part for part in (entry, label_of(problem.file, problem.field)) if part)
    given = "" if problem.value is None else f" (given: {problem.value})"
    return f"{where}: {in_words(problem)}{given}" if where else f"{in_words(problem)}{given}"
