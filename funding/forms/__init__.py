"""Forms of funding."""
