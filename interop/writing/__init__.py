"""Writes FHIR R4: a ranking, and what a board decided. Nothing here asks a database, a clock or a network.

    ranking ──Recorded──▶ options, cautions, tests ──▶ Bundle
    frozen rows of a decision ──▶ CarePlan beside the options that it was chosen from ──▶ Bundle

A ranking names alternatives: it never holds a MedicationRequest, and never one option alone. All words are English.
Source: INTEROP, section 7.
"""
