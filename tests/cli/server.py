# SPDX-License-Identifier: MIT
"""A web server of this machine for pull.sh, good and bad.

    python3 server.py FILE [CERT KEY]     prints its port; serves FILE until
                                          killed, with TLS if a CERT is given

/range/...     answers Range requests
/plain/...     knows no ranges
/cut/...       promises all, sends half, closes; ranges are answered whole
/endless/...   sends bytes slowly, for ever
/redirect/...  leads to /range/ over http
/local/...     leads to a file of the client; /loop/... to itself, with https
/416/...       416 for any Range, all of it without one
/offset/...    answers a Range with bytes from another place
/wrong/...     other bytes
/long/...      promises more than it sends
/huge/...      promises 32 TiB
/drip/...      sends a byte every tenth of a second
/gzip/...      64 MiB of zeros in a small gzip, with that encoding
Anything else is 404. What was asked is printed, a line each.
"""
import gzip
import http.server
import re
import ssl
import sys
import time

DATA = open(sys.argv[1], "rb").read()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            self.answer()
        except ConnectionError:  # the other side has seen enough
            pass

    def answer(self):
        mode = self.path.split("/")[1]
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        print(mode, wanted.group(1) if wanted else "all", flush=True)
        start = int(wanted.group(1)) if wanted and mode != "plain" else 0
        if mode == "redirect":
            self.send_response(302)
            self.send_header("Location", "/range/file")
            self.end_headers()
            return
        if mode == "local" or mode == "loop":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd" if mode == "local"
                             else "/loop/file")
            self.end_headers()
            return
        if mode in LIES:
            LIES[mode](self, start)
            return
        if mode not in ("range", "plain", "cut", "endless"):
            self.send_error(404)
            return
        if start > len(DATA):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (
                start, len(DATA) - 1, len(DATA)))
        if mode != "endless":
            self.send_header("Content-Length", str(len(DATA) - start))
        self.end_headers()
        while mode == "endless":
            self.wfile.write(DATA[:1000])
            time.sleep(0.02)
        end = len(DATA) // 2 if mode == "cut" and not start else len(DATA)
        self.wfile.write(DATA[start:end])

    def log_message(self, *_):
        pass


def send(handler, code, body, size=None, **headers):
    handler.send_response(code)
    handler.send_header("Content-Length", str(len(body) if size is None
                                              else size))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def drip(handler, _):
    send(handler, 200, b"", len(DATA))
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.1)


LIES = {
    "416": lambda h, start: send(h, 416, b"", Content_Range="bytes */%d" %
                                 len(DATA)) if start else send(h, 200, DATA),
    "offset": lambda h, start: send(h, 206, DATA, Content_Range="bytes 0-%d/%d"
                                    % (len(DATA) - 1, len(DATA)))
    if start else send(h, 200, DATA),
    "wrong": lambda h, _: send(h, 200, DATA[::-1]),
    "long": lambda h, _: send(h, 200, DATA, len(DATA) + 1000),
    "huge": lambda h, _: send(h, 200, DATA, 1 << 45),
    "drip": drip,
    "gzip": lambda h, _: send(h, 200, gzip.compress(bytes(1 << 26)),
                              Content_Encoding="gzip"),
}
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
