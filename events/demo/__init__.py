"""Invented events for demonstrations: what they are, and who wishes to meet whom."""
