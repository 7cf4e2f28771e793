"""Eligibility of a trial, which registers give as one text: the inclusion criteria among all that stands in it.

What a patient must not have is never told as what a patient must have; where a line may be either, it is left out.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_LINE = 160  # characters of a criterion
MOST_LINES = 8

BULLET = re.compile(r"^(\s*)(?:[*•●○◦▪■·–—-]|\d{1,2}[.)]|\(\d{1,2}\)|[a-z]\)|\([a-z]\))\s+(.*)$")
# Headings over criteria, as registers word them; one that says more says it after these words.
_OF = r"(?:(?:part|cohort|arm|phase|stage|group|study|step) [\w/-]{1,6}(?: ?[:,–-])? )?"
_WHOSE = r"(?:the |(?:key|main|major|principal|important|general|additional|specific|other|trial|study) )*"
_EXCLUDING = re.compile(
    rf"{_OF}{_WHOSE}(?:(?:non[- ]?inclusion|exclusion|ineligibility|excluding)(?: criteri(?:a|on))?"
    r"|(?:withdrawal|discontinuation) criteria|exclusions|contra-?indications"
    r"|(?:criteri(?:a|on)|reasons|grounds|conditions) (?:for|of) (?:exclusion|non[- ]?inclusion|ineligibility)"
    r"|criterios de (?:exclusi[oó]n|no inclusi[oó]n)|crit[eè]res (?:d['’]exclusion|de non[- ]inclusion)"
    r"|criteri di (?:esclusione|non inclusione)|ausschlusskriterien"
    r"|(?:patients|participants|subjects|individuals) (?:who )?(?:will be|are|were) "
    r"(?:excluded|not eligible|ineligible|not included)"
    r"|excluded(?: (?:are|patients|participants|subjects))?|not eligible|not included)\b"
)
_INCLUDING = re.compile(
    rf"{_OF}{_WHOSE}(?:(?:inclusion|eligibility)(?: criteri(?:a|on))?"
    r"|criteri(?:a|on) (?:for|of) (?:inclusion|eligibility)"
    r"|criterios de inclusi[oó]n|crit[eè]res d['’]inclusion|criteri di inclusione|einschlusskriterien)\b"
)
# What follows such a line, which ends in a colon, rules a patient out as well.
_RULING_OUT = re.compile(
    r"\b(?:exclu(?:ded|sion|des?)|not (?:be )?(?:eligible|included|enrolled|allowed|permitted)|ineligible"
    r"|(?:must|may|should|can|do|does) ?(?:not|n['’]t)\b|none of the following"
    r"|will (?:not|n['’]t) be (?:able|accepted|admitted|considered|recruited)).*:$"
)
_LONGEST_HEADING = 80
_LONGEST_RULING_OUT = 240
# A heading within a line, as where a register's text is one paragraph.
_WITHIN = re.compile(
    r"(?<=[.;,)])\s+(?=(?:(?:key|main) )?(?:(?:non-?)?inclusion|exclusion) criteria\s*:)", re.IGNORECASE
)
_NOT_SHOWN = re.compile(r"^[\W_]*(?:[A-Z][A-Z /,&()-]+|.*:\W*|\*\*.*\*\*)$")  # over criteria, and none itself


@dataclass
class Criterion:
    """A criterion with what is listed below it."""

    text: str
    indent: int | None
    below: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """What is listed is the criterion where its own line ends in a colon."""
        text = _plain(self.text)
        below = [_plain(line) for line in self.below]
        return f"{text} {'; '.join(filter(None, below))}" if text.endswith(":") and below else text

    @property
    def is_cut(self) -> bool:
        """Whether less than all of it is kept."""
        return shortened(str(self)) != str(self) or bool(self.below and not _plain(self.text).endswith(":"))


def inclusion(text: str) -> list[Criterion]:
    """The inclusion criteria, those of the outermost level, without the register's markup."""
    included = list(_included(_unescaped(text)))
    bullets = [match for line in included if (match := BULLET.match(line))]
    outermost = min((len(match[1]) for match in bullets), default=0)
    found: list[Criterion] = []
    for line in included:
        match = BULLET.match(line)
        indent = len(line) - len(line.lstrip())
        last = found[-1] if found else None
        if match and len(match[1]) == outermost:
            found.append(Criterion(match[2], outermost))
        elif match and last:
            last.below.append(match[2])
        elif last and last.indent is not None and _goes_on(line, indent, outermost):
            if last.below:
                last.below[-1] += f" {line.strip()}"
            else:
                last.text += f" {line.strip()}"
        elif not bullets or (not match and found and not _NOT_SHOWN.match(line)):
            found.append(Criterion(line, None))
    return [criterion for criterion in found if str(criterion)]


