"""The embedded servers, killed and left behind in every way."""

import shutil
import tempfile
from pathlib import Path

import pytest

from konnect import embedded
from tests.processes import Servers

pytestmark = pytest.mark.processes


@pytest.fixture
def servers():
    """Servers that run, without any tables."""
    servers = Servers(Path(tempfile.mkdtemp(prefix="konnect-embedded-")))
    servers.directory.chmod(0o755)
    servers.start()
    yield servers
    servers.stop()
    shutil.rmtree(servers.directory)


def are_up(servers):
    return servers.postgres_pid() is not None and servers.valkey_pid() is not None


def test_servers_killed_start_again(servers):
    servers.kill_postgres()
    servers.kill_valkey()

    servers.start()

    assert are_up(servers)


def test_servers_with_reused_process_ids_start_again(servers):
    lock = servers.directory / "postgres" / "postmaster.pid"
    before = lock.read_text().splitlines()[1:]
    servers.stop()
    # The number of a process that lives and is something else: after a reboot this happens.
    lock.write_text("\n".join(["1", *before]))
    (servers.directory / "valkey.pid").write_text("1")

    servers.start()

    assert are_up(servers)


def test_server_initialised_half_is_made_anew(servers):
    servers.stop()
    shutil.rmtree(servers.directory / "postgres")
    (servers.directory / "postgres-unfinished").mkdir()
    (servers.directory / "postgres-unfinished" / "PG_VERSION").write_text("18")

    servers.start()

    assert are_up(servers)


def test_servers_whose_sockets_were_swept_away_start_again(servers):
    pid = servers.postgres_pid()
    with_sockets = Path(servers.redis_url.removeprefix("redis+socket://")).parent
    shutil.rmtree(with_sockets)

    servers.start()

    assert are_up(servers)
    assert servers.postgres_pid() != pid


def test_start_while_running_changes_nothing(servers):
    pids = servers.postgres_pid(), servers.valkey_pid()

    servers.start()

    assert (servers.postgres_pid(), servers.valkey_pid()) == pids


def test_sockets_of_somebody_else_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path))
    embedded.socket_directory().symlink_to(tmp_path)

    with pytest.raises((RuntimeError, OSError)):
        embedded.prepare_socket_directory()

    embedded.socket_directory().unlink()
