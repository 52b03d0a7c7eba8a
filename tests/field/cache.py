"""A remote cache of Bazel's HTTP protocol: GET and PUT of what is in the folder named. Prints its port."""

import http.server
import os
import sys


class Cache(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def path_of(self):
        kind, name = self.path.strip("/").split("/")
        if kind not in ("ac", "cas") or not name.isalnum():
            raise ValueError(self.path)
        return os.path.join(sys.argv[1], kind, name)

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        try:
            with open(self.path_of(), "rb") as file:
                self.answer(200, file.read())
        except FileNotFoundError:
            self.answer(404)

    def do_PUT(self):
        path = self.path_of()
        with open(f"{path}.{self.client_address[1]}", "wb") as file:
            file.write(self.rfile.read(int(self.headers["Content-Length"])))
        os.rename(file.name, path)
        self.answer(200)

    def log_message(self, *_):
        pass


for folder in ("ac", "cas"):
    os.makedirs(os.path.join(sys.argv[1], folder), exist_ok=True)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cache)
print(server.server_address[1], flush=True)
server.serve_forever()
