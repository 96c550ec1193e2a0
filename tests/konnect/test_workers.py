"""The runner of these tests keeps its word: a group of tests runs in one process, one by one."""

import subprocess
import sys

GROUPED = """
import pytest

pytestmark = pytest.mark.xdist_group("processes")


@pytest.mark.parametrize("number", range(6))
def test_alone(number):
    pass
"""


def test_tests_of_a_group_share_one_worker(tmp_path):
    # A runner that does not know the mark splits the group over its workers without a word.
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    command = (
        sys.executable, "-m", "pytest", "-vv", "-n", "3", "--dist", "loadgroup",
        "--no-loadscope-reorder", "-p", "no:django", "-p", "no:cacheprovider", ".",
    )  # fmt: skip

    ended = subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, text=True)

    passed = [line for line in ended.stdout.splitlines() if " PASSED " in line]
    assert len(passed) == 6
    assert len({line.split("]")[0] for line in passed}) == 1
