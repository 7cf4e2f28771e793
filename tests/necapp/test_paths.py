"""No text of the repository names a file, a folder or a module that is not there."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath

from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = (
    "accounts",
    "audit",
    "benchmarks",
    "boards",
    "curation",
    "display",
    "interop",
    "necapp",
    "regimens",
    "registries",
    "staff",
    "tests",
)
ENDINGS = "css|gz|html|ini|js|jsonl|md|mo|po|png|py|svg|toml|typ|txt|yaml|yml"
ADDRESS = re.compile(r"\b[a-z][a-z0-9+]*://\S+")
# A path, with wildcards; a file's name alone; a module, and what it holds. (`*` stands for any name.)
PATH = re.compile(r"(?<![\w/.@{}<>-])(?:\.{1,2}/)*[\w.*-]+(?:/[\w.*<>{}-]+)+/?")
FOLDER = re.compile(r"(?<![\w/.@{}<>*-])([a-z][a-z_-]{2,})/(?![\w{<%*/.])")
FILE = re.compile(rf"(?<![\w/.@{{}}<>*-])[\w-]+\.(?:{ENDINGS})\b(?![\w/.(])")
MODULE = re.compile(rf"(?<![\w/.@-])(?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+(?![\w/-])")
NO_MODULE = re.compile(rf"\.(?:{ENDINGS}|example)$")  # a file, or a host
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")
USED = re.compile(r"{% (?:include|extends) \"([^\"]+)\"")

# Where the loader names files from.
KNOWLEDGE = PurePosixPath("regimens/knowledge")
# What comes to be on a machine: the environment, settings, the database and what is collected.
MADE = ("var", ".venv", ".env", "necapp.sqlite3")
# Calls of the API, and their scope, that begin as a folder does.
CALLS = {"boards/decisions", "boards/decisions/{id}", "boards.decisions.read"}
# What a text says of former names, and of rooms that are to come.
TOLD_OF = {
    "CHANGELOG.md": {"regimens.curation", "regimens.audit", "necapp.accounts"} | CALLS,
    "docs/api.md": CALLS,
    "docs/interop.md": CALLS,
    "docs/adr/0016-rooms-and-doors.md": {
        "interop",
        "registries",
        "necapp.accounts.links",
        "necapp.accounts.kept",
        "regimens.curation",
    },
}
# Files of the reader's own in examples of commands, what a page gives to be saved, and a package on the index.
ELSEWHERE = {"FILE.jsonl", "ranking.txt", "svg.py"}


@cache
def files() -> tuple[str, ...]:
    """The files of the repository, from the root, without what comes to be on a machine."""
    roots = [ROOT / ".ci", *(place for place in ROOT.iterdir() if place.is_dir() and _is_source(place))]
    found = [path for root in roots for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    found += [path for path in ROOT.iterdir() if path.is_file() and path.name not in MADE]
    return tuple(sorted(str(path.relative_to(ROOT)) for path in found))


def _is_source(folder: Path) -> bool:
    return not folder.name.startswith(".") and folder.name not in MADE


@cache
def places() -> frozenset[str]:
    """Every file and folder, from the root."""
    return frozenset(str(place) for name in files() for place in (PurePosixPath(name), *PurePosixPath(name).parents))


@cache
def roots() -> frozenset[str]:
    return frozenset(place.split("/")[0] for place in places() if "/" in place)


@cache
def names() -> frozenset[str]:
    return frozenset(PurePosixPath(place).name for place in places())


def told(name: str) -> str:
    """What a file says to a reader: all of a text, the comments and docstrings of code, the head of data."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if name.endswith(".py"):
        return "\n".join([*_comments(text), *_docstrings(text)])
    if name.endswith((".yaml", ".yml")):
        return "\n".join(re.findall(r"^\s*#.*", text, re.MULTILINE))
    if name.endswith(".html"):
        return "\n".join(re.findall(r"{#.*?#}|{% comment.*?endcomment %}", text, re.DOTALL))
    if name.endswith((".css", ".js", ".typ")):
        return "\n".join(re.findall(r"/\*.*?\*/|//.*", text, re.DOTALL))
    return text


