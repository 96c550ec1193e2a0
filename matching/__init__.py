"""Organisations, profiles, listings, suggestions, contacts."""

import os

# onnxruntime reads it when it is loaded: else it reports to its maker, from a file in the home
# directory, and its own function to switch that off comes too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
