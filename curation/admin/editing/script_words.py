"""What the scripts of the form say, in the reader's language: the page hands it over to them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

# Where a script puts something in: a field's label, a day, a number.
PUT_IN = "{}"


def script_words() -> dict[str, str]:
    """By the names under which `static/admin-editing.js` and `static/admin-criteria.js` ask for them."""
    return {
        "addTo": _("Add to %(field)s") % {"field": PUT_IN},
        "search": _("Type to search"),
        "add": _("Add"),
        "up": _("Move up"),
        "down": _("Move down"),
        "kept": _("This browser keeps what you typed here on %(day)s.") % {"day": PUT_IN},
        "takeUp": _("Take it up"),
        "discard": _("Discard it"),
        "checking": _("Checking…"),
        "unchecked": _("It could not be checked now; it will be when you propose."),
        "sound": _("No rule of the evidence base is broken."),
        "count": _("%(count)s to correct") % {"count": PUT_IN},
        "correct": _("to correct"),
        "whom": _("Whom it stands for"),
        "asText": _("Edit as text"),
        "asRows": _("Edit as rows"),
        "onlyWith": _("Only patients with …"),
        "never": _("Never: shown, not pooled"),
        "join": _("How these join"),
        "removeGroup": _("Remove group"),
        "addComparison": _("Add a comparison"),
        "addGroup": _("Add a group"),
        "feature": _("Feature"),
        "operator": _("Operator"),
        "value": _("Value"),
        "and": _("And …"),
        "or": _("Or …"),
        "remove": _("Remove"),
        "moreValue": _("+ value"),
        "lessValue": _("− value"),
        "orValue": pgettext("between values", "or"),
        "range": _("%(low)s to %(high)s") % {"low": PUT_IN, "high": PUT_IN},
        "reads": _("Reads:"),
    }
