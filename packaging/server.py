"""A loopback server for packaging/test.sh: the files of a release, and a registry that npm takes.

server.py RELEASE NEWER CERTIFICATE: prints its port, and that of TLS with the certificate and the key of
that file. RELEASE is what packaging/build.sh wrote, NEWER a later release.
/downloads/ has RELEASE as it would lie on the web, /wrong/ with a checksum that is none,
/torn/ with half an archive, /unsigned/ without a signature; /newer/, /newer-changed/ (the archive),
/newer-torn/, /newer-unsigned/ and /newer-forged/ (the checksums) have NEWER, and so have, each with
another statement of the latest version, /newer-unstated/ (no signature), /newer-restated/ (changed),
/newer-old/ (long ago) and /newer-back/ (a low version); /npm/ is the registry.
"""

import base64
import hashlib
import http.server
import json
import pathlib
import ssl
import sys
import tarfile
import threading

release, newer = map(pathlib.Path, sys.argv[1:3])


def manifest(file):
    with tarfile.open(file) as archive:
        return json.load(archive.extractfile("package/package.json"))


def packument(origin):
    versions = {}
    for file in release.glob("codling-npm-*.tgz"):
        found = manifest(file)
        content = file.read_bytes()
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
        found["dist"] = {"tarball": f"{origin}/npm/-/{file.name}", "integrity": integrity}
        versions[found["version"]] = found
    latest = (release / "latest").read_text().split()[0]
    return {"name": "codling", "dist-tags": {"latest": latest}, "versions": versions}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        origin = f"http://127.0.0.1:{self.server.server_port}"
        match self.path.strip("/").split("/"):
            case ["npm", "codling"]:
                return self.give(json.dumps(packument(origin)).encode())
            case ["npm", "-", name]:
                return self.file(name)
            case ["unsigned" | "newer-unsigned", _, "SHA256SUMS.minisig"]:
                return self.send_error(404)
            case ["newer-unstated", "latest.minisig"]:
                return self.send_error(404)
            case ["newer-restated", "latest"]:
                return self.give(b"98.0.0\n2026-11-26\n")
            case ["newer-old" | "newer-back" as kind, "latest" | "latest.minisig" as name]:
                return self.file(name, newer / kind.removeprefix("newer-"))
            case ["newer-changed", _, name] if name.endswith(".tar.gz"):
                return self.give((newer / name).read_bytes() + b" ")
            case ["newer-torn", _, name] if name.endswith(".tar.gz"):
                content = (newer / name).read_bytes()
                return self.give(content[: len(content) // 2], of=len(content))
            case ["newer-forged", _, "SHA256SUMS"]:
                return self.give((newer / "SHA256SUMS").read_bytes() + b"\n")
            case [kind, name] | [kind, "v99.0.0", name] if kind.split("-")[0] == "newer":
                return self.file(name, newer)
            case ["downloads" | "wrong" | "torn" | "unsigned", "latest" | "latest.minisig" | "install.sh" as name]:
                return self.file(name)
            case ["downloads" | "unsigned", _, name]:
                return self.file(name)
            case ["wrong", _, "SHA256SUMS"]:
                sums = (release / "SHA256SUMS").read_text().splitlines()
                return self.give("\n".join("0" * 64 + line[64:] for line in sums).encode())
            case ["wrong", _, name]:
                return self.file(name)
            case ["torn", _, name] if not name.endswith(".tar.gz"):
                return self.file(name)
            case ["torn", _, name]:
                content = (release / name).read_bytes()
                return self.give(content[: len(content) // 2])
        self.send_error(404)

    def file(self, name, folder=release):
        path = folder / name
        if path.parent != folder or not path.is_file():
            return self.send_error(404)
        self.give(path.read_bytes())

    def give(self, content, of=None):
        self.send_response(200)
        self.send_header("Content-Length", str(of or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Secure(http.server.ThreadingHTTPServer):
    """Shakes hands in the thread of the connection, which may be one that never does."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3])

    def finish_request(self, request, client_address):
        with self.context.wrap_socket(request, server_side=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request, client_address):
        pass


plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
secure = Secure(("127.0.0.1", 0), Handler)
threading.Thread(target=secure.serve_forever, daemon=True).start()
print(plain.server_port, secure.server_port, flush=True)
plain.serve_forever()
