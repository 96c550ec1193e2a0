"""The language models, loaded once a process, and a server that lends one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from matching import embedding
from matching.embedding import EnglishEmbedder, MultilingualEmbedder, remote
from matching.services import live_runs


@pytest.fixture(scope="session")
def minilm():
    """The model for English texts."""
    return EnglishEmbedder()


@pytest.fixture(scope="session")
def multilingual():
    """The model for every text."""
    return MultilingualEmbedder()


@pytest.fixture
def own_directory(settings, tmp_path, monkeypatch):
    """Copies of frozen inputs of these tests' own, and nothing left from other tests."""
    settings.EMBEDDER, settings.ENGLISH_EMBEDDER = "lexical", ""
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path))
    embedding.get_embedder.cache_clear()
    live_runs.OPENED.clear()
    yield
    live_runs.OPENED.clear()
    embedding.get_embedder.cache_clear()


class EmbeddingServer:
    """A small embedding server whose model and next answers a test can choose."""

    def __init__(self):
        self.answers = []
        self.seen = []
        self.embedder = None
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def vectors_of(self, texts):
        """Return what the model says, or else the length of each text."""
        if self.embedder:
            return self.embedder.embed(texts).tolist()
        return [[float(len(text)), 1.0, 0.0] for text in texts]

    def close(self):
        """Stop answering."""
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def handler_of(server):
    """Return what answers the requests of one server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.seen.append((self.headers["Authorization"], body))
            status, content = server.answers.pop(0) if server.answers else (200, None)
            if content is None:
                rows = [
                    {"index": index, "embedding": vector}
                    for index, vector in enumerate(server.vectors_of(body["input"]))
                ]
                content = json.dumps({"data": rows[::-1]})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *arguments):
            pass

    return Handler


@pytest.fixture
def embedding_server(monkeypatch):
    """A server on a port of its own; temporary faults are soon tried again."""
    monkeypatch.setattr(remote, "FIRST_PAUSE_SECONDS", 0.001)
    running = EmbeddingServer()
    yield running
    running.close()
