"""Ranks the patients of a registry part by part: plain Python with Arrow, in this process or in workers of Dask.

    sources   files to parts, and the rows of a part        mapping   columns to features
    work      one part: rows to tables, tables to files     tables    their columns     summary   what is counted
    job       what is asked, and which code answers         release   the knowledge, verified where it arrives
    folder    the folder that is written: what is done, and the manifest
    cluster   parts to workers and back                     run       all of it

Nothing here imports Django: a worker needs neither its settings nor a database.
"""
