"""How knowledge changes: entries, proposals, readings, imports and releases, each by the decision of two people."""
