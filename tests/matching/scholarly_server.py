"""ORCID, OpenAlex and Crossref in one small HTTP server on a port of its own.

It answers in the shapes that the services answer in; `faults` says what the next questions get
instead. Sockets, headers and delays are real.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

ERROR_PAGE = b"<!doctype html><html><title>Maintenance</title></html>"


class ScholarlyServer:
    """`records`, `authors`, `works` and `registered` by iD or DOI are what it knows."""

    def __init__(self):
        self.records, self.authors, self.works, self.registered = {}, {}, {}, {}
        self.faults = []
        self.asked = []
        self.page_size = 100
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def close(self):
        """Stop answering."""
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def answer(self, path, query):
        """Return what is known under a path, or None."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts[0] == "v3.0":
            return self.records.get(parts[1])
        if parts[0] == "authors":
            return self.authors.get(parts[1].removeprefix("orcid:"))
        if parts == ["works"]:
            return self.page_of(query)
        return self.registered.get(parts[1])

    def page_of(self, query):
        """Return one page of works by an author's iD or by DOIs."""
        kind, _, wanted = query["filter"][0].partition(":")
        if kind == "author.orcid":
            found = self.works.get(wanted, [])
        else:
            every = [work for works in self.works.values() for work in works]
            dois = {f"https://doi.org/{doi}" for doi in wanted.split("|")}
            found = [work for work in every if work["doi"] in dois]
        cursor = query["cursor"][0]
        start = 0 if cursor == "*" else int(cursor)
        end = start + self.page_size
        following = str(end) if end < len(found) else None
        return {
            "meta": {"count": len(found), "next_cursor": following},
            "results": found[start:end],
        }


def handler_of(server):
    """Return what answers the questions of one server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            server.asked.append((parts.path, self.headers["Authorization"]))
            fault = server.faults.pop(0) if server.faults else None
            if fault:
                fault(self)
                return
            answer = server.answer(parts.path, parse_qs(parts.query))
            if answer is None:
                self.say(404, {"error-desc": "not found", "error-code": 9016})
            else:
                self.say(200, answer)

        def say(self, status, content, **headers):
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    return Handler


def status(code, **headers):
    """Answer with a status."""
    return lambda handler: handler.say(code, {"error": code}, **headers)


def error_page(handler):
    """Answer 200 with a page for people."""
    handler.say(200, ERROR_PAGE, Content_Type="text/html")


def redirect_to(address):
    """Lead elsewhere."""
    return lambda handler: handler.say(302, b"", Location=address)


def half_an_answer(handler):
    """Promise more than is sent, and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"orcid-identifier": {"path"')
    handler.close_connection = True


def nothing(handler):
    """Hang up without a word."""
    handler.close_connection = True


def endless(handler):
    """Send until the other side has enough."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * (1 << 20))
    except OSError:
        handler.close_connection = True


def silent(handler):
    """Say nothing for longer than anybody waits."""
    time.sleep(1.5)
    handler.close_connection = True


def dripping(handler):
    """Send one byte at a time, each soon enough, all of them too slowly."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(60):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


def deeply_nested(handler):
    """Answer with JSON that no reader should follow down."""
    handler.say(200, b"[" * 200_000)
