"""Invented people for the demonstration: pure, deterministic by seed, without Django."""
