"""What the admin's start page lists together: in each group entries first, then rows of them."""

from staff.site import site

site.groups += [
    (
        "Evidence",
        tuple(
            f"regimens.{model}"
            for model in ("publication", "study", "studyreport", "cohort", "survivalrate", "finding")
        ),
    ),
    (
        "Options",
        tuple(
            f"regimens.{model}"
            for model in (
                *("regimen", "regimendrug", "leaddrug", "caution", "regionalavailability"),
                *("drug", "drugcaution", "exposureclass", "licence", "indication", "indicationsource"),
            )
        ),
    ),
    (
        "Biomarkers, guidelines, trials",
        tuple(f"regimens.{model}" for model in ("biomarker", "prevalence", "guidelinestatement", "trial")),
    ),
    (
        "Surveillance",
        tuple(
            f"regimens.{model}"
            for model in (
                *("savedsearch", "searchlook", "surveyfinding", "findingreason"),
                *("reportednotice", "searcheduntil", "entrycheck"),
            )
        ),
    ),
    (
        "Decisions",
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
    ("Accounts", ("auth.user", "auth.group")),
]
