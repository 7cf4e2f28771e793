"""What a browser with an empty cache fetches for the first page: the page and every file that it links."""

from __future__ import annotations

import re

from .timing import say
from .visitor import Visitor

LINKED = re.compile(r'<(?:link|script)\b[^>]*?\b(?:href|src)="(/[^"]+)"')


def measure_first_load(port: int) -> None:
    visitor = Visitor(port)
    page = visitor.get("/")
    answers = {"/": page}
    for path in LINKED.findall(page.body.decode()):
        answers[path] = visitor.get(path)
    for path, answer in answers.items():
        encoding = answer.headers.get("content-encoding", "as it is")
        kept = "kept for ever" if "immutable" in answer.headers.get("cache-control", "") else "not kept"
        say(f"first load: {path}", f"{len(answer.sent)} B", f"{encoding}, of {len(answer.body)} B; {kept}")
    total = sum(answer.wire_bytes for answer in answers.values())
    say("first load, all of it, headers included", f"{total / 1024:.1f} KiB", f"{len(answers)} requests")
    say("a page after the first", f"{page.wire_bytes / 1024:.1f} KiB", "what is kept is not asked for again")
