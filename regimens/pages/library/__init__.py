"""The library: what a release holds, page by page, without a patient."""
