"""Measurements against peers, run by `make bench`; results go to bench/results/."""

import os

# One thread each, before anything loads a library that would take more: CPU seconds compare.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
