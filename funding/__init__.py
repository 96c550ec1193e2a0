"""Mobility calls: from publication to award, and what became of it."""
