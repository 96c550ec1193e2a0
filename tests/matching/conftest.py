"""The language models, a server that lends one, and lists that name evidence."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from matching import embedding
from matching.embedding import EnglishEmbedder, MultilingualEmbedder, remote
from matching.models import Work
from matching.services import live_runs, snapshots, source_fetching
from tests.factories.matching import KoreanProfileFactory
from tests.matching import scholarly_server
from tests.matching.evidence_lists import listing, write_list
from tests.matching.orcid_records import ORCID, record


@pytest.fixture(scope="session")
def minilm():
    """The model for English texts."""
    return EnglishEmbedder()


@pytest.fixture(scope="session")
def multilingual():
    """The model for every text."""
    return MultilingualEmbedder()


@pytest.fixture
def lexical(settings):
    """Compare words only: quick, and the same everywhere; no frozen input is open."""
    settings.EMBEDDER = "lexical"
    embedding.get_embedder.cache_clear()
    snapshots.open_snapshot.cache_clear()
    yield
    embedding.get_embedder.cache_clear()


@pytest.fixture
def own_directory(lexical, settings, tmp_path, monkeypatch):
    """Copies of frozen inputs of these tests' own, and nothing left from other tests."""
    settings.ENGLISH_EMBEDDER = ""
    monkeypatch.setenv("KONNECT_DATA_DIR", str(tmp_path))
    live_runs.OPENED.clear()
    yield
    live_runs.OPENED.clear()


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


@pytest.fixture
def named(minji, anna):
    """Everything that Minji's list names of Anna and of herself, in the order of its ids."""
    return [
        Work.objects.create(profile=minji, title="페로브스카이트의 결함"),
        Work.objects.create(profile=anna, title="Defects in <i>perovskites</i>"),
        listing(minji, "request", "Modelling wanted", "모델링 구함"),
        listing(anna, "offer", "Modelling of cells"),
        listing(minji, "offer", title_ko="시료 제작"),
        listing(anna, "request", "Samples wanted"),
    ]


@pytest.fixture
def row(minji, anna, named):
    """Minji's list in a published run."""
    return write_list(minji, anna, [one.pk for one in named])


@pytest.fixture
def scholars(settings, monkeypatch):
    """The services that the portal asks; tried again at once."""
    monkeypatch.setattr(source_fetching, "FIRST_PAUSE", timedelta(0))
    running = scholarly_server.ScholarlyServer()
    running.records[ORCID] = record()
    settings.ORCID_API = settings.OPENALEX_API = settings.CROSSREF_API = running.url
    yield running
    running.close()


@pytest.fixture
def unfilled(db):
    """A draft with nothing but an address."""
    return KoreanProfileFactory(
        state="draft", published_at=None, display_name="", hangul_name="", summary_en="",
        summary_ko="", organisation=None, side="elsewhere", country_code="",
    )  # fmt: skip
