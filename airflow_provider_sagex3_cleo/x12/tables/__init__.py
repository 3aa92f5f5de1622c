"""The tables of the standard as data, one file a release: see docs/x12.md for their form."""
