"""Imports that save curators' work: registers, PubMed and spreadsheets, read into proposals and nothing else.

Files become entries, differences and problems by plain functions; `batch` alone writes, and only proposals.
"""
