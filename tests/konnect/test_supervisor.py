"""The supervisor of `make demo`: starts, keeps alive, and stops all that it started."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from konnect import embedded, supervisor
from tests.processes import PATIENCE, Servers, free_port, status_of, wait_until

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
        # Making the tables alone takes most of a minute, and other tests run beside it.
        wait_until(self.serves, message="No portal")

    def said(self):
        return (self.directory / "supervisor.log").read_text()

    def record(self):
        """Return what the supervisor wrote down; nothing while it is writing."""
        try:
            return json.loads((self.directory / "supervisor.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def children(self):
        """Return the children that live; one that prints the progress may have ended."""
        return [int(pid) for pid in self.record().get("children", {}) if is_alive(int(pid))]

    def serves(self):
        """Tell whether this supervisor's web server answers, not that of a crashed one."""
        assert self.process.poll() is None, self.said()
        is_ours = self.record().get("supervisor") == self.process.pid
        return is_ours and len(self.children()) >= 3 and status_of(f"{self.url}/healthz")[0] == 200

    def is_ready(self):
        return status_of(f"{self.url}/readyz")[0] == 200

    def processes(self):
        """Return every process that works for this portal."""
        return [
            process.pid
            for process in psutil.process_iter()
            if is_alive(process.pid) and self.belongs(process)
        ]

    def belongs(self, process):
        try:
            return process.environ().get("KONNECT_DATA_DIR") == str(self.directory)
        except psutil.Error:
            return False


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
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
    portal.process.wait(PATIENCE)
    shutil.rmtree(directory)


def test_supervisor_survives_everything_and_leaves_nothing(portal):
    wait_until(portal.is_ready)

    second = subprocess.run(
        portal.command(), check=True, env=portal.environment, cwd=embedded.ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert second.stdout == f"KONNECT already runs at {portal.url}.\n"

    # The one that prints the progress has ended: nobody starts it again.
    wait_until(lambda: len(portal.children()) == 3)
    killed = portal.children()
    for pid in killed:
        os.killpg(pid, signal.SIGKILL)
    portal.servers.kill_postgres()
    portal.servers.kill_valkey()
    wait_until(lambda: len(set(portal.children()) - set(killed)) == len(killed))
    wait_until(portal.is_ready)

    portal.process.send_signal(signal.SIGINT)
    assert portal.process.wait(PATIENCE) == 0
    wait_until(lambda: portal.processes() == [], message="Something lives on")
    assert portal.servers.postgres_pid() is None


def test_supervisor_killed_is_cleared_up_by_the_next(portal):
    orphans = portal.children()
    portal.process.kill()
    portal.process.wait(PATIENCE)

    portal.start()

    assert "of a crashed run" in portal.said()
    assert set(orphans) & set(portal.children()) == set()
    assert [pid for pid in orphans if is_alive(pid)] == []


def test_free_port_passes_over_a_taken_one_and_says_so(monkeypatch, capsys):
    with socket.socket() as taken:
        taken.bind((supervisor.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(supervisor, "FIRST_PORT", port)

        found = supervisor.free_port()

    assert found > port
    assert capsys.readouterr().out == f"Port {port} is taken; using {found}.\n"
