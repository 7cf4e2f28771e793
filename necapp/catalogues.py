"""`python -m necapp.catalogues`: brings the catalogues in `locale/` in line with the sources, and compiles them.

Babel does what GNU gettext would do, without being installed on the machine. The compiled catalogues are kept in the
repository, so that serving the app needs neither; tests/necapp/test_catalogues.py fails where they differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "locale" / "en_GB" / "LC_MESSAGES" / "django.mo"
PACKAGES = (
    "accounts",
    "audit",
    "boards",
    "curation",
    "display",
    "interop",
    "necapp",
    "regimens",
    "registries",
    "staff",
)
SOURCES = (*(f"{package}/**/*.py" for package in PACKAGES), "templates/**/*.html")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def catalogue_of(language: str) -> Path:
    """The file that translators edit; its compiled form lies beside it."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def extracted() -> Catalog:
    """Every message that the sources hold."""
    catalog = Catalog(project="necapp")
    for path in sorted(found for pattern in SOURCES for found in ROOT.glob(pattern)):
        method = "python" if path.suffix == ".py" else template_messages
        place = path.relative_to(ROOT).as_posix()
        with path.open("rb") as source:
            for line, message, comments, context in extract(method, source, KEYWORDS, ["Translators:"]):
                catalog.add(message, locations=[(place, line)], auto_comments=comments, context=context)
    return catalog


def template_messages(source: BinaryIO, *arguments: Any, **options: Any) -> Iterator[Any]:
    """Babel's extraction method for Django's templates, which Django itself turns into calls of gettext."""
    # In parentheses the indentation of a template means nothing to Python.
    code = f"({templatize(source.read().decode())})"
    return extract_python(BytesIO(code.encode()), *arguments, **options)


def updated(catalogue: Path) -> Catalog:
    """A catalogue with the messages of the sources: translations kept, new ones empty, those no longer used gone."""
    with catalogue.open("rb") as file:
        catalog = read_po(file, locale=catalogue.parts[-3], domain="django")
    catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def in_english() -> Catalog:
    """The messages of the sources as they are.

    Without it Django would look for each English text in six catalogues, and find none: half of what a page costs.
    """
    day = datetime(2026, 1, 1, tzinfo=UTC)  # a catalogue says when it was made; this one is the same whenever it is
    catalog = Catalog(locale="en_GB", creation_date=day, revision_date=day)
    for message in extracted():
        if message.id:
            catalog.add(message.id, message.id, context=message.context)
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """As kept: by file, without line numbers, so that only a changed message changes it."""
    out = BytesIO()
    write_po(out, catalog, width=100, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return out.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> None:
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_bytes(as_mo(in_english()))
    for catalogue in sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po")):
        catalog = updated(catalogue)
        catalogue.write_bytes(as_po(catalog))
        catalogue.with_suffix(".mo").write_bytes(as_mo(catalog))
        missing = sum(1 for message in catalog if message.id and not all(_strings(message.string)))
        print(f"{catalogue.relative_to(ROOT)}: {len(catalog)} messages, {missing} without a translation")


def _strings(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


if __name__ == "__main__":
    main()
