"""Releases are published, exported and imported: whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from audit import errors
from audit.guard import RECORDS
from curation import actions
from curation.accepted import accepted, document_of
from curation.actions import publishing
from curation.models import Entry
from necapp.operations.backup.connections import at
from regimens import releases
from regimens.models import KnowledgeRelease
from regimens.rules.benchmark import benchmark_constants
from regimens.rules.knowledge import Knowledge
from regimens.rules.validation import validate
from tests.databases import ROOT, forget_releases, own_database, without_triggers
from tests.factories.curation import content, rename_folfiri, somebody
from tests.factories.moved import worked_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


class TestPublishing:
    def test_without_a_change_there_is_no_second_release(self) -> None:
        release, is_new = publishing.publish("again")
        assert (release.name, is_new) == ("shipped", False)
        assert KnowledgeRelease.objects.count() == 1

    def test_a_change_makes_a_release_and_leaves_the_former_one(self) -> None:
        former = KnowledgeRelease.objects.get()
        rename_folfiri()
        release, is_new = publishing.publish("second")
        assert is_new
        assert release.sha256 != former.sha256
        assert releases.compiled(former).names["folfiri"] == "FOLFIRI"
        assert releases.compiled(release).names["folfiri"] == "FOLFIRI, renamed"

    def test_content_is_canonical_json_known_by_its_hash(self) -> None:
        release = KnowledgeRelease.objects.get()
        text = zlib.decompress(release.content)
        assert hashlib.sha256(text).hexdigest() == release.sha256
        content = json.loads(text)
        assert text.decode() == json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert set(content["constants"]) == {"orr", "grade3", "pfs", "os"}
        assert content["constants"] == benchmark_constants(content)
        assert content["validation"] == json.loads(json.dumps(validate(content).as_plain()))
        assert set(content["validation"]) == {"table", "predictions", "demonstrated", "warnings"}
        assert content["constants"]["orr"]["p0"] == pytest.approx(0.21464, abs=5e-6)

    def test_the_order_of_entries_does_not_matter(self) -> None:
        before = releases.canonical_json(document_of(accepted()))
        entry = Entry.objects.filter(kind="indications").order_by("pk").first()
        with without_triggers(), RECORDS.open():
            Entry.objects.filter(pk=entry.pk).delete()
            entry.pk = None
            entry.save(force_insert=True)
        assert releases.canonical_json(document_of(accepted())) == before

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81])
    def test_a_name_that_is_none_is_refused_though_nothing_changed(self, name: str) -> None:
        with pytest.raises(releases.ReleaseError, match="no name of a release"):
            publishing.publish(name)

    def test_a_name_that_is_taken_or_empty_is_refused(self) -> None:
        rename_folfiri()
        with pytest.raises(releases.ReleaseError, match="shipped exists already"):
            publishing.publish("shipped")
        with pytest.raises(releases.ReleaseError, match="no name of a release"):
            publishing.publish("  ")
        with pytest.raises(releases.ReleaseError, match="no name of a release"):
            publishing.publish("x" * 81)

    def test_an_empty_evidence_base_is_refused(self, without_releases: None) -> None:
        with without_triggers(), RECORDS.open():
            Entry.objects.all().delete()
        with pytest.raises(releases.ReleaseError, match="a benchmark needs 5 of 3"):
            publishing.publish("empty")

    def test_publishing_takes_a_constant_number_of_queries(self, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(40):
            publishing.publish("again")


UNCONDITIONAL = {
    "when": {},
    "level": "avoid",
    "text": "Only in a centre.",
    "section": None,
    "label": None,
    "extrapolated": False,
    "url": None,
    "read_on": "https://example.org/label",
}


@pytest.fixture
def publisher() -> None:
    somebody("pat", "Publisher")


@pytest.mark.usefixtures("publisher")
class TestExport:
    def test_it_loads_elsewhere_with_the_same_hash(self, tmp_path: Path) -> None:
        path = tmp_path / "release.json"
        former = KnowledgeRelease.objects.get()
        call_command("export_release", path)
        forget_releases()
        release, is_new = publishing.import_release(path, as_baseline=True)
        assert is_new
        assert releases.in_force() == release
        assert (release.name, release.sha256, release.published_at, bytes(release.content)) == (
            former.name,
            former.sha256,
            former.published_at,
            bytes(former.content),
        )

    def test_importing_what_is_in_force_stores_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        assert publishing.import_release(path)[1] is False
        assert KnowledgeRelease.objects.count() == 1

    def test_a_file_can_be_ranked_with_and_is_not_stored(self, tmp_path: Path) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        forget_releases()
        knowledge = releases.read_export(path)
        assert isinstance(knowledge, Knowledge)
        assert knowledge.release.name == "shipped"
        assert not KnowledgeRelease.objects.exists()

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            (b'"FOLFIRI"', b'"FOLFIRO"', "is damaged"),
            (b'"sha256":"', b'"sha256":"0', "is damaged"),
            (b"necapp knowledge release 1", b"something else", "is no exported release"),
            (b'"published":"', b'"published":"x', "is no exported release"),
        ],
    )
    def test_a_damaged_file_is_refused(self, tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new))
        with pytest.raises(CommandError, match=said):
            call_command("import_release", path, by="pat")
        assert KnowledgeRelease.objects.count() == 1

    def test_a_file_cut_short_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        path.write_bytes(path.read_bytes()[:-1000])
        with pytest.raises(CommandError, match="is damaged"):
            call_command("import_release", path, by="pat")

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (
                lambda content: content["publications"][0].update(verified="heard"),
                "breaks 1 rules of the evidence base",
            ),
            (
                lambda content: content["indications"][0].update(when={"feature": "ki76", "at_least": 5}),
                "breaks 1 rules of the evidence base: indications: .*: when: .*unknown feature 'ki76'",
            ),
            (
                lambda content: content["regimens"][0].pop("cautions"),
                "breaks .* rules of the evidence base: regimens: .*: cautions: this key is required",
            ),
            (
                lambda content: content["drugs"][0]["cautions"].append(UNCONDITIONAL),
                r"breaks 1 rules of the evidence base: drugs: .*: cautions\[\d+\].when: .*: a criterion: one of",
            ),
            (
                lambda content: content["constants"]["orr"].update(p0=0.9),
                "holds a benchmark that does not follow from its evidence",
            ),
            (
                lambda content: content["constants"]["orr"].update(p0="much"),
                "holds a benchmark that does not follow from its evidence",
            ),
            (
                lambda content: content["validation"]["table"][0].update(inside=999),
                "holds a validation that does not follow from its evidence",
            ),
            (
                lambda content: content["validation"]["demonstrated"].update(os=True, pfs=True, orr=False),
                "holds a validation that does not follow from its evidence",
            ),
            (lambda content: content.pop("validation"), "nothing can be ranked with"),
            (lambda content: content.pop("constants"), "no constants"),
            (lambda content: content.update(publications=5), "rules of the evidence base: publications: a list of"),
            (lambda content: content.update(format=1, publications=5), "cannot be compiled"),
        ],
    )
    def test_content_that_breaks_a_rule_is_refused_though_its_hash_is_right(
        self, tmp_path: Path, spoil: Any, said: str
    ) -> None:
        path = self.forged(tmp_path, spoil)
        with pytest.raises(CommandError, match=said):
            call_command("import_release", path, by="pat")
        assert KnowledgeRelease.objects.count() == 1

    def test_text_that_is_no_json_is_refused_though_its_hash_is_right(self, tmp_path: Path) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        header = json.loads(path.read_bytes().partition(b"\n")[0])
        text = b"{not json"
        header["sha256"] = hashlib.sha256(text).hexdigest()
        path.write_bytes(json.dumps(header).encode() + b"\n" + text + b"\n")
        with pytest.raises(CommandError, match="cannot be compiled"):
            call_command("import_release", path, by="pat")

    @staticmethod
    def forged(tmp_path: Path, spoil: Any) -> Path:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        first, _, text = path.read_bytes().partition(b"\n")
        content, header = json.loads(text), json.loads(first)
        spoil(content)
        text = releases.canonical_json(content)
        header |= {"name": "forged", "sha256": hashlib.sha256(text).hexdigest()}
        path.write_bytes(json.dumps(header).encode() + b"\n" + text + b"\n")
        return path

    def test_what_is_imported_comes_into_force_by_a_second_person(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        rename_folfiri()
        publishing.publish("second")
        with pytest.raises(CommandError, match="say who does this"):
            call_command("import_release", path)
        capsys.readouterr()
        call_command("import_release", path, by="pat")
        assert capsys.readouterr().out.startswith("Stored; another person has to confirm")
        assert releases.current().release.name == "second"
        with pytest.raises(errors.NotAllowed, match="Somebody other"):
            actions.confirm_reinstatement(actions.waiting()[0], by=somebody("pat", "Publisher"))
        actions.confirm_reinstatement(actions.waiting()[0], by=somebody("paul", "Publisher"))
        assert releases.current().release.name == "shipped"

    def test_a_baseline_is_the_first_release_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        rename_folfiri()
        publishing.publish("second")
        with pytest.raises(CommandError, match="and this one has others"):
            call_command("import_release", path, as_baseline=True)

    @pytest.mark.parametrize("published", ["2999", "2026-11-25T10:00:00", "yesterday"])
    def test_a_day_without_its_time_zone_is_refused(self, tmp_path: Path, published: str) -> None:
        path = tmp_path / "release.json"
        call_command("export_release", path)
        first, _, text = path.read_bytes().partition(b"\n")
        header = json.loads(first) | {"published": published}
        path.write_bytes(json.dumps(header).encode() + b"\n" + text)
        with pytest.raises(CommandError, match="is no exported release"):
            call_command("import_release", path, by="pat")

    def test_a_missing_file_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read: No such file"):
            call_command("import_release", tmp_path / "none.json", by="pat")


class TestCommand:
    def test_it_says_what_it_did(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("publish_release", "again")
        assert capsys.readouterr().out.startswith("Nothing changed; still in force: release shipped, SHA-256 ")
        rename_folfiri()
        call_command("publish_release", "second")
        assert capsys.readouterr().out.startswith("Published release second, SHA-256 ")

    def test_a_text_that_is_shipped_and_was_entered_too_waits_for_a_publisher(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shipped = content("publications", "walter-2023-bevanec")
        own = {"kind": "publications", "key": "own-2023-bevanec", "content": shipped | {"key": "own-2023-bevanec"}}
        proposed = actions.propose(
            **own, reason="x", source="x", by=somebody("ada"), told_apart=[shipped["key"]]
        ).proposal
        actions.accept(proposed, by=somebody("ben"), told_apart=[shipped["key"]])
        call_command("publish_release", "second", "--unless-put-back")
        assert "nothing published: own-2023-bevanec looks like walter-2023-bevanec" in capsys.readouterr().err
        assert releases.current().release.name == "shipped"
        call_command("publish_release", "second")  # by somebody who looked
        rename_folfiri()
        call_command("publish_release", "third", "--unless-put-back")
        assert releases.current().release.name == "third"


def test_an_error_while_publishing_leaves_the_former_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rename_folfiri()
    save = KnowledgeRelease.save

    def save_and_fail(self: KnowledgeRelease, *args: Any, **kwargs: Any) -> None:
        save(self, *args, **kwargs)
        raise RuntimeError("the power is cut")

    monkeypatch.setattr(KnowledgeRelease, "save", save_and_fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        publishing.publish("second")
    assert releases.current().release.name == "shipped"


KILLED = """
import os, signal, sys
import django
django.setup()
from curation.actions import publishing
from regimens.models import KnowledgeRelease
from tests.factories.curation import rename_folfiri

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

save = KnowledgeRelease.save
def save_and_die(*args, **kwargs):
    save(*args, **kwargs)
    die()

rename_folfiri(f"FOLFIRI {sys.argv[1]}")
if sys.argv[1] == "compiling":
    publishing.benchmark_constants = die
elif sys.argv[1] == "before the row":
    KnowledgeRelease.save = die
else:
    KnowledgeRelease.save = save_and_die
publishing.publish("second")
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return own_database("killed", tmp_path_factory.mktemp("database"))


@pytest.mark.parametrize("moment", ["compiling", "before the row", "before the commit"])
def test_a_process_killed_while_publishing_leaves_the_former_one(elsewhere: dict[str, str], moment: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, moment], cwd=ROOT, env=elsewhere)
    assert killed.returncode == -signal.SIGKILL
    with worked_on(at(elsewhere["DATABASE_URL"])):
        in_force = releases.in_force()
        assert in_force and releases.compiled(in_force).release.name == "shipped"
        assert KnowledgeRelease.objects.count() == 1
