"""Work packages in the admin: begun with a number, filled in, and decided on one page."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from audit.models import Event
from curation import actions
from curation.accepted import accepted
from curation.models import Entry, Proposal, WorkPackage
from tests.factories.accounts import signed_in
from tests.factories.curation import REASON, content, somebody
from tests.forms import filled

pytestmark = pytest.mark.django_db

FILES = Path(__file__).parents[1] / "imports" / "files"
NEW = reverse("admin:work-package-new")
PMID = "39123456"
RECORD = f"""<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>{PMID}</PMID><Article><Journal><JournalIssue>
<Volume>12</Volume><PubDate><Year>2025</Year></PubDate></JournalIssue></Journal>
<ArticleTitle>Liposomal irinotecan after platinum in made-up carcinoma.</ArticleTitle>
<Pagination><MedlinePgn>101-109</MedlinePgn></Pagination>
<ELocationID EIdType="doi">10.1000/made-up</ELocationID>
<AuthorList><Author><LastName>Doe</LastName><Initials>J</Initials></Author></AuthorList>
<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
<AccessionNumber>NCT05882058</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
<PublicationTypeList><PublicationType>Clinical Trial, Phase II</PublicationType></PublicationTypeList></Article>
<MedlineJournalInfo><MedlineTA>J Made Up</MedlineTA></MedlineJournalInfo>
<CommentsCorrectionsList><CommentsCorrections RefType="UpdateOf"><RefSource>medRxiv</RefSource><PMID>38000001</PMID>
</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
# What a curator fills in of one cohort; all else of the publication is there.
TYPED = {
    "verified": "fulltext",
    "study_design": "single-arm-phase-2",
    "study_line": "second",
    "study_histology": "nec",
    "study_sites": ["colorectal"],
    "results__0__arm": "Liposomal irinotecan",
    "results__0__regimen": "folfiri",
    "results__0__n": "44",
    "results__0__evaluable": "44",
    "results__0__responders": "12",
    "results__0__pfs": "4,1",
    "results__0__os": "9.1",
    "proposal_reason": "A phase II study in second line.",
}


def begin(client: Client, identifier: str = "", file: bytes = b"", name: str = "record.xml", **more: str) -> Any:
    given: dict[str, Any] = {"identifier": identifier, **more}
    if file:
        given["file"] = BytesIO(file)
        given["file"].name = name
    return client.post(NEW, given)


def page_of(package: WorkPackage) -> str:
    return reverse("admin:work-package", args=[package.pk])


def decide(client: Client, package: WorkPackage, decision: str, **more: str) -> Any:
    return client.post(reverse("admin:work-package-decide", args=[package.pk]), {"decision": decision, **more})


