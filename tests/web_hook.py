"""A real HTTP server that takes notices, or refuses them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class WebHook:
    """Listens on a free port; answers 503 to the first `refuse` requests, and takes the others."""

    def __init__(self, refuse: int = 0, status: int = 503) -> None:
        self.taken: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.asked = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.asked += 1
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                refused = hook.asked <= refuse
                if not refused:
                    hook.taken.append(body)
                    hook.keys.append(self.headers["Idempotency-Key"])
                self.send_response(status if refused else 200)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook?secret=s3cret"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
