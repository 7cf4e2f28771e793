"""What a ranked registry tells, for people: counts of the manifest become sections of words, tables and plots.

    manifest ──manifest──▶ checked counts ──sections──▶ Document ──▶ HTML file, page `/registries/`, PDF

No patient is read for it, but to compare two releases (`comparison`), which reads the tables of both runs.
"""
