"""Hospitals' records as files of a registry: folders of FHIR bundles, and OMOP tables.

Both are read by `interop.reading`, so that a record says the same here as on the page that fills the form: OMOP rows
are put into the shapes of FHIR first. What cannot be read is listed beside what is.
"""
