"""Real processes for tests: a broker, a worker, a web server, a browser, and servers to kill.

Fixtures, registered in conftest.py:

    broker        a Valkey of this test session; `.stop()`, `.freeze()`, `.start()` hurt and heal it
    site          a real web server on the test database; `site.url`
    worker        a real Celery worker with beat on the test database and that broker; `.kill()`
    start_portal_worker   begins one when the test says so, or a second one; returns it
    own_servers   PostgreSQL and Valkey of one test, with site and worker on demand
    browser       Chromium; `new_page(language=..., width=..., dark=...)` opens a window in it

`site` and `worker` see what is committed only: they bring `transactional_db` with them.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import kombu.pools
import psutil
import pytest
from celery import current_app
from django.db import connection

from konnect import embedded
from scripts import browser as chromium

BROWSER_ARGUMENTS = (
    "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
)  # fmt: skip


# What comes late on a busy machine is right nevertheless; only what never comes is a failure.
PATIENCE = 300


def wait_until(condition, *, message="It did not happen"):
    """Wait until a callable returns something true, and return that."""
    deadline = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < deadline, f"{message} within {PATIENCE} seconds."
        time.sleep(0.1)
    return result


def free_port():
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def status_of(url, timeout=10):
    """Return the status and the body that a server answers, or (0, "") when it does not."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


@contextlib.contextmanager
def data_directory(path):
    """Let konnect.embedded work on another data directory."""
    before = os.environ.get("KONNECT_DATA_DIR")
    os.environ["KONNECT_DATA_DIR"] = str(path)
    try:
        yield
    finally:
        os.environ.pop("KONNECT_DATA_DIR")
        if before is not None:
            os.environ["KONNECT_DATA_DIR"] = before


@dataclass
class Servers:
    """Embedded servers in a data directory of their own."""

    directory: Path

    def start(self):
        with data_directory(self.directory):
            embedded.start()

    def stop(self):
        with data_directory(self.directory):
            embedded.stop()

    def start_valkey(self):
        with data_directory(self.directory):
            embedded.prepare_socket_directory()
            embedded.start_valkey()

    def stop_valkey(self):
        with data_directory(self.directory):
            embedded.stop_valkey()

    def valkey_pid(self):
        with data_directory(self.directory):
            return embedded.valkey_pid()

    def postgres_pid(self):
        with data_directory(self.directory):
            return embedded.postgres_pid()

    def kill_valkey(self):
        kill(self.valkey_pid())

    def kill_postgres(self):
        kill(self.postgres_pid())

    def freeze_valkey(self):
        os.kill(self.valkey_pid(), signal.SIGSTOP)

    def thaw_valkey(self):
        os.kill(self.valkey_pid(), signal.SIGCONT)

    @property
    def redis_url(self):
        with data_directory(self.directory):
            return embedded.redis_url()

    @property
    def database_url(self):
        with data_directory(self.directory):
            return f"postgres://postgres@/konnect?host={embedded.socket_directory()}"


def kill(pid):
    """Kill a process as a power cut does, and wait until it is gone."""
    process = psutil.Process(pid)
    process.kill()
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(PATIENCE)


@dataclass
class Running:
    """A process group that a test started."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen = field(init=False, default=None)
    url: str = ""

    def start(self):
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=embedded.ROOT, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return self

    def kill(self):
        """Kill the process and all its children at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self):
        """Ask the process to stop; kill what does not within a while."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        self.kill()


def environment(database_url, redis_url, **others):
    """Return the environment of a process of the portal under test."""
    return os.environ | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        **others,
    }


def start_site(variables, log):
    """Start a web server and wait until it answers."""
    port = free_port()
    url = f"http://localhost:{port}"
    command = [
        sys.executable, "-m", "gunicorn", "konnect.wsgi:application", "--bind",
        f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "1", "--threads", "4",
        "--timeout", str(PATIENCE), "--log-level", "warning", "--no-control-socket",
    ]  # fmt: skip
    site = Running(command, variables | {"SITE_URL": url}, log, url=url).start()
    wait_until(lambda: status_of(f"{url}/healthz")[0] == 200, message=f"No site; see {log}")
    return site


def start_worker(variables, log):
    """Start a worker with the beat in it."""
    schedule = tempfile.mktemp(prefix="beat-", dir=log.parent)
    command = [
        sys.executable, "-m", "celery", "-A", "konnect.celery", "worker", "--beat",
        "--schedule", schedule, "--concurrency", "1", "--loglevel", "info",
        "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    return Running(command, variables, log).start()


def test_database_url():
    """Return the address of this process's test database."""
    values = connection.settings_dict
    assert values["HOST"].startswith("/"), "the tests run on a socket, or say DATABASE_URL"
    return f"postgres://{values['USER']}@/{values['NAME']}?host={values['HOST']}"


