"""Registries: thousands to millions of patients ranked on one release, and what that tells of them.

    files ──sources──▶ parts ──work, in processes or on a Dask cluster──▶ folder of Parquet ──summary──▶ report

`engine` runs in workers and knows no Django; `report` says it to people; `records` reads OMOP and FHIR into such files.
"""
