"""Real Celery workers of a measurement, and what CPU they and PostgreSQL spend."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from konnect import embedded

ROOT = Path(__file__).resolve().parent.parent
LOOK = 0.2


class Team:
    """Some workers on this machine, one of them with the beat, as real processes."""

    def __init__(self, count: int) -> None:
        self.folder = embedded.data_directory()
        self.spent_by_the_dead = 0.0
        # Where in its log each worker's life began.
        self.started_at: dict[int, int] = {}
        self.workers = [self.start(number) for number in range(count)]
        for number in range(count):
            self.await_ready(number)

    def start(self, number: int) -> subprocess.Popen[bytes]:
        """Start one worker."""
        schedule = self.folder / f"beat-{number}-{time.monotonic_ns()}"
        beat = ["--beat", "--schedule", str(schedule)] if number == 0 else []
        command = [
            sys.executable, "-m", "celery", "-A", "konnect.celery", "worker", *beat,
            "--concurrency", "1", "--hostname", f"bench{number}@%h", "--loglevel", "info",
            "--without-gossip", "--without-mingle",
        ]  # fmt: skip
        with self.log(number).open("ab") as log:
            self.started_at[number] = log.tell()
            return subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def await_ready(self, number: int) -> None:
        """Wait until a worker takes tasks: starting is not part of a run."""
        log = self.log(number)
        while b" ready." not in log.read_bytes()[self.started_at[number] :]:
            if self.workers[number].poll() is not None:
                raise RuntimeError(f"a worker ended at once; see {log}")
            time.sleep(LOOK)

    def log(self, number: int) -> Path:
        """Return where a worker writes what it does."""
        return self.folder / f"worker-{number}.log"

    def kill(self) -> None:
        """Kill the first worker with all its children, as a power cut does, and start another."""
        victim = self.workers[0]
        self.spent_by_the_dead += cpu_of(victim.pid)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        self.workers[0] = self.start(0)

    def cpu(self) -> float:
        """Return the CPU of all workers so far."""
        return self.spent_by_the_dead + sum(cpu_of(worker.pid) for worker in self.workers)

    def stop(self) -> None:
        """End them all."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            try:
                worker.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()


def cpu_of(pid: int) -> float:
    """Return seconds of CPU of a process and its children, living and ended."""
    total = 0.0
    try:
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    except psutil.NoSuchProcess:
        pass
    return total


def postgres_cpu() -> float:
    """Return the CPU of PostgreSQL's processes so far."""
    return cpu_of(embedded.postgres_pid())
