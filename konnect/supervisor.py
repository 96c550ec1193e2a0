"""The whole portal on one machine: `make demo`.

Starts the embedded servers, prepares the database, runs the web server, the worker and the beat,
starts again what dies, and stops all that it started.

    python -m konnect.supervisor           run until Ctrl-C
    python -m konnect.supervisor stop      stop the one that runs, or what a crashed one left
"""

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from konnect import embedded
from konnect.probe import is_listening, portal_hears_worker

HOST = os.environ.get("KONNECT_HOST", "127.0.0.1")
FIRST_PORT = int(os.environ.get("PORT", "8000"))
PORTS_TRIED = 50
LONGEST_BACK_OFF_SECONDS = 30
# A child that lived this long was healthy: its next death is a new story.
HEALTHY_SECONDS = 60
# Longer than the worker's own soft shutdown.
STOP_SECONDS = 20
# Pages come first while thousands of texts are embedded.
BACKGROUND_NICENESS = 5
# A worker may stay up and yet be deaf after its broker came back; its heartbeat tells.
WATCH_SECONDS = 30
DEAF_SECONDS = 120


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    failures: int = 0
    next_try_at: float = 0
    is_kept: bool = True
    log: Path = field(default_factory=Path)
    niceness: int = 0

    def start(self, environment: dict[str, str]) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches the supervisor only."""
        output = self.log.open("ab") if self.is_kept else None
        self.process = subprocess.Popen(
            self.command, env=environment, cwd=embedded.ROOT, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output and subprocess.STDOUT,
        )  # fmt: skip
        if output:
            output.close()
        self.started_at = time.monotonic()
        if self.niceness:
            # At once, before it has children of its own: they inherit it.
            os.setpriority(os.PRIO_PROCESS, self.process.pid, self.niceness)

    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def note_death(self) -> None:
        """Decide when to try again: at once the first time, then later and later."""
        lived = time.monotonic() - self.started_at
        self.failures = 1 if lived > HEALTHY_SECONDS else self.failures + 1
        pause = min(2.0 ** (self.failures - 1), LONGEST_BACK_OFF_SECONDS)
        self.next_try_at = time.monotonic() + pause
        code = self.process.returncode if self.process else None
        say(f"The {self.name} ended ({code}); starting it again in {pause:.0f} s. See {self.log}")
        self.process = None

    def signal(self, number: int) -> None:
        """Send a signal to the process and all that it started."""
        if self.process:
            signal_group(self.process.pid, number)


def signal_group(pid: int, number: int) -> None:
    """Send a signal to a process group that may be gone."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def record_file() -> Path:
    """Return where a running supervisor writes what it started."""
    return embedded.data_directory() / "supervisor.json"


def free_port() -> int:
    """Return the first free port, and say so when it is not the usual one.

    Raises:
        RuntimeError: all the ports tried are taken.
    """
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket() as probe:
            # As the web server does: a port that only waits out its last connections is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        if port != FIRST_PORT:
            say(f"Port {FIRST_PORT} is taken; using {port}.")
        return port
    raise RuntimeError(f"Ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} are all taken.")


def secret_key() -> str:
    """Return this installation's own secret, made on first use."""
    file = embedded.data_directory() / "secret-key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


def demo_environment(port: int) -> dict[str, str]:
    """Return the environment of every process of the demonstration."""
    return os.environ | {
        "KONNECT_DEMO": "1",
        "KONNECT_DATA_DIR": str(embedded.data_directory()),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secret_key(),
        "SITE_URL": os.environ.get("SITE_URL") or f"http://localhost:{port}",
        "DJANGO_SETTINGS_MODULE": "konnect.settings",
        "PYTHONUNBUFFERED": "1",
    }


def children(port: int) -> list[Child]:
    """Describe the processes of the portal."""
    python = [sys.executable, "-m"]
    logs = embedded.data_directory() / "logs"
    logs.mkdir(exist_ok=True)
    web = [
        *python, "gunicorn", "konnect.wsgi:application", "--bind", f"{HOST}:{port}",
        "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload",
        "--log-level", "warning", "--graceful-timeout", "5", "--no-control-socket",
    ]  # fmt: skip
    worker = [
        *python, "celery", "-A", "konnect.celery", "worker", "--concurrency", "2",
        "--loglevel", "warning", "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    beat = [
        *python, "celery", "-A", "konnect.celery", "beat", "--loglevel", "warning",
        "--pidfile", "",
    ]  # fmt: skip
    return [
        Child("web server", web, log=logs / "web.log"),
        Child("worker", worker, log=logs / "worker.log", niceness=BACKGROUND_NICENESS),
        Child("beat", beat, log=logs / "beat.log", niceness=BACKGROUND_NICENESS),
        Child("progress", [*python, "konnect.prepare", "progress"], is_kept=False),
    ]


