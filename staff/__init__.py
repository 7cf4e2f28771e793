"""The admin's site, its tools, and what its pages share."""