test_database_url.__test__ = False


def use_broker(url):
    """Point this process's own Celery at another broker."""
    current_app.conf.broker_url = url
    current_app.conf.broker_read_url = current_app.conf.broker_write_url = url
    kombu.pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


@pytest.fixture(scope="session")
def logs(tmp_path_factory):
    """The directory where the processes write what they have to say."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def session_broker():
    """One Valkey for the whole session."""
    directory = Path(tempfile.mkdtemp(prefix="konnect-broker-"))
    servers = Servers(directory)
    servers.start_valkey()
    use_broker(servers.redis_url)
    yield servers
    servers.stop_valkey()
    with data_directory(directory):
        shutil.rmtree(embedded.socket_directory(), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def broker(session_broker):
    """A Valkey that runs and holds no messages of earlier tests."""
    session_broker.start_valkey()
    with current_app.connection_for_write() as link:
        link.default_channel.client.flushall()
    yield session_broker
    session_broker.start_valkey()


@pytest.fixture(scope="session")
def session_site(django_db_setup, django_db_blocker, session_broker, logs):
    """One web server for the whole session."""
    with django_db_blocker.unblock():
        variables = environment(test_database_url(), session_broker.redis_url)
    site = start_site(variables, logs / "site.log")
    yield site
    site.stop()


@pytest.fixture
def site(transactional_db, broker, session_site):
    """A real web server on the test database."""
    return session_site


@pytest.fixture
def worker(transactional_db, broker, logs):
    """A real worker with beat on the test database, stopped before the tables are emptied."""
    worker = start_worker(environment(test_database_url(), broker.redis_url), logs / "worker.log")
    yield worker
    worker.stop()


@pytest.fixture
def start_portal_worker(transactional_db, broker, logs):
    """Return a function that starts a worker on the test database; all are ended in the end."""
    started = []

    def start():
        variables = environment(test_database_url(), broker.redis_url, KONNECT_EMBEDDER="lexical")
        started.append(start_worker(variables, logs / "portal.log"))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture
def own_servers(tmp_path):
    """PostgreSQL and Valkey of this test alone, with the tables made."""
    servers = Servers(Path(tempfile.mkdtemp(prefix="konnect-own-")))
    # PostgreSQL runs as somebody else when the tests run as root.
    servers.directory.chmod(0o755)
    servers.start()
    subprocess.run(
        (sys.executable, "-m", "konnect.prepare"), check=True, cwd=embedded.ROOT,
        env=environment(servers.database_url, servers.redis_url), capture_output=True,
    )  # fmt: skip
    yield servers
    servers.stop()
    shutil.rmtree(servers.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def browser():
    """Chromium, one for the session."""
    # Slow import; Playwright's loop makes Django refuse the database in this thread otherwise.
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - slow import

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    program = chromium.find()
    assert program, "No Chromium: run scripts/browser.py, or set KONNECT_CHROMIUM."
    arguments = [*BROWSER_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=arguments, timeout=1000 * PATIENCE
        )
        yield running
        running.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def new_page(browser, session_site):
    """Return a function that opens a window of its own: no cookies shared with others.

    `page.complaints` collects script errors, console errors and requests to other hosts.
    """
    contexts = []

    def open_page(*, language="en", width=1280, height=900, dark=False, script=True):
        context = browser.new_context(
            locale={"en": "en-GB", "ko": "ko-KR"}[language],
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            base_url=session_site.url,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.complaints = complaints_of(page, session_site.url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def complaints_of(page, url):
    """Return a list that fills with whatever a page should not do."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("console", lambda line: is_fault(line) and complaints.append(f"console: {line.text}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((url, "data:", "blob:"))
            else complaints.append(f"request: {request.url}")
        ),
    )
    return complaints


def is_fault(line):
    """Return whether a line of the browser's console tells of a fault.

    Whoever types on replaces the question that a field had asked (`hx-sync`): htmx writes
    the broken-off one down as an error. Other ends without an answer have a line of their
    own (`htmx:sendError`, `htmx:timeout`) beside `htmx:afterRequest`.
    """
    aborted = ("htmx:afterRequest,", "htmx:sendAbort,")
    return line.type == "error" and not line.text.startswith(aborted)
