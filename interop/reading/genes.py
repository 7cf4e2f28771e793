"""Variants, molecular biomarkers and pharmacogenetic results, by the profiles of Genomics Reporting.

A negative is read only where it is said: of a gene without a variant named, or of the variant itself.
Source: INTEROP, table of section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from interop.terminology.codes import Coding, Terminology

from .dates import Span
from .elements import Resource, codings, codings_in, has_no_value, number, table, tables, text, value_key
from .references import Entry, Record
from .statements import Statement, date_of_observation, said
from .tests import answer_of, date_among, newest_with_value, sources_of

RAS = ("KRAS", "NRAS", "HRAS")
RAS_FOR_NEGATIVE = ("KRAS", "NRAS")
NTRK = ("NTRK1", "NTRK2", "NTRK3")
ACTIVATING_CODONS = frozenset({12, 13, 59, 61, 117, 146})  # of KRAS, NRAS and HRAS
POINT_MUTATION = {"BRAF": "braf_v600e", "KRAS": "kras_g12c"}
METABOLISERS = {
    "dpd": {"normal": "normal", "intermediate": "partial", "poor": "complete"},
    "ugt1a1": {"normal": "normal", "intermediate": "intermediate", "poor": "poor"},
}
FUSED = frozenset({"RET", *NTRK})
PHARMACOGENES = {"DPYD": "dpd", "UGT1A1": "ugt1a1"}
ASSESSED_DRUGS = {"fluorouracil": "dpd", "capecitabine": "dpd", "irinotecan": "ugt1a1"}
REDUCED_ALLELES = frozenset({"28", "6"})  # of UGT1A1
_PROTEIN = re.compile(r"p\.\(?(?P<before>[A-Z][a-z]{2}|[A-Z])(?P<codon>\d+)(?P<after>[A-Z][a-z]{2}|[A-Z])\)?")
_GENOTYPE = re.compile(r"(?:UGT1A1\s*)?\*(\w+)\s*/\s*(?:UGT1A1\s*)?\*(\w+)")
# What an "absent" may be said with, and still speak of every variant of its genes.
SAID_BESIDE = frozenset({"gene", "source-class", "beside"})
# Names of a gene that are not another gene's.
ALIASES = {"ERBB2": {"HER2"}, "CD274": {"PD-L1", "PDL1"}}


def statements(entry: Entry, record: Record, terms: Terminology) -> Iterator[Statement]:
    resource = entry.resource
    marks = [code.value for code in terms.all("element", codings(resource, "code"))]
    if "therapeutic-implication" in marks:
        yield from _implication(entry, record, terms)
    if "genotype" in marks:
        yield from _genotype(entry, terms)
    if "variant" in marks:
        yield from _variant(entry, terms)
    if (kinds := _kinds(resource, terms)) and "variant" not in marks:
        yield from _biomarker(entry, kinds, terms)


def is_germline(entry: Entry, terms: Terminology) -> bool:
    """Whether a variant is inherited: it says nothing of the tumour."""
    if not any(code.value == "variant" for code in terms.all("element", codings(entry.resource, "code"))):
        return False
    found = _values(entry.resource, "source-class", terms)
    return any(code.value == "germline" for code in terms.all("mark", found))


def together(found: Sequence[Statement]) -> Iterator[Statement]:
    """RAS is negative where KRAS and NRAS both are, NTRK where all three genes are; as old as the oldest of them."""
    for feature, genes, negative in (("ras_mutation", RAS_FOR_NEGATIVE, False), ("ntrk", NTRK, "negative")):
        every = [each for each in found if each.feature == feature and each.part]
        if not every:
            continue
        by_gene = {gene: newest_with_value([each for each in every if each.part == gene]) for gene in genes}
        basis = [each for newest in by_gene.values() for each in newest]
        if all(by_gene.values()):
            date = date_among([each.date for each in basis], "oldest")
            yield Statement(feature, negative, "", date, sources_of(basis))
        else:
            date = date_among([each.date for each in every], "newest")
            yield Statement(feature, None, "not-specific", date, sources_of(every))


def _variant(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    resource, date = entry.resource, date_of_observation(entry.resource)
    genes, wrong = _genes(resource, terms)
    element, answer, why = answer_of(resource, "", terms)
    changes = {kind: _hgvs(resource, kind, terms) for kind in ("protein-change", "coding-change", "genomic-change")}
    named = {change for each in changes.values() for change in each}
    if not genes:
        genes |= _genes_of_changes(changes, terms)
    kinds = _values(resource, "change-type", terms)
    is_fusion = any(code.value == "fusion" for code in terms.all("mark", kinds))
    is_other = any(terms.system(kind) == "so" and not terms.find("mark", kind) for kind in kinds)
    is_of_gene = not _is_narrowed(resource, SAID_BESIDE, terms)
    is_of_fusions = is_fusion and not (named or _is_narrowed(resource, SAID_BESIDE | {"change-type"}, terms))
    is_of_fusions = is_of_fusions and not is_other and not _has_partner(resource, terms)
    features = {feature for gene in genes | wrong for feature in _features_of(gene)}
    for feature in sorted(features):
        of = {gene for gene in genes if feature in _features_of(gene)}
        if not of:
            yield said(entry, feature, None, "component", date, why="display")
        elif answer is None:
            yield said(entry, feature, None, element, date, why=why)
        elif feature in POINT_MUTATION.values():
            value, part = _point(
                feature, answer, changes, named, is_sole=len(genes) == 1, is_of_gene=is_of_gene, terms=terms
            )
            yield _valued(entry, feature, value, element, date, part)
        elif feature == "ras_mutation":
            is_sole = len(genes) == 1
            yield from _ras(entry, of, answer, changes, element, date, is_sole=is_sole, is_of_gene=is_of_gene)
        elif feature in ("ntrk", "ret") and answer == "negative" and not is_of_fusions:
            yield _valued(entry, feature, None, element, date)
        elif feature in ("ntrk", "ret"):
            yield from _fusion(entry, feature, of, answer, element, date, is_fusion=is_fusion)
        elif feature == "rb1_loss":
            is_lost = answer == "positive" and _copies(resource, terms) == 0 and len(genes) == 1
            yield _valued(entry, feature, "positive" if is_lost else None, element, date)


def _valued(entry: Entry, feature: str, value: Any, element: str, date: Span | None, part: str = "") -> Statement:
    return said(entry, feature, value, element, date, why="" if value is not None else "not-specific", part=part)


def _point(
    feature: str,
    answer: str,
    changes: dict[str, set[str]],
    named: set[str],
    *,
    is_sole: bool,
    is_of_gene: bool,
    terms: Terminology,
) -> tuple[Any, str]:
    """The one mutation that a feature asks for: itself present or absent, or the gene without any mutation."""
    if not named:
        return ("negative", "") if answer == "negative" and is_of_gene else (None, "")
    wanted = {
        kind: {code.code for code in terms.of("change") if code.feature == feature and code.value == kind}
        for kind in changes
    }
    genomic = changes["genomic-change"] & wanted["genomic-change"]
    of_gene = any(
        {_bare(change) for change in changes[kind]} & wanted[kind] for kind in ("protein-change", "coding-change")
    )
    if genomic or (of_gene and is_sole):
        return answer, ""
    return None, ""


def _ras(
    entry: Entry,
    genes: set[str],
    answer: str,
    changes: dict[str, set[str]],
    element: str,
    date: Span | None,
    *,
    is_sole: bool,
    is_of_gene: bool,
) -> Iterator[Statement]:
    if answer == "negative":
        if not is_of_gene:
            yield _valued(entry, "ras_mutation", None, element, date)
        for gene in sorted(genes - {"HRAS"} if is_of_gene else ()):
            yield said(entry, "ras_mutation", "negative", element, date, part=gene)
        return
    is_activating = any(_is_activating(change) for change in changes["protein-change"])
    is_of_ras = is_sole or genes <= set(RAS)
    yield _valued(entry, "ras_mutation", True if is_activating and is_of_ras else None, element, date)


def _fusion(
    entry: Entry, feature: str, genes: set[str], answer: str, element: str, date: Span | None, *, is_fusion: bool
) -> Iterator[Statement]:
    if not is_fusion:
        yield _valued(entry, feature, None, element, date)
    elif answer == "positive" or feature == "ret":
        yield _valued(entry, feature, answer, element, date)
    else:
        for gene in sorted(genes):
            yield said(entry, feature, "negative", element, date, part=gene)


def _biomarker(entry: Entry, kinds: set[str], terms: Terminology) -> Iterator[Statement]:
    """Protein by immune stain, and methylation. Of RB1 the protein is stained: its absence is the loss."""
    resource, date = entry.resource, date_of_observation(entry.resource)
    genes, wrong = _genes(resource, terms)
    features = {
        "DLL3": ("dll3", "immune-stain", {"positive": "positive", "negative": "negative"}),
        "RB1": ("rb1_loss", "immune-stain", {"positive": "negative", "negative": "positive"}),
        "MGMT": ("mgmt_methylated", "methylation", {"positive": "positive", "negative": "negative"}),
    }
    for gene in sorted((genes | wrong) & features.keys()):
        feature, kind, values = features[gene]
        if gene in wrong:
            yield said(entry, feature, None, "component", date, why="display")
        elif kind not in kinds or len(genes) > 1:
            yield said(entry, feature, None, "component", date, why="not-specific")
        else:
            element, answer, why = answer_of(resource, "", terms)
            yield said(entry, feature, values[answer] if answer else None, element, date, why=why)


def _implication(entry: Entry, record: Record, terms: Terminology) -> Iterator[Statement]:
    """The metaboliser that a pharmacogenetic result says a patient is."""
    resource, date = entry.resource, date_of_observation(entry.resource)
    genes, wrong = _genes(resource, terms)
    for reference in tables(resource, "derivedFrom"):
        if not genes and not wrong and (source := record.resolve(reference, resource)):
            genes, wrong = _genes(source.resource, terms)
    drugs = {code.value for code in terms.all("drug", _values(resource, "medication-assessed", terms))}
    features = {PHARMACOGENES[gene] for gene in (genes | wrong) & PHARMACOGENES.keys()}
    if not genes and not wrong and not _has(resource, "gene", terms):
        features = {ASSESSED_DRUGS[drug] for drug in drugs & ASSESSED_DRUGS.keys()}
    for feature in sorted(features):
        if any(PHARMACOGENES.get(gene) == feature for gene in wrong):
            yield said(entry, feature, None, "component", date, why="display")
            continue
        codes = [] if resource.get("dataAbsentReason") else _values(resource, "therapeutic-implication", terms)
        found = {METABOLISERS[feature][code.value] for code in terms.all("metaboliser", codes)}
        element = "component"
        if len(found) == 1 and len(features) == 1:
            yield said(entry, feature, found.pop(), element, date)
        else:
            yield said(entry, feature, None, element, date, why="conflict" if len(found) > 1 else "not-specific")


def _genotype(entry: Entry, terms: Terminology) -> Iterator[Statement]:
    resource, date = entry.resource, date_of_observation(entry.resource)
    genes, wrong = _genes(resource, terms)
    for gene in sorted(wrong & PHARMACOGENES.keys()):
        yield said(entry, PHARMACOGENES[gene], None, "component", date, why="display")
    for gene in sorted(genes & PHARMACOGENES.keys()):
        concept = table(resource, "valueCodeableConcept")
        written = [
            text(concept, "text"),
            *(word for _, *words in codings_in(concept, "valueCodeableConcept") for word in words),
        ]
        values = {
            _ugt1a1(found) if (found := _GENOTYPE.fullmatch(word.strip())) else None for word in _starred(written)
        }
        if has_no_value(resource, value_key(resource)):
            yield said(entry, PHARMACOGENES[gene], None, "valueCodeableConcept", date, why="no-value")
        else:
            value = values.pop() if len(values) == 1 and gene == "UGT1A1" and len(genes) == 1 else None
            yield _valued(entry, PHARMACOGENES[gene], value, "valueCodeableConcept", date)


def _starred(written: Sequence[str]) -> list[str]:
    """What names alleles; of the other words nothing is read."""
    return [word for word in written if "*" in word]


def _ugt1a1(found: re.Match[str]) -> str | None:
    alleles = found.groups()
    if not set(alleles) <= REDUCED_ALLELES | {"1"}:
        return None
    return ("normal", "intermediate", "poor")[sum(allele in REDUCED_ALLELES for allele in alleles)]


def _features_of(gene: str) -> set[str]:
    if gene in RAS:
        return {"ras_mutation", *({"kras_g12c"} if gene == "KRAS" else ())}
    if gene in NTRK:
        return {"ntrk"}
    return {{"BRAF": "braf_v600e", "RET": "ret", "RB1": "rb1_loss"}[gene]} if gene in ("BRAF", "RET", "RB1") else set()


def _is_activating(change: str) -> bool:
    found = _PROTEIN.fullmatch(_bare(change))
    if found is None or found["after"] in (found["before"], "Ter"):
        return False
    return int(found["codon"]) in ACTIVATING_CODONS


def _bare(change: str) -> str:
    """A change without its reference sequence and without the brackets of a predicted one."""
    bare = change.rpartition(":")[2].strip()
    return re.sub(r"^p\.\((.*)\)$", r"p.\1", bare)


def _genes_of_changes(changes: dict[str, set[str]], terms: Terminology) -> set[str]:
    """The gene of a genomic change that is known by itself, where none is named."""
    known = {code.code: code.feature for code in terms.of("change") if code.value == "genomic-change"}
    features = {known[change] for change in changes["genomic-change"] if change in known}
    return {gene for gene, feature in POINT_MUTATION.items() if feature in features}


def _components(resource: Resource, kind: str, terms: Terminology) -> Iterator[tuple[Resource, str]]:
    for index, component in enumerate(tables(resource, "component")):
        path = f"component[{index}]"
        if any(code.value == kind for code in terms.all("element", codings(component, "code", path))):
            yield component, path


def _is_narrowed(resource: Resource, beside: Collection[str], terms: Terminology) -> bool:
    """Whether more is said than the genes: a kind of change, an allele, an exon. Absent is then that, and no more."""
    for index, component in enumerate(tables(resource, "component")):
        told = {code.value for code in terms.all("element", codings(component, "code", f"component[{index}]"))}
        if not told & set(beside):
            return True
    return False


def _has_partner(resource: Resource, terms: Terminology) -> bool:
    """Whether another gene is named beside: absent is then the fusion with it, and others may be there."""
    for component, path in _components(resource, "gene", terms):
        found = terms.first("gene", codings(component, "valueCodeableConcept", path))
        if found is None or found.value not in FUSED:
            return True
    return False


def _has(resource: Resource, kind: str, terms: Terminology) -> bool:
    return any(True for _ in _components(resource, kind, terms))


def _values(resource: Resource, kind: str, terms: Terminology) -> list[Coding]:
    found = [
        (component, path)
        for component, path in _components(resource, kind, terms)
        if not has_no_value(component, value_key(component))
    ]
    return [coding for component, path in found for coding in codings(component, "valueCodeableConcept", path)]


def _hgvs(resource: Resource, kind: str, terms: Terminology) -> set[str]:
    """The changes named, by code of HGVS, or by text where that alone is there."""
    found = set()
    for component, path in _components(resource, kind, terms):
        coded = {coding[1] for coding in codings(component, "valueCodeableConcept", path) if coding[1]}
        written = text(table(component, "valueCodeableConcept", path), "text", path) or text(
            component, "valueString", path
        )
        found |= coded or ({written} if written else set())
    return found


def _copies(resource: Resource, terms: Terminology) -> Any:
    for component, path in _components(resource, "copy-number", terms):
        quantity = table(component, "valueQuantity", path)
        return None if text(quantity, "comparator", path) else number(quantity, "value", path)
    return None


def _kinds(resource: Resource, terms: Terminology) -> set[str]:
    """What kind of biomarker it is; {"unsaid"} for one whose kind is not said."""
    kinds = {code.value for code in terms.all("mark", _values(resource, "category", terms))}
    flagged = [coding for each in tables(resource, "category") for coding in codings_in(each, "category")]
    is_biomarker = any(code.value == "category" for code in terms.all("element", flagged))
    return kinds or ({"unsaid"} if is_biomarker or _has(resource, "category", terms) else set())


def _genes(resource: Resource, terms: Terminology) -> tuple[set[str], set[str]]:
    """The genes studied that we know, and those whose code and display are of two genes."""
    by_symbol = {name.means.upper(): name.value for name in terms.of("gene") if not name.code}
    found, wrong = set(), set()
    for component, path in _components(resource, "gene", terms):
        concept = table(component, "valueCodeableConcept", path)
        coded = codings_in(concept, path)
        for coding in coded:
            gene = terms.find("gene", coding)
            symbol = coding[2].strip().upper()
            if gene is None:
                if terms.system(coding) == "hgnc" and symbol in by_symbol:
                    found.add(by_symbol[symbol])
            elif _is_another(symbol, gene.value):
                wrong.add(gene.value)
            else:
                found.add(gene.value)
        if not coded and (symbol := text(concept, "text", path).strip().upper()) in by_symbol:
            found.add(by_symbol[symbol])
    return found - wrong, wrong


def _is_another(display: str, gene: str) -> bool:
    """Whether a display is the symbol of another gene; a name in words is none."""
    is_symbol = bool(re.fullmatch(r"[A-Z][A-Z0-9-]{1,11}", display))
    return is_symbol and display != gene and display not in ALIASES.get(gene, ())
