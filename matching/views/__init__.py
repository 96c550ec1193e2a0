"""The pages of matching: one module a noun."""
