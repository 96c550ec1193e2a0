"""What every address under /api/v1/ has in common, and the nouns of accounts there."""
