"""What the supervisor learns when it asks the portal about its worker."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from konnect.probe import portal_hears_worker


@pytest.fixture
def port_answering():
    """Return a function that starts a server with one answer and returns its port."""
    servers = []

    def start(status, body):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_port

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "is_heard"),
    (
        (200, b'{"down": []}', True),
        (503, b'{"down": ["worker"]}', False),
        (503, b'{"down": ["database"]}', True),
        (500, b"<!doctype html><h1>Something went wrong</h1>", True),
        (502, b"", True),
        (500, b"[1, 2]", True),
    ),
)
def test_only_a_clear_word_against_the_worker_counts(port_answering, status, body, is_heard):
    assert portal_hears_worker("127.0.0.1", port_answering(status, body)) is is_heard


def test_portal_that_is_not_there_says_nothing():
    with socket.socket() as taken:
        # Bound, but nobody listens.
        taken.bind(("127.0.0.1", 0))

        assert portal_hears_worker("127.0.0.1", taken.getsockname()[1]) is True
