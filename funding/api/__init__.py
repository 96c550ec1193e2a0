"""Calls and what follows from them, for programs."""
