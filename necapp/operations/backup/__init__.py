"""A whole database as files that any machine reads, back into an empty one, and from one kind of database to another.

connections   databases beside the one of the settings, and reading as of one moment
tables        every table as rows of plain values, the same for SQLite and PostgreSQL, and what they sum up to
rankings      what is ranked before and after, so that a restored database is known to rank as it did
snapshot      a database as of one moment: its manifest and its rows
folder        a backup as files, with their checksums
loading       rows into an empty database, all or nothing, and the comparison with what they were read from
"""
