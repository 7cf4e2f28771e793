"""A form of an entry with its rows: filled from content in the shape of its file, giving such content back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME, ORDERING_FIELD_NAME, BaseFormSet, formset_factory
from django.forms.renderers import Jinja2
from django.forms.utils import ErrorDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from curation.accepted import accepted, document_of, with_changes
from curation.review.second_looks import odd_entry
from regimens.knowledge import loader
from regimens.knowledge.document import ENTRIES
from regimens.knowledge.loader import LoadProblem, problems_in

from .criteria import CriterionField
from .fields import IntervalField, Lines, RatesField, Tick, TicksField, WordsField

Content = Mapping[str, Any]
Offers = Mapping[str, Mapping[str, str]]

NEEDED = _("This is needed.")
_ROW = re.compile(r"(\w+)\[(\d+)\](?:\.(.+))?")
_TEMPLATES = {False: "admin/regimens/editing/_row.html", True: "admin/regimens/editing/_line.html"}
_OF_FORMSETS = (ORDERING_FIELD_NAME, DELETION_FIELD_NAME)


@dataclass(frozen=True)
class Group:
    """Fields that stand together, row by row. `closed`: shown when asked for, or when something is in it."""

    title: str | Promise
    rows: tuple[tuple[str, ...], ...]
    help: str | Promise = ""
    closed: bool = False


class PartForm(forms.Form):
    """An entry, or one of its rows.

    layout   all fields, in groups
    keys     the keys of the file whose field has another name
    nested   keys that hold keys of their own: their fields are `key_inner`; null where all of those are empty
    offers   what fields offer that is known only now, by the name of the list
    """

    # A form has some hundreds of widgets, which Jinja2 writes in a fraction of the time.
    default_renderer = Jinja2()

    layout: tuple[Group, ...] = ()
    keys: Mapping[str, str] = {}
    nested: tuple[str, ...] = ()

    def __init__(self, *args: Any, offers: Offers, **kwargs: Any):
        super().__init__(*args, label_suffix="", **kwargs)
        for one in self.fields.values():
            if isinstance(one, CriterionField):
                one.offer({**offers["drugs"], **offers["regimens"]})
            elif name := getattr(one, "of", ""):
                one.offer(offers[name])

    def has_changed(self) -> bool:
        """Whether anything was typed: the place of an empty row says nothing."""
        return bool(set(self.changed_data) - set(_OF_FORMSETS))

    @classmethod
    def initial_from(cls, content: Content) -> dict[str, Any]:
        back = {key: name for name, key in cls.keys.items()}
        initial = {back.get(key, key): value for key, value in content.items() if key not in cls.nested}
        for outer in cls.nested:
            initial |= {f"{outer}_{key}": value for key, value in (content.get(outer) or {}).items()}
        return initial

    def content(self) -> dict[str, Any]:
        """What was typed, in the shape of the file; what could not be read is as if it were empty.

        Keys that no field edits, such as those that say who read a figure, stay with their row as they were.
        """
        content: dict[str, Any] = {key: value for key, value in self.initial.items() if key not in self.fields}
        content |= {outer: {} for outer in self.nested}
        for name, one in self.fields.items():
            if name in _OF_FORMSETS:
                continue
            value = self._value(name, one)
            outer = next((outer for outer in self.nested if name.startswith(f"{outer}_")), None)
            if outer is None:
                content[self.keys.get(name, name)] = value
            else:
                content[outer][name.removeprefix(f"{outer}_")] = value
        for outer in self.nested:
            content[outer] = self.nest(outer, content[outer])
        return content

    def nest(self, outer: str, values: dict[str, Any]) -> Any:
        """The value of a key with keys of its own."""
        return values if any(is_given(value) for value in values.values()) else None

    def summary(self) -> str:
        """What a row is about, in few words."""
        return ""

    def field_at(self, place: str) -> str | None:
        """The field for a place inside the row, such as `hr.ci`; None for the row itself."""
        return self.name_of(place)

    @classmethod
    def name_of(cls, place: str) -> str | None:
        """The same, of any such form."""
        parts = re.split(r"[.\[\]]+", place)
        back = {key: name for name, key in cls.keys.items()}
        for length in range(len(parts), 0, -1):
            name = "_".join(parts[:length])
            if (name := back.get(name, name)) in cls.base_fields:
                return name
        return next((name for name in cls.base_fields if parts[0] and name.startswith(f"{parts[0]}_")), None)

    def _value(self, name: str, one: forms.Field) -> Any:
        if isinstance(one, TicksField):
            return one.in_order(self.cleaned_data.get(name) or [], self.get_initial_for_field(one, name))
        if name in self.cleaned_data:
            return self.cleaned_data[name]
        if isinstance(one, IntervalField):
            return [None, None]
        if isinstance(one, CriterionField):
            return one.blank_value
        if isinstance(one, Lines):
            return None if one.null else []
        return {} if isinstance(one, RatesField) else False if isinstance(one, Tick) else None


@dataclass(frozen=True)
class Part:
    """A list of an entry that is edited row by row.

    name     its key
    form     what one row is edited with
    adding   the words of the button that adds one
    single   the one field of a row that is a plain text, and not a mapping
    """

    name: str
    form: type[PartForm]
    title: str | Promise
    one: str | Promise
    adding: str | Promise
    help: str | Promise = ""
    single: str = ""

    @property
    def formset(self) -> type[BaseFormSet]:
        return self.with_blank(0)

    def with_blank(self, count: int) -> type[BaseFormSet]:
        """With so many empty rows to fill in; one that is left empty is none."""
        return formset_factory(self.form, extra=count, can_order=True, can_delete=True)

    def initial(self, content: Content) -> list[dict[str, Any]]:
        rows = content.get(self.name) or []
        return [{self.single: row} if self.single else self.form.initial_from(row) for row in rows]


@dataclass(frozen=True)
class Shape:
    """How one kind of entry is edited."""

    kind: str
    main: type[PartForm]
    parts: tuple[Part, ...] = ()
    suggestions: tuple[str, ...] = ()

    @property
    def key_name(self) -> str:
        return ENTRIES[self.kind][2]


class WhyForm(forms.Form):
    """What every proposal says besides."""

    proposal_reason = WordsField(
        label=_("Why"),
        lines=2,
        required=True,
        help_text=_("What was wrong or missing, in a sentence: those who decide read it, and it stays in the history."),
    )
    proposal_source = WordsField(
        label=_("Source: address or citation"),
        required=True,
        size="wide",
        help_text=_(
            "Where the figures or statements stand: the address of the page, or authors, journal, year, pages."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, label_suffix="", **kwargs)


@dataclass
class Row:
    """One row of a part as the page shows it."""

    form: PartForm
    is_new: bool
    is_open: bool
    groups: list[tuple[Group, list[list[Any]], bool]] = field(default_factory=list)


class Editor:
    """An entry as a form.

    content   what it says before: in force, or proposed
    data      what was posted, None for a form that is shown first
    blank     how many empty rows a part is shown with, by its name
    around    the evidence base that it is judged in; the accepted one unless given
    """

    def __init__(
        self,
        shape: Shape,
        content: Content,
        *,
        offers: Offers,
        data: Any = None,
        is_new: bool = False,
        why: Any = None,
        blank: Mapping[str, int] = MappingProxyType({}),
        around: loader.Evidence | None = None,
    ):
        self.shape, self.is_new, self.around = shape, is_new, around
        self.before = content
        kwargs = {"offers": offers}
        self.main = shape.main(data, initial=shape.main.initial_from(content), **kwargs)
        if not is_new:
            self.main.fields[shape.key_name].disabled = True
        self.formsets = {
            part.name: part.with_blank(blank.get(part.name, 0))(
                data, initial=part.initial(content), prefix=part.name, form_kwargs=kwargs
            )
            for part in shape.parts
        }
        self.why = WhyForm(data, initial=why or {})
        self.top: list[str] = []
        self.at_parts: dict[str, list[str]] = {name: [] for name in self.formsets}
        self.warnings: dict[str, list[str]] = {}

    def leave_unjudged(self) -> None:
        """Show what was posted without saying what is wrong with it."""
        for one in (self.main, self.why):
            one._errors = ErrorDict()
        for formset in self.formsets.values():
            formset._errors, formset._non_form_errors = [{} for _ in formset.forms], formset.error_class()
            for form in formset.forms:
                form._errors = ErrorDict()

    def leave_why_unjudged(self) -> None:
        """Ask for reason and source when it is proposed, and not before."""
        self.why._errors = ErrorDict()

    @property
    def key(self) -> str:
        if self.is_new:
            # A key that was refused is still the one by which problems name the entry.
            typed = self.main[self.shape.key_name].data or ""
            return self.main.cleaned_data.get(self.shape.key_name) or typed.strip()
        return str(self.before[self.shape.key_name])

    def read(self) -> bool:
        """Whether everything that was typed can be read; what cannot is said at its field."""
        return self.why.is_valid() & self.read_entry()

    def read_entry(self) -> bool:
        """The same of the entry alone."""
        readable = [self.main.is_valid()]
        for formset in self.formsets.values():
            readable.append(not formset.non_form_errors())
            readable += [form.is_valid() for form in self._kept(formset)]
        return all(readable)

    def content(self, *, complete: bool = True) -> dict[str, Any]:
        """The entry as typed, after `read`. Unless `complete`, rows that cannot be read are left out."""
        content = self.main.content()
        for part in self.shape.parts:
            rows = [form.content() for form in self._rows(part.name, complete=complete)]
            content[part.name] = [row[part.single] for row in rows] if part.single else rows
        return content

    def judge(self) -> None:
        """Say what breaks a rule of the loader, at the fields, after `read`."""
        found = problems_of(self.shape.kind, self.key, self.content(complete=False), self.around)
        self.show(found, complete=False)
        self.warn()

    def warn(self) -> None:
        """Say beside a field what in it deserves a second look, after `read`: never an error."""
        looks = odd_entry(self.shape.kind, self.content(complete=False), self.around or accepted())
        for one in looks:
            problem = LoadProblem(self.shape.kind, self.key, one.place, None, one.text)
            form, name = self._at(problem, complete=False)
            if form is not None and name:
                said = one.text[:1].upper() + one.text[1:]
                self.warnings.setdefault(form[name].auto_id, []).append(said)
                form.fields[name].warnings = [*getattr(form.fields[name], "warnings", ()), said]

    def show(self, problems: Iterable[LoadProblem], *, complete: bool = True) -> None:
        """Say problems of the loader at the fields and rows that they name, the others on top."""
        for problem in problems:
            form, name = self._at(problem, complete)
            said = in_words(problem)
            if form is None and problem.field in self.at_parts and self._is_mine(problem):
                self.at_parts[problem.field].append(said)
            elif form is None:
                self.top.append(str(problem))
            elif name is None:
                form.add_error(None, said)
            elif name not in form.errors:
                form.add_error(name, said)

    @property
    def problems(self) -> dict[str, list[str]]:
        """What is said at fields, by their ids; at a row as a whole, by the row's id."""
        found: dict[str, list[str]] = {}
        forms_ = [self.main, self.why, *(form for formset in self.formsets.values() for form in self._kept(formset))]
        for form in forms_:
            for name, errors in form.errors.items():
                place = f"row-{form.prefix}" if name == "__all__" else form[name].auto_id
                found[place] = [str(error) for error in errors]
        return found | {f"part-{name}": said for name, said in self.at_parts.items() if said}

    @property
    def is_sound(self) -> bool:
        return not self.problems and not self.top

    def groups(self) -> list[tuple[Group, list[list[Any]], bool]]:
        return laid_out(self.main)

    def parts(self) -> Iterator[tuple[Part, BaseFormSet, list[str], list[Row], Row, str]]:
        """Each part with its formset, what is wrong with it as a whole, rows, an empty row, and a row's template."""
        for part in self.shape.parts:
            formset = self.formsets[part.name]
            known = formset.initial_form_count()
            few = len(formset.forms) <= 3
            rows = [
                Row(form, place >= known, few or place >= known or bool(form.errors), laid_out(form))
                for place, form in enumerate(formset.forms)
            ]
            empty = formset.empty_form
            wrong = [*formset.non_form_errors(), *self.at_parts[part.name]]
            yield part, formset, wrong, rows, Row(empty, True, True, laid_out(empty)), _TEMPLATES[bool(part.single)]

    def _kept(self, formset: BaseFormSet) -> list[PartForm]:
        """The rows that are not left out, those that were added and left empty among them not."""
        known = formset.initial_form_count()
        return [
            form
            for place, form in enumerate(formset.forms)
            if not _is_marked(form) and (place < known or form.has_changed())
        ]

    def _rows(self, name: str, *, complete: bool) -> list[PartForm]:
        """The rows in their order."""
        kept = [form for form in self._kept(self.formsets[name]) if complete or form.is_valid()]
        places = {form: place for place, form in enumerate(kept)}

        def order(form: PartForm) -> tuple[float, int]:
            wanted = form.cleaned_data.get(ORDERING_FIELD_NAME)
            return (float("inf") if wanted is None else wanted, places[form])

        return sorted(kept, key=order)

    def _at(self, problem: LoadProblem, complete: bool) -> tuple[PartForm | None, str | None]:
        if not self._is_mine(problem):
            return None, None
        found = _ROW.fullmatch(problem.field)
        if found and found[1] in self.formsets:
            rows = self._rows_in_order(found[1], complete)
            if int(found[2]) < len(rows):
                row = rows[int(found[2])]
                single = next(part.single for part in self.shape.parts if part.name == found[1])
                return row, single or (row.field_at(found[3]) if found[3] else None)
        name = self.main.field_at(problem.field) if problem.field else None
        return (self.main, name) if name else (None, None)

    def _is_mine(self, problem: LoadProblem) -> bool:
        """A problem of this entry, which is called None as long as it has no key."""
        return problem.file == self.shape.kind and problem.key in (self.key, "None")

    def _rows_in_order(self, name: str, complete: bool) -> Sequence[PartForm]:
        """As `content` took them: asked for before a problem is said at one of them."""
        taken = self.__dict__.setdefault("_taken", {})
        if (name, complete) not in taken:
            taken[name, complete] = self._rows(name, complete=complete)
        return taken[name, complete]


