"""The surveillance desk: what is new at PubMed, registers and feeds, read from files and from the sources alike.

`records` says what was found in one shape whatever the source; `files` and `online` read it; `known` knows again what
is held, proposed or was found before. The actions: `searches`, `looking`, `deciding`, `notices`.
"""
