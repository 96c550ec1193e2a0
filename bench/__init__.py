"""Measurements against peers, run by `make bench`; results go to bench/results/."""
