"""What every service of these tests has in common: a server on a loopback port, in a thread of its own."""

import json
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    """Answers a request of any method by `answer`, which each service has its own of."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Logs nothing: what was asked is in the lists of the services."""

    def any_method(self):
        """Answers one request."""
        self.answer()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any_method

    def read_body(self):
        """The body of the request, also when it comes in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def parts(self):
        """The path, the last value of each name in the query, and the body as JSON, if there is one."""
        url, body = urlsplit(self.path), self.read_body()
        return url.path, {name: values[-1] for name, values in parse_qs(url.query).items()}, json.loads(body) if body else None

    def reply(self, status, data=b"", headers=()):
        """Sends an answer; what is no bytes is sent as JSON."""
        headers = dict(headers)
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
            headers.setdefault("Content-Type", "application/json")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    """Serves until it is closed. Handlers find the service that they answer for in `self.server.service`."""

    daemon_threads = True

    def __init__(self, handler, service=None):
        super().__init__(("127.0.0.1", 0), handler)
        self.service = service
        self.port = self.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A caller that hangs up before the end of an answer is no mistake."""
        if not isinstance(sys.exception(), (ConnectionError, ssl.SSLEOFError)):
            super().handle_error(request, client_address)

    def close(self):
        """Stops listening."""
        self.shutdown()
        self.server_close()