class TestFromOneNumber:
    def test_a_publication_with_a_cohort_takes_three_clicks_and_fourteen_fields(
        self, as_ada: Client, as_ben: Client
    ) -> None:
        """Before: ten clicks and twenty-seven fields. Aimed at: five and fifteen."""
        clicks, fields = 0, 0
        assert reverse("admin:work-packages") in as_ada.get(reverse("admin:index")).content.decode()
        clicks += 1  # “Work packages” on the start page
        assert 'name="identifier"' in as_ada.get(reverse("admin:work-packages")).content.decode()
        fields += 1  # the PMID
        response = begin(as_ada, PMID, RECORD.encode())
        clicks += 1  # “Begin”
        form = as_ada.get(response.url, follow=True)
        html = form.content.decode()
        assert "Liposomal irinotecan after platinum" in html and "10.1000/made-up" in html
        assert "Its trial is here: NCT05882058" in html and "Its preprint, PubMed 38000001, is not here" in html
        data = filled(html, **TYPED)
        fields += len(TYPED)
        assert data["proposal_source"] == f"https://pubmed.ncbi.nlm.nih.gov/{PMID}/"
        address = form.redirect_chain[-1][0] if form.redirect_chain else response.url
        done = as_ada.post(address, data.urlencode() + "&_propose=1", content_type="application/x-www-form-urlencoded")
        clicks += 1  # “Propose the work package”
        assert done.status_code == 302, done.content.decode()
        assert (clicks, fields) == (3, 14)
        package = WorkPackage.objects.get()
        assert (package.status, package.identifier) == ("proposed", f"PMID {PMID}")
        assert decide(as_ben, package, "accept").status_code == 302
        (entry,) = Entry.objects.filter(kind="publications", key__startswith="doe-2025")
        assert entry.values["results"][0]["pfs"] == 4.1 and entry.values["pmid"] == PMID
        assert entry.values["study_key"] == "NCT05882058"

    def test_what_is_here_already_is_changed_and_not_entered_again(self, as_ada: Client) -> None:
        """By its words: the base has it without the record's identifiers."""
        known = content("publications", "walter-2023-bevanec")
        author = known["authors"].split(",")[0].split(" ")[0]
        record = RECORD.replace("Liposomal irinotecan after platinum in made-up carcinoma.", known["title"])
        record = (
            record.replace("<Year>2025", f"<Year>{known['year']}")
            .replace("Doe", author)
            .replace("<Initials>J", "<Initials>T")
        )
        record = record.replace("10.1000/made-up", known["doi"] or "10.1000/made-up").replace(
            PMID, known["pmid"] or PMID
        )
        response = begin(as_ada, "", record.encode())
        assert "walter-2023-bevanec" in response.url
        (entry,) = WorkPackage.objects.get().entries.all()
        assert (entry.key, entry.base_sha256) == ("walter-2023-bevanec", Entry.objects.get(key=entry.key).sha256)

    def test_what_nobody_knows_is_said_and_what_is_none_refused(self, as_ada: Client) -> None:
        page = as_ada.get(begin(as_ada, "39999999").url).content.decode()
        assert "Nothing is known of PMID 39999999 here" in page and "fill_packages" in page
        for given, said in (
            ({"identifier": "PMC1"}, "holds no PMID, DOI or NCT number"),
            ({}, "Give a PMID, DOI or NCT number"),
            ({"file": b"no record"}, "a file of PubMed"),
            ({"file": b"no record" * 400_000}, "a file of PubMed"),
            ({"file": b"x" * 5_250_000}, "larger than 5 MB"),
            ({"file": b"no record", "name": "record.html"}, "ends in .xml or .json"),
            ({"file": (FILES / "records.xml").read_bytes()}, "The file holds several records"),
        ):
            response = begin(as_ada, **given)
            assert response.status_code == 422 and said in response.content.decode(), given
        assert WorkPackage.objects.count() == 1

    def test_a_record_that_cannot_be_read_is_in_the_way_of_its_own_package_alone(self, as_ada: Client) -> None:
        broken = "<PubmedArticle><MedlineCitation><PMID>5</PMID></MedlineCitation></PubmedArticle>"
        file = RECORD.replace("</PubmedArticleSet>", f"{broken}</PubmedArticleSet>").encode()
        for identifier, status in (("5", 422), ("", 422), (PMID, 302)):
            assert begin(as_ada, identifier, file).status_code == status, identifier
        assert WorkPackage.objects.get().identifier == f"PMID {PMID}"

    def test_a_record_of_a_day_to_come_is_refused(self, as_ada: Client) -> None:
        study = (FILES / "study-completed.json").read_text()
        later = re.sub(r'("versionHolder": *")[0-9-]+', r"\g<1>2099-01-02", study)
        response = begin(as_ada, "NCT05882058", later.encode(), "study.json")
        assert response.status_code == 422 and "2099-01-02" in response.content.decode()

    def test_a_trial_from_its_record(self, as_ada: Client) -> None:
        study = (FILES / "study-completed.json").read_bytes()
        response = begin(as_ada, "NCT05882058", study, "study.json")
        assert response.status_code == 302
        (entry,) = WorkPackage.objects.get().entries.all()
        assert (entry.kind, entry.key) == ("trials", "NCT05882058")


