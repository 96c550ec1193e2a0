"""What people do to the nouns of matching: one module a noun."""
