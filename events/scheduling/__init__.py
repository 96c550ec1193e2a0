"""Schedules of meetings: wishes, slots and places in, a schedule with its proof out.

Pure: the standard library, numpy, scipy and OR-Tools. No Django, no clock, no database.
"""