class TestTogether:
    def test_a_regimen_and_what_names_it_are_proposed_shown_with_one_effect_and_accepted(
        self, as_ada: Client, ada: User, as_ben: Client
    ) -> None:
        regimen = content("regimens", "folfiri", slug="new-regimen", name="A new regimen", requires=None)
        indication = content("indications", "captem-lower-ki67") | {
            "key": "new-regimen-all",
            "regimen": "new-regimen",
            "when": {},
        }
        indication["sources"] = [one for one in indication["sources"] if not one.startswith("licence:")]
        drafts = [
            actions.Drafted("indications", "new-regimen-all", indication),
            actions.Drafted("regimens", "new-regimen", regimen),
        ]
        package = actions.begin_package(title="A new regimen", entries=drafts, by=ada)
        # The form of the indication knows the regimen, though nobody accepted it.
        edit = reverse("admin:regimens_indication_add") + f"?package={package.pk}&key=new-regimen-all"
        html = as_ada.get(edit).content.decode()
        assert "A new regimen (new-regimen)" in html
        checked = as_ada.post(
            edit, filled(html).urlencode() + "&_live=1", content_type="application/x-www-form-urlencoded"
        )
        assert checked.json() == {"problems": {}, "top": [], "warnings": {}}
        shown = as_ada.get(page_of(package), {"effect": "shown"}).content.decode()
        assert "to correct before it can be proposed" not in shown and "reference patient" in shown
        given = {"proposal_reason": "New.", "proposal_source": "https://example.org/paper"}
        assert decide(as_ada, package, "propose", **given).status_code == 302
        shown = as_ben.get(page_of(package), {"effect": "shown"}).content.decode()
        assert "A new regimen" in shown and "Accept all of it" in shown and shown.count("Effect of all of it") == 1
        waiting = as_ben.get(reverse("admin:waiting")).content.decode()
        assert page_of(package) in waiting
        one = Proposal.objects.filter(kind="regimens").latest("pk")
        alone = as_ben.get(reverse("admin:regimens_proposal_change", args=[one.pk])).content.decode()
        assert f"part of work package {package.pk}" in alone and 'value="accept"' not in alone
        assert decide(as_ben, package, "accept").status_code == 302
        assert {"new-regimen"} <= accepted()["regimens"].keys() and "new-regimen-all" in accepted()["indications"]

    def test_a_draft_may_be_unfinished_and_says_what_is_missing(self, as_ada: Client, ada: User) -> None:
        package = actions.begin_package(title="x", by=ada)
        address = reverse("admin:regimens_regimen_add") + f"?package={package.pk}"
        data = filled(as_ada.get(address).content.decode(), slug="half", name="Half", otherwise_EU="off-label")
        for region in ("US", "UK", "JP", "CN"):
            data[f"otherwise_{region}"] = "off-label"
        data["setting"] = "later-line"
        kept = as_ada.post(address, data.urlencode() + "&_keep=1", content_type="application/x-www-form-urlencoded")
        assert kept.status_code == 302, kept.content.decode()
        page = as_ada.get(page_of(package)).content.decode()
        assert "to correct before it can be proposed" in page and "Class: This is needed." in page
        refused = decide(as_ada, package, "propose", proposal_reason="x", proposal_source="y")
        assert refused.status_code == 422 and not Proposal.objects.exists()
        entry = package.entries.get()
        take_out = reverse("admin:work-package-take-out", args=[package.pk, entry.pk])
        assert as_ada.post(take_out).status_code == 302 and not package.entries.exists()

    def test_a_change_asked_for_leads_back_to_it(self, as_ada: Client, ada: User, as_ben: Client) -> None:
        named = content("regimens", "folfiri", name="FOLFIRI, renamed")
        base = Entry.objects.get(kind="regimens", key="folfiri").sha256
        package = actions.begin_package(
            title="x", entries=[actions.Drafted("regimens", "folfiri", named, base)], by=ada
        )
        actions.propose_package(package, by=ada, **REASON)
        assert decide(as_ben, package, "ask-for-change").status_code == 422
        assert decide(as_ben, package, "ask-for-change", comment="Name it well.").status_code == 302
        assert "Name it well." in as_ada.get(page_of(package)).content.decode()
        assert page_of(package) in as_ada.get(reverse("admin:waiting")).content.decode()
        assert decide(as_ada, package, "withdraw").status_code == 302


class TestAccess:
    @pytest.mark.parametrize(("role", "sees", "begins"), [("Curator", 200, 200), ("Board member", 200, 403)])
    def test_roles(self, role: str, sees: int, begins: int, ada: User) -> None:
        client = signed_in(somebody(role.lower().replace(" ", "-"), role))
        package = actions.begin_package(title="x", by=ada)
        assert client.get(reverse("admin:work-packages")).status_code == sees
        assert client.get(page_of(package)).status_code == sees
        assert client.get(NEW).status_code == begins

    def test_only_who_began_it_edits_it(self, as_ben: Client, ada: User) -> None:
        package = actions.begin_package(title="x", by=ada)
        address = reverse("admin:regimens_regimen_add") + f"?package={package.pk}"
        assert as_ben.get(address).url == reverse("admin:work-packages")
        before = Event.objects.count()
        assert decide(as_ben, package, "withdraw").status_code == 403
        assert [event.action for event in Event.objects.all()[: Event.objects.count() - before]] == ["refuse-access"]
