"""The supervisor of `make demo`: starts, keeps alive, and stops all that it started."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from konnect import embedded
from tests.processes import Servers, free_port, status_of, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]


class Portal:
    """A whole portal in a data directory of its own, without invented people."""

    def __init__(self, directory, port):
        self.directory, self.port = directory, port
        self.url = f"http://localhost:{port}"
        self.servers = Servers(directory)
        self.environment = os.environ | {
            "KONNECT_DATA_DIR": str(directory),
            "DJANGO_SETTINGS_MODULE": "konnect.settings",
            "KONNECT_DEMO_PEOPLE": "0",
            "KONNECT_EMBEDDER": "lexical",
            "PORT": str(port),
        }

    def command(self, *arguments):
        return (sys.executable, "-m", "konnect.supervisor", *arguments)

    def start(self):
        log = (self.directory / "supervisor.log").open("ab")
        self.process = subprocess.Popen(
            self.command(), env=self.environment, cwd=embedded.ROOT, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        log.close()
        wait_until(lambda: status_of(f"{self.url}/healthz")[0] == 200, seconds=90)

    def said(self):
        return (self.directory / "supervisor.log").read_text()

    def children(self):
        record = json.loads((self.directory / "supervisor.json").read_text())
        return [int(pid) for pid in record["children"]]

    def is_ready(self):
        return status_of(f"{self.url}/readyz")[0] == 200

    def processes(self):
        """Return every process that works for this portal."""
        return [
            process.pid
            for process in psutil.process_iter()
            if process.status() != psutil.STATUS_ZOMBIE and self.belongs(process)
        ]

    def belongs(self, process):
        try:
            return process.environ().get("KONNECT_DATA_DIR") == str(self.directory)
        except psutil.Error:
            return False


@pytest.fixture
def portal():
    """A portal that answers."""
    directory = Path(tempfile.mkdtemp(prefix="konnect-portal-"))
    directory.chmod(0o755)
    portal = Portal(directory, free_port())
    portal.start()
    yield portal
    subprocess.run(portal.command("stop"), check=True, env=portal.environment, cwd=embedded.ROOT)
    portal.process.wait(60)
    shutil.rmtree(directory)


def test_supervisor_survives_everything_and_leaves_nothing(portal):
    wait_until(portal.is_ready, seconds=60)

    second = subprocess.run(
        portal.command(), check=True, env=portal.environment, cwd=embedded.ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert second.stdout == f"KONNECT already runs at {portal.url}.\n"

    for pid in portal.children():
        os.killpg(pid, signal.SIGKILL)
    portal.servers.kill_postgres()
    portal.servers.kill_valkey()
    wait_until(lambda: portal.said().count("starting it again") >= 3, seconds=30)
    wait_until(portal.is_ready, seconds=120)

    portal.process.send_signal(signal.SIGINT)
    assert portal.process.wait(60) == 0
    assert portal.processes() == []
    assert portal.servers.postgres_pid() is None


def test_supervisor_killed_is_cleared_up_by_the_next(portal):
    orphans = portal.children()
    portal.process.kill()
    portal.process.wait(10)

    portal.start()

    assert "of a crashed run" in portal.said()
    assert set(orphans) & set(portal.children()) == set()
    assert [pid for pid in orphans if psutil.pid_exists(pid)] == []
