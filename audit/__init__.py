"""The audit trail: what is recorded besides the actions of curation, its chain of hashes, its words and its exports.

`audit.events.record` writes events; nothing else does.
"""
