"""The audit trail: who did what, when and from where; the chain of hashes over it, its words and its exports.

`audit.events.record` writes events; nothing else does.
"""