def inclusion_criteria(text: str) -> list[str]:
    return [str(criterion) for criterion in inclusion(text)]


def shortened(criterion: str) -> str:
    return textwrap.shorten(criterion, LONGEST_LINE, placeholder="…")


def said_of_cut(criteria: list[Criterion]) -> Iterator[str]:
    """That the register says more than is kept."""
    if len(criteria) > MOST_LINES:
        yield f"The first {MOST_LINES} of {len(criteria)} inclusion criteria are kept."
    if cut := sum(criterion.is_cut for criterion in criteria[:MOST_LINES]):
        yield f"{cut} of them {'is' if cut == 1 else 'are'} shortened."


def unescaped(text: str) -> str:
    """Words of a register that were escaped for a page, once or twice, in plain letters."""
    return html.unescape(html.unescape(text))


def _unescaped(text: str) -> str:
    return "\n".join(_WITHIN.sub("\n", line) for line in unescaped(text).splitlines())


def _goes_on(line: str, indent: int, outermost: int) -> bool:
    """Whether a line without a bullet goes on with the one before it."""
    return indent > outermost or line.lstrip()[:1].islower()


def _included(text: str) -> Iterator[str]:
    """The lines that stand under a heading of inclusion, or under none."""
    is_included = True
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        heads, rest = _heading(line, lines[place + 1] if place + 1 < len(lines) else "")
        is_included = is_included if heads is None else heads
        if heads is None and is_included:
            yield line
        elif rest and is_included:
            yield rest


def _heading(line: str, following: str) -> tuple[bool | None, str]:
    """Whether a line begins inclusion (true) or exclusion criteria (false), and a criterion that stands behind it.

    None where the line is a criterion itself.
    """
    words = " ".join(re.sub(r"[*#_]", " ", line).split())
    bullet = BULLET.match(line)
    if bullet:
        words = " ".join(re.sub(r"[*#_]", " ", bullet[2]).split())
    small = words.lower()
    for pattern, begins in ((_EXCLUDING, False), (_INCLUDING, True)):
        match = pattern.match(small)
        if not match:
            continue
        rest = words[match.end() :].strip(" -–")
        # A bullet is a criterion, such as “Exclusion of a lung primary”, unless it says nothing else.
        if rest in ("", ":"):
            return begins, ""
        if not bullet and rest.startswith(":") and not rest.endswith(":"):
            return begins, rest[1:].strip()
        is_short = len(words) <= _LONGEST_HEADING
        if not bullet and is_short and (rest.endswith(":") or "criteri" in match[0]):
            # “Inclusion criteria (phase 1): NEC” says a criterion as well.
            behind = re.match(r"\([^)]*\)\s*:\s*(.+)$", rest)
            return begins, behind[1] if behind else ""
    if len(words) > _LONGEST_RULING_OUT or not _RULING_OUT.search(small):
        return None, ""
    # A bullet heads the bullets of its own level that follow it; those below it are its own.
    below = BULLET.match(following)
    is_head = not bullet or (below is not None and len(below[1]) <= len(bullet[1]))
    return (False if is_head else None), ""


def _plain(line: str) -> str:
    return " ".join(re.sub(r"\\+([^\w\s])", r"\1", line).strip(" *;").split())
