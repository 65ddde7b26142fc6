# SPDX-License-Identifier: MIT
"""A web server of this machine for pull.sh, good and bad.

    python3 server.py FILE     prints its port; serves FILE until killed

/range/...     answers Range requests
/plain/...     knows no ranges
/cut/...       promises all, sends half, closes; ranges are answered whole
/endless/...   sends bytes slowly, for ever
/redirect/...  leads to /range/ over http
Anything else is 404. What was asked is printed, a line each.
"""
import http.server
import re
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


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
