"""What is answered. No sockets here: a request is a method, a target and a body."""

import html
import mimetypes
import os
from urllib.parse import quote

from shelf.paths import NotThere, locate, reachable, visible

MOST = 10 << 20


class Response:
    def __init__(self, status, body=b"", **headers):
        self.status = status
        self.body = body if isinstance(body, bytes) else body.encode()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class App:
    def __init__(self, root):
        self.root = root

    def handle(self, method, target, body=b""):
        try:
            if method == "GET":
                return self.get(target)
            if method == "PUT":
                return self.put(target, body)
            return Response(405, "GET and PUT only\n", Allow="GET, PUT")
        except (NotThere, FileNotFoundError, NotADirectoryError, PermissionError):
            return Response(404, "not found\n")

    def get(self, target):
        path = locate(self.root, target)
        if os.path.isdir(path):
            where = target.partition("?")[0]
            if not where.endswith("/"):
                return Response(301, Location=where + "/")
            return Response(200, self.listing(path), Content_Type="text/html; charset=utf-8")
        with open(path, "rb") as file:
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            return Response(200, file.read(), Content_Type=kind)

    def put(self, target, body):
        if len(body) > MOST:
            return Response(413, "too large\n")
        path = locate(self.root, target)
        incoming = os.path.join(os.path.realpath(self.root), "incoming")
        if not path.startswith(incoming + os.sep):
            return Response(403, "only below /incoming/\n")
        if os.path.isdir(path):
            return Response(409, "this is a folder\n")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(body)
        return Response(201)

    def listing(self, path):
        rows = []
        for name in sorted(os.listdir(path)):
            real = os.path.realpath(os.path.join(path, name))
            if visible(name) and reachable(self.root, real):
                end = "/" if os.path.isdir(real) else ""
                rows.append(f'<li><a href="{quote(name)}{end}">{html.escape(name)}{end}</a></li>')
        return "<ul>\n" + "\n".join(rows) + "\n</ul>\n"
