"""How numbers are written and drawn, in the reader's language: no clinical meaning, no model, no request."""
