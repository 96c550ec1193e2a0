"""The fewest breaks when every meeting must be held, with a proof.

The published B2B meeting-scheduling problem (Bofill and others, CP 2014 and JAIR 74, 2022): each
meeting gets a slot, nobody is in two meetings at once, every slot has so many tables; the fewest
holes, a hole being one idle period of any length between two meetings of a person. `solve` in
`holes.solving` decides it from the lower bound upwards; `holes.problem` says what goes in.

Pure: the standard library, OR-Tools and, in a process of its own, CaDiCaL.
"""
