"""The score: arrays and frozen dataclasses in and out, no framework."""
