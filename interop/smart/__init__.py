"""SMART App Launch 2.2: the patient form filled from a hospital's record, read once, confirmed, and never kept.

    launch ──▶ the server's own sign-in ──▶ callback ──▶ the table of `/fill/` ──▶ the form

`discovery` asks what a server can do, `carried` is what this browser brings back, `grant` gets, checks and gives back
the token, `identity` looks at who signed it, `pages` are the three addresses. Imported with the first launch.
Source: INTEROP, section 9.
"""
