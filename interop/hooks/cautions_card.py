"""The card of cautions, when drugs are ordered: what is drafted and ruled out or advised against for this patient."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from display.punctuation import sign
from regimens.wording.citations import sentence

from .cards import CAUTIONS, Card
from .markdown import bold, link, listed, paragraphs, plain
from .orders import Warned

LEVEL_WORDS: Mapping[str, Promise] = {
    "contraindicated": gettext_lazy("must not be given"),
    "avoid": gettext_lazy("advised against"),
}


def cautions_card(warned: tuple[Warned, ...]) -> Card:
    """One warning for all of them."""
    names = list(dict.fromkeys(each.name for each in warned))
    words = ngettext(
        "Ordered, and ruled out or advised against for this patient: %(names)s",
        "Ordered, and ruled out or advised against for this patient: %(names)s",
        len(names),
    )
    detail = (listed(map(_line, warned)), plain(_("Supports and does not replace judgement.")))
    return Card(CAUTIONS, "warning", words % {"names": ", ".join(names)}, paragraphs(detail))


def _line(each: Warned) -> str:
    said = f"{bold(each.name)}, {plain(str(LEVEL_WORDS[each.level]))}{sign(':')} {plain(sentence(each.text))}"
    return f"{said} {link(_('source'), each.url)}" if each.url else said
