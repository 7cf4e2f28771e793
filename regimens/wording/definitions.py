"""What is asked for in a field of the patient form, where the name alone leaves it open: a sentence or two each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

DEFINITIONS = {
    "platinum_free_interval_months": gettext_lazy(
        "Months from the last dose of platinum to progression. Below 3 months counts as refractory or resistant, 6 or "
        "more as sensitive; progression during platinum is 0."
    ),
    "differentiation": gettext_lazy(
        "By morphology, not by Ki-67 alone. NEC is poorly differentiated; a well-differentiated tumour with Ki-67 "
        "above 20 percent is a NET G3, which this page does not rank."
    ),
    "rapid_progression": gettext_lazy(
        "Growth or loss of performance within weeks, so that the first answer has to come soon."
    ),
    "msi": gettext_lazy(
        "Microsatellite instability by PCR or sequencing, or loss of a mismatch repair protein (MLH1, PMS2, MSH2, "
        "MSH6) by immunohistochemistry."
    ),
    "tmb": gettext_lazy(
        "Mutations per megabase as the assay reports them. 10 or more counts as high; that limit was set with "
        "FoundationOne CDx on tissue, and other panels and blood do not measure quite the same."
    ),
    "dll3": gettext_lazy(
        "Delta-like ligand 3 on the tumour cells, by immunohistochemistry. Trials differ in what they call positive "
        "(from any staining to 75 percent of cells): enter what the pathologist reports."
    ),
    "sstr": gettext_lazy(
        "Somatostatin receptor imaging (PET or scintigraphy). Positive means uptake above liver in all lesions; "
        "anything less is negative here."
    ),
    "rb1_loss": gettext_lazy(
        "Loss of the RB1 protein by immunohistochemistry, or an inactivating RB1 alteration. Loss speaks for NEC and "
        "against NET G3."
    ),
    "mgmt_methylated": gettext_lazy(
        "Methylation of the MGMT promoter in the tumour. Positive means methylated. Reduced protein by "
        "immunohistochemistry is another test."
    ),
    "her2": gettext_lazy("Immunohistochemistry as for gastric cancer, 0 to 3+; 0 is negative."),
    "pd_l1_cps": gettext_lazy(
        "Combined positive score, 0 to 100: tumour cells and immune cells that stain, per 100 tumour cells. Neither "
        "TPS nor a percentage of tumour cells."
    ),
    "tce_centre": gettext_lazy(
        "T-cell engagers such as tarlatamab need a centre that watches for cytokine release and neurotoxicity after "
        "the first doses, and somebody with the patient at home."
    ),
    "creatinine_clearance": gettext_lazy(
        "As the laboratory or pharmacy reports it. It is not computed here from creatinine and age: the formulas also "
        "need sex and weight, they differ, and each drug’s label was written with one of them."
    ),
    "bilirubin_uln": gettext_lazy("Total bilirubin as a multiple of the laboratory’s upper limit of normal (ULN)."),
    "ast_alt_uln": gettext_lazy("As a multiple of the laboratory’s upper limit of normal (ULN)."),
    "child_pugh": gettext_lazy("Of cirrhosis; leave it unknown where there is none."),
    "dpd": gettext_lazy(
        "Dihydropyrimidine dehydrogenase, by DPYD genotype or uracil in plasma. Complete deficiency rules "
        "fluoropyrimidines out; partial deficiency means a lower dose."
    ),
    "ugt1a1": gettext_lazy("Poor metabolisers (two alleles of *28 or *6) have more neutropenia with irinotecan."),
    "qtcf": gettext_lazy("QT interval corrected by Fridericia’s formula."),
    "proteinuria": gettext_lazy("Protein in urine of 24 hours, or what the protein-creatinine ratio says of it."),
}