def _comments(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


TEXTS = sorted(
    name
    for name in files()
    if name.endswith((".md", ".py", ".yaml", ".yml", ".html", ".css", ".js", ".typ", ".toml", "Makefile", "Dockerfile"))
    or name == ".ci/run"
)


def missing(name: str) -> list[str]:
    """What the text of a file names and the repository has not."""
    text = ADDRESS.sub(" ", told(name))
    here = PurePosixPath(name).parent
    folders = FOLDER.findall(text) if name.endswith(".md") else []
    found = [
        *(path for path in map(_trimmed, PATH.findall(text)) if _is_ours(path) and not _is_there(path, here)),
        *(file for file in FILE.findall(text) if file not in names() | ELSEWHERE | set(MADE)),
        *(folder for folder in folders if folder not in names() | set(MADE)),
        *(dotted for dotted in MODULE.findall(text) if not NO_MODULE.search(dotted) and not is_in_code(dotted)),
    ]
    return [each for each in found if each not in TOLD_OF.get(name, ())]


def _trimmed(path: str) -> str:
    return path.rstrip("/.,")


def _is_ours(path: str) -> bool:
    """Whether a path is one of the repository and not, say, “and/or”: it begins at the root or ends as a file does."""
    first = path.split("/")[0]
    if first in MADE:
        return False
    return first in roots() or ("/" in path and re.search(rf"\.(?:{ENDINGS})$", path) is not None)


def _is_there(path: str, here: PurePosixPath) -> bool:
    path = re.sub(r"<[^>]*>|{[^}]*}", "*", path)
    starts = (
        PurePosixPath("."),
        here,
        PurePosixPath("templates"),
        PurePosixPath("static"),
        PurePosixPath("tests"),
        KNOWLEDGE,
    )
    return any(_matches(start / path) for start in starts)


def _matches(path: PurePosixPath) -> bool:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    wanted = "/".join(parts)
    return wanted in places() or ("*" in wanted and any(PurePosixPath(place).match(wanted) for place in places()))


@cache
def is_in_code(dotted: str) -> bool:
    """Whether it is a module, something in one, or a model or a permission by the label of its app."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
            if found is None:
                break
        else:
            return True
        break
    return len(parts) == 2 and parts[1] in _labels(parts[0])


@cache
def _labels(app: str) -> frozenset[str]:
    """The models of an app and its permissions."""
    found = [model._meta for model in apps.get_models(include_auto_created=True) if model._meta.app_label == app]
    usual = [f"{verb}_{meta.model_name}" for meta in found for verb in meta.default_permissions]
    return frozenset(
        [
            *(meta.object_name for meta in found),
            *(meta.model_name for meta in found),
            *usual,
            *(name for m in found for name, _ in m.permissions),
        ]
    )


def test_what_a_text_names_is_there() -> None:
    assert {name: found for name in TEXTS if (found := missing(name))} == {}


def test_links_lead_somewhere() -> None:
    dead = {}
    for name in (name for name in TEXTS if name.endswith(".md")):
        links = LINK.findall((ROOT / name).read_text(encoding="utf-8"))
        dead[name] = [link for link in links if not _matches(PurePosixPath(name).parent / link)]
    assert {name: found for name, found in dead.items() if found} == {}


def test_templates_that_a_template_takes_in_are_there() -> None:
    """But for those of Django's admin."""
    missed = {}
    for name in (name for name in TEXTS if name.startswith("templates/")):
        taken = USED.findall((ROOT / name).read_text(encoding="utf-8"))
        missed[name] = [one for one in taken if f"templates/{one}" not in places() and not one.startswith("admin/")]
    assert {name: found for name, found in missed.items() if found} == {}


def test_what_is_not_there_is_found() -> None:
    text = "see regimens/nowhere.py, docs/ and/or boards/shown/ with `/method/`"
    here = PurePosixPath("docs")
    assert [path for path in map(_trimmed, PATH.findall(text)) if _is_ours(path)] == [
        "regimens/nowhere.py",
        "boards/shown",
    ]
    assert FOLDER.findall(text) == ["docs"]
    assert not _is_there("regimens/nowhere.py", here)
    assert _is_there("boards/shown", here)
    assert _is_there("adr/README.md", here)
    assert _is_there("regimens/knowledge/*.yaml", here)
    assert not _is_there("regimens/knowledge/*.toml", here)
    assert not is_in_code("regimens.curation")
    assert is_in_code("curation.actions.proposals")
    assert is_in_code("regimens.Event")
    assert is_in_code("regimens.review_change")
