"""An Atom feed of the releases that came into force."""

from __future__ import annotations

from datetime import datetime

from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from display.texts import readable

from .notes import Put, notes_of, put_in_force

MOST = 30


class Releases(Feed):
    """The newest first; an entry for each time that a release came into force."""

    feed_type = Atom1Feed
    author_name = "necapp"

    def title(self) -> str:
        return _("Releases of the evidence base of necapp")

    def subtitle(self) -> str:
        return _("What changed in the evidence for extrapulmonary neuroendocrine carcinoma after first-line platinum.")

    def link(self) -> str:
        return reverse("releases")

    def feed_url(self) -> str:
        return reverse("releases-feed")

    def items(self) -> list[Put]:
        return put_in_force()[:MOST]

    def item_title(self, item: Put) -> str:
        return readable(item.release.name)

    def item_description(self, item: Put) -> str:
        said = [item.reason] if item.reason and item.how == "publishing" else []
        return " ".join([*said, notes_of(item).sentence])

    def item_link(self, item: Put) -> str:
        return reverse("release-notes", args=[item.release.sha256])

    def item_guid(self, item: Put) -> str:
        """The same for good, whatever the address of the server: a release and the time that it came into force."""
        return f"urn:necapp:release:{item.release.sha256}:{item.pk}"

    def item_pubdate(self, item: Put) -> datetime:
        return item.at

    def item_updateddate(self, item: Put) -> datetime:
        return item.at
