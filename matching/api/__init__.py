"""The nouns of matching at /api/v1/: read and written by the doors that the pages use."""
