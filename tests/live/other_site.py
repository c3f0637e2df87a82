"""A web site on another origin than the application: a few files on a free port of this machine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

KINDS = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


@contextmanager
def site_running(files: Mapping[str, str], *, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve these files (path → text) until the end of the block. Gives the site's origin; `/` is `/index.html`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            text = files.get("/index.html" if path == "/" else path)
            body = (text or "").encode()
            self.send_response(204 if path == "/favicon.ico" else 404 if text is None else 200)
            self.send_header("Content-Type", KINDS.get(path.rpartition(".")[2], KINDS["html"]))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
