"""What the admin's start page lists together: in each group entries first, then rows of them."""

from django.utils.translation import gettext_lazy

from staff.site import site

site.groups += [
    (
        gettext_lazy("Evidence"),
        tuple(
            f"regimens.{model}"
            for model in ("publication", "study", "studyreport", "cohort", "survivalrate", "finding")
        ),
    ),
    (
        gettext_lazy("Options"),
        tuple(
            f"regimens.{model}"
            for model in (
                *("regimen", "regimendrug", "leaddrug", "caution", "regionalavailability"),
                *("drug", "drugcaution", "exposureclass", "licence", "indication", "indicationsource"),
            )
        ),
    ),
    (
        gettext_lazy("Biomarkers, guidelines, trials"),
        tuple(f"regimens.{model}" for model in ("biomarker", "prevalence", "guidelinestatement", "trial")),
    ),
    (
        gettext_lazy("Surveillance"),
        tuple(
            f"regimens.{model}"
            for model in (
                *("savedsearch", "searchlook", "surveyfinding", "findingreason"),
                *("reportednotice", "searcheduntil", "entrycheck"),
            )
        ),
    ),
    (
        gettext_lazy("Decisions"),
        tuple(
            f"regimens.{model}"
            for model in (
                *(
                    "proposal",
                    "workpackage",
                    "packageentry",
                    "importquestion",
                    "entry",
                    "reading",
                    "readingtask",
                    "intereststatement",
                ),
                *("knowledgerelease", "releaseinforce", "event"),
            )
        ),
    ),
    (gettext_lazy("Accounts"), ("auth.user", "auth.group")),
]

site.names |= {
    "regimens.publication": gettext_lazy("Publications"),
    "regimens.study": gettext_lazy("Studies"),
    "regimens.studyreport": gettext_lazy("Reports of studies"),
    "regimens.cohort": gettext_lazy("Cohorts"),
    "regimens.survivalrate": gettext_lazy("Survival rates"),
    "regimens.finding": gettext_lazy("Findings"),
    "regimens.regimen": gettext_lazy("Regimens"),
    "regimens.regimendrug": gettext_lazy("Drugs of regimens"),
    "regimens.leaddrug": gettext_lazy("Drugs of what a regimen is given after"),
    "regimens.caution": gettext_lazy("Cautions of regimens"),
    "regimens.regionalavailability": gettext_lazy("Availability by region"),
    "regimens.drug": gettext_lazy("Drugs"),
    "regimens.drugcaution": gettext_lazy("Cautions of drugs"),
    "regimens.exposureclass": gettext_lazy("Exposure classes"),
    "regimens.licence": gettext_lazy("Licences"),
    "regimens.indication": gettext_lazy("Indications"),
    "regimens.indicationsource": gettext_lazy("Sources of indications"),
    "regimens.biomarker": gettext_lazy("Biomarkers"),
    "regimens.prevalence": gettext_lazy("Prevalences"),
    "regimens.guidelinestatement": gettext_lazy("Guideline statements"),
    "regimens.trial": gettext_lazy("Trials"),
    "regimens.savedsearch": gettext_lazy("Saved searches"),
    "regimens.searchlook": gettext_lazy("Search looks"),
    "regimens.surveyfinding": gettext_lazy("Survey findings"),
    "regimens.findingreason": gettext_lazy("Finding reasons"),
    "regimens.reportednotice": gettext_lazy("Reported notices"),
    "regimens.searcheduntil": gettext_lazy("Searched until"),
    "regimens.entrycheck": gettext_lazy("Entry checks"),
    "regimens.proposal": gettext_lazy("Proposals"),
    "regimens.workpackage": gettext_lazy("Work packages"),
    "regimens.packageentry": gettext_lazy("Package entries"),
    "regimens.importquestion": gettext_lazy("Import questions"),
    "regimens.entry": gettext_lazy("Entries"),
    "regimens.reading": gettext_lazy("Readings"),
    "regimens.readingtask": gettext_lazy("Readings that differ"),
    "regimens.intereststatement": gettext_lazy("Statements of interests"),
    "regimens.knowledgerelease": gettext_lazy("Releases"),
    "regimens.releaseinforce": gettext_lazy("Releases put in force"),
    "regimens.event": gettext_lazy("Events"),
    "auth.user": gettext_lazy("Accounts"),
    "auth.group": gettext_lazy("Roles"),
}
