"""The sockets."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shelf.app import App


def serve(root, port):
    app = App(root)

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            size = int(self.headers.get("Content-Length") or 0)
            response = app.handle(self.command, self.path, self.rfile.read(size))
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_PUT = answer

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
