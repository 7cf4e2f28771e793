"""How other systems talk to necapp: reading FHIR, the JSON API, and what a hospital's own systems ask.

`terminology` holds the codes that are understood, `reading` turns FHIR into features; both are imported when first
used.
"""
