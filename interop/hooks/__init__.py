"""CDS Hooks 2.0: cards in a hospital's own system when a chart opens or drugs are ordered.

    a call ──trust, received──▶ HookRequest ──prefetch──▶ record of one patient ──interop.reading──▶ features
    ──regimens.rules──▶ ranking ──cards──▶ options, cautions, tests

Nothing of a patient is kept or logged; imported with the first call. Source: INTEROP, section 8.
"""
