"""Editing the evidence base in the admin: forms whose saving is a proposal, and that write no row.

A form is filled from an entry (or from the proposal that is revised), gives an entry back, and has everything but the
reading of what was typed judged by the rules of the loader. Nothing of it touches the database until
`curation.actions.propose` is called.

    criterion_text   criteria as lines of text, and back
    criteria         the field of a criterion: what it reads as, and for how many reference patients it holds
    fields           the fields of figures, intervals, lists and sites
    editor           a form of an entry with its rows, and where on it a problem is said
    entries          what each kind of entry is edited with
    script_words     what its scripts say
    pages            the pages of the admin: the form, the check while typing, the retirement
"""
