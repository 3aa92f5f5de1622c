"""The ledger's migrations. Expand and contract: the last release works on the new schema."""