def problems_of(kind: str, key: str, content: Content, around: loader.Evidence | None = None) -> list[LoadProblem]:
    """Everything that the loader refuses in the evidence base, the accepted one unless given, with this entry in it."""
    try:
        values = loader.normal(kind, key, dict(content))
    except loader.LoadError as error:
        return error.problems
    found = problems_in(document_of(with_changes(around or accepted(), [(kind, key, values)])))
    return [*found, *loader.days_to_come(kind, key, values)]


def in_words(problem: LoadProblem) -> str:
    """The rule that is broken, as it is said at a field."""
    if problem.value is None and problem.rule.startswith(("Input should be", "this key is required")):
        return str(NEEDED)
    return problem.rule[:1].upper() + problem.rule[1:]


def laid_out(form: PartForm) -> list[tuple[Group, list[list[Any]], bool]]:
    """Groups with their rows of fields, and whether each is shown at once."""
    return [
        (group, [[form[name] for name in row] for row in group.rows], not group.closed or _is_in_use(form, group))
        for group in form.layout
    ]


def is_given(value: Any) -> bool:
    """Whether a value says anything."""
    return value not in (None, "", False, [], {}, [None, None])


def _is_in_use(form: PartForm, group: Group) -> bool:
    names = [name for row in group.rows for name in row]
    return any(is_given(form[name].value()) or (form.is_bound and name in form.errors) for name in names)


def _is_marked(form: PartForm) -> bool:
    """Whether a row is to be left out."""
    one = form.fields[DELETION_FIELD_NAME]
    return bool(one.widget.value_from_datadict(form.data, form.files, form.add_prefix(DELETION_FIELD_NAME)))
