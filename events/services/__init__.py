"""Everything that changes events, and the larger reads."""