class Supervisor:
    """Keeps the processes of the portal running until it is told to stop."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.environment = demo_environment(port)
        self.children = children(port)
        self.is_stopping = False
        self.next_watch_at = 0.0
        self.heard_at = 0.0
        self.has_said_address = False

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """Note the wish to stop; a second one is obeyed at once."""
        if self.is_stopping:
            for child in self.children:
                child.signal(signal.SIGKILL)
        self.is_stopping = True

    def run(self) -> int:
        """Start everything, watch over it, and stop it all in the end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)
        started_servers = False
        try:
            self.write_record()
            started_servers = start_servers()
            if self.prepare():
                self.watch()
        finally:
            self.stop(stop_servers=started_servers)
        return 0 if self.is_stopping else 1

    def prepare(self) -> bool:
        """Bring the database up to date; return False when that failed or was broken off."""
        say("Preparing the database and the files ...")
        preparation = Child(
            "preparation", [sys.executable, "-m", "konnect.prepare", "demo"], is_kept=False
        )
        self.children.append(preparation)
        preparation.start(self.environment)
        self.write_record()
        while preparation.is_running() and not self.is_stopping:
            time.sleep(0.1)
        self.children.remove(preparation)
        if self.is_stopping:
            preparation.signal(signal.SIGTERM)
            return False
        return preparation.process is not None and preparation.process.returncode == 0

    def watch(self) -> None:
        """Start the processes and start again those that die."""
        say("Starting the web server, the worker and the beat ...")
        for child in self.children:
            child.start(self.environment)
        self.heard_at = time.monotonic()
        self.write_record()
        while not self.is_stopping:
            time.sleep(0.3)
            self.look_after_children()
            self.look_after_servers()
            self.say_address()

    def look_after_children(self) -> None:
        """Start again what died."""
        for child in list(self.children):
            if child.is_running():
                continue
            if not child.is_kept:
                self.children.remove(child)
                self.write_record()
                self.greet()
            elif child.process:
                child.note_death()
            elif time.monotonic() >= child.next_try_at:
                child.start(self.environment)
                self.write_record()

    def look_after_servers(self) -> None:
        """Start dead servers again, and now and then a worker that lives but does nothing."""
        if not uses_other_servers() and not (embedded.postgres_pid() and embedded.valkey_pid()):
            say("A server ended; starting it again.")
            embedded.start()
        if time.monotonic() < self.next_watch_at:
            return
        self.next_watch_at = time.monotonic() + WATCH_SECONDS
        if portal_hears_worker(HOST, self.port):
            self.heard_at = time.monotonic()
        elif time.monotonic() - self.heard_at > DEAF_SECONDS:
            say("The worker lives but does nothing; starting it and the beat again.")
            self.heard_at = time.monotonic()
            self.restart_worker()

    def restart_worker(self) -> None:
        """Kill worker and beat; the loop starts them again. No task minds."""
        for child in self.children:
            if child.name in {"worker", "beat"}:
                child.signal(signal.SIGKILL)

    def say_address(self) -> None:
        """Say where the site is as soon as it answers, long before all is scored."""
        if not self.has_said_address and is_listening(HOST, self.port):
            self.has_said_address = True
            say(f"The site answers at {self.environment['SITE_URL']}; suggestions follow.")

    def greet(self) -> None:
        """Say that all is ready."""
        if not self.is_stopping:
            say(f"\nKONNECT is at {self.environment['SITE_URL']}  (Ctrl-C stops it)\n")

    def write_record(self) -> None:
        """Write down which processes are ours, for a start after a crash."""
        processes = [child.process.pid for child in self.children if child.process]
        record = {
            "address": self.environment["SITE_URL"],
            "supervisor": os.getpid(),
            "children": {str(pid): created_at(pid) for pid in processes},
        }
        unfinished = record_file().with_suffix(".new")
        unfinished.write_text(json.dumps(record))
        unfinished.rename(record_file())

    def stop(self, *, stop_servers: bool) -> None:
        """Stop every process that this supervisor started."""
        say("Stopping ...")
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.is_running() for child in self.children) and time.monotonic() < deadline:
            time.sleep(0.1)
        for child in self.children:
            child.signal(signal.SIGKILL)
        if stop_servers:
            embedded.stop()
        record_file().unlink(missing_ok=True)
        say("Stopped.")


def uses_other_servers() -> bool:
    """Tell whether the environment names servers, so that none are started here."""
    return {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys()


def start_servers() -> bool:
    """Start the embedded servers unless others are named; return whether they are ours to stop."""
    if uses_other_servers():
        return False
    say("Starting PostgreSQL and Valkey ...")
    embedded.start()
    return True


def created_at(pid: int) -> float:
    """Return when a process began, which tells it from a later one of the same number."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0


def read_record() -> dict[str, object]:
    """Return what the last supervisor wrote down."""
    try:
        return json.loads(record_file().read_text())
    except (OSError, ValueError):
        return {}


def end_orphans() -> None:
    """End the children of a supervisor that was killed, those and no others."""
    children_then = read_record().get("children", {})
    assert isinstance(children_then, dict)
    for pid, began in children_then.items():
        if began and created_at(int(pid)) == began:
            say(f"Ending process {pid} of a crashed run.")
            process = psutil.Process(int(pid))
            signal_group(process.pid, signal.SIGKILL)
            # Its port is free only then.
            psutil.wait_procs([process], timeout=STOP_SECONDS)
    record_file().unlink(missing_ok=True)


def take_lock() -> IO[str] | None:
    """Return the lock of this data directory, or None when another supervisor holds it."""
    embedded.data_directory().mkdir(parents=True, exist_ok=True)
    lock = (embedded.data_directory() / "supervisor.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return lock


def run() -> int:
    """Run the portal in the foreground."""
    lock = take_lock()
    if lock is None:
        say(f"KONNECT already runs at {read_record().get('address', 'an address to come')}.")
        return 0
    with lock:
        end_orphans()
        return Supervisor(free_port()).run()


def stop() -> int:
    """Stop the running supervisor, or clear up after one that crashed."""
    lock = take_lock()
    if lock is None:
        os.kill(int(str(read_record()["supervisor"])), signal.SIGTERM)
        embedded.wait_for(lambda: take_lock() is not None, "KONNECT does not stop.")
        return 0
    with lock:
        end_orphans()
        embedded.stop()
    return 0


if __name__ == "__main__":
    sys.exit(stop() if sys.argv[1:] == ["stop"] else run())
