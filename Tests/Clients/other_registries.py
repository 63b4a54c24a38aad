"""Registries that are not ours: Debian's docker-registry, and one that does whatever a test wants to see."""

import base64
import contextlib
import hashlib
import http.server
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"

# A record of TLS with a handshake, in any version (RFC 8446 §5.1, §4).
CLIENT_HELLO = b"\x16\x03\x01"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class DockerRegistry:
    """Debian's docker-registry over files, on a port that the system chose."""

    program = "docker-registry"

    @classmethod
    def is_installed(cls):
        return shutil.which(cls.program) is not None

    def __enter__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pratique-peer-"))
        for attempt in range(5):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            self.host = f"127.0.0.1:{port}"
            settings = {
                "version": 0.1, "log": {"level": "error", "accesslog": {"disabled": True}},
                "storage": {
                    "filesystem": {"rootdirectory": str(self.home / "data")}, "delete": {"enabled": True}},
                "http": {"addr": self.host},
            }
            # JSON is YAML.
            (self.home / "settings.yml").write_text(json.dumps(settings))
            with open(self.home / "log", "wb") as log:
                self.process = subprocess.Popen(
                    [self.program, "serve", str(self.home / "settings.yml")], stdout=subprocess.DEVNULL, stderr=log)
            if self.listens(port):
                return self
            self.stop()
        raise RuntimeError("docker-registry does not listen: " + (self.home / "log").read_text(errors="replace"))

    def listens(self, port):
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                return True
            time.sleep(0.02)
        return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.home)


class SimulatedRegistry:
    """Speaks the pull side of the distribution protocol, and records what it is asked.

    A test changes how it behaves: `ranges`, `cut` (bytes of a blob's answer after which the connection is dropped, for
    as many answers as the list has entries), `altered` (a blob is answered with other bytes), `elsewhere` (blobs are
    answered with a redirect to that origin), `held` (an event that all parts but the first wait for), `challenge` and `accepted` (who is let in), `extra` (path to answer).
    """

    def __init__(self):
        self.blobs, self.manifests, self.requests, self.cut, self.extra = {}, {}, [], [], {}
        self.ranges, self.altered, self.elsewhere, self.challenge, self.accepted = True, False, None, None, None
        self.held = None
        self.lock = threading.Lock()

    def blob(self, content, **members):
        self.blobs[digest(content)] = content
        return {"mediaType": "application/octet-stream", "digest": digest(content), "size": len(content)} | members

    def file(self, name, content):
        return self.blob(content, annotations={"org.opencontainers.image.title": name})

    def manifest(self, layers, tag="v1", **members):
        config = self.blob(b"{}", mediaType="application/vnd.oci.empty.v1+json")
        document = {
            "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/vnd.test", "config": config,
            "layers": layers} | members
        return self.put(json.dumps(document).encode(), OCI_MANIFEST, tag)

    def put(self, content, kind, tag):
        self.manifests[tag] = self.manifests[digest(content)] = (content, kind)
        return digest(content)

    def __enter__(self):
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                registry.answer(self)

            do_HEAD = do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def asked(self, text):
        """- Returns: the recorded requests whose target contains `text`."""
        return [request for request in self.requests if text in request["target"]]

    def answer(self, handler):
        length = int(handler.headers["Content-Length"] or 0)
        request = {
            "method": handler.command, "target": handler.path, "headers": handler.headers,
            "body": handler.rfile.read(length).decode()}
        with self.lock:
            self.requests.append(request)
        path = urllib.parse.urlsplit(handler.path).path
        if handler.path in self.extra or path in self.extra:
            status, headers, body = self.extra.get(handler.path) or self.extra[path]
            return self.send(handler, status, headers, body)
        if self.challenge and handler.headers["Authorization"] not in self.accepted:
            return self.send(handler, 401, {"WWW-Authenticate": self.challenge}, b'{"errors":[]}')
        if path == "/v2/":
            return self.send(handler, 200, {}, b"{}")
        kind, _, reference = path.rpartition("/")
        if kind.endswith("/manifests") and reference in self.manifests:
            content, media_type = self.manifests[reference]
            return self.send(
                handler, 200, {"Content-Type": media_type, "Docker-Content-Digest": digest(content)}, content)
        if kind.endswith("/blobs") and reference in self.blobs:
            return self.send_blob(handler, reference)
        body = {"errors": [{"code": "NAME_UNKNOWN", "message": "nothing of that name"}]}
        self.send(handler, 404, {}, json.dumps(body).encode())

    def send_blob(self, handler, name):
        if self.elsewhere:
            return self.send(handler, 307, {"Location": self.elsewhere + handler.path}, b"")
        content = self.blobs[name]
        if self.altered:
            content = content[:-1] + bytes([content[-1] ^ 1])
        status, headers = 200, {}
        wanted = handler.headers["Range"]
        if wanted and self.ranges:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            end = int(last) + 1 if last else len(content)
            status, headers = 206, {"Content-Range": f"bytes {first}-{end - 1}/{len(content)}"}
            content = content[int(first):end]
        held = self.held
        if held and headers and not headers["Content-Range"].startswith("bytes 0-"):
            held.wait(60)
        with self.lock:
            cut = self.cut.pop(0) if self.cut and len(content) > self.cut[0] else None
        self.send(handler, status, headers, content, cut)

    def send(self, handler, status, headers, body, cut=None):
        handler.send_response(status)
        for field, value in headers.items():
            handler.send_header(field, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command == "HEAD":
            return
        with contextlib.suppress(OSError):
            handler.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            handler.close_connection = True
            with contextlib.suppress(OSError):
                handler.connection.shutdown(socket.SHUT_WR)


class CuttingProxy:
    """Passes bytes on to `host`, and drops up to `times` connections that carry more than `after` from the client.

    Counts what clients send, `received`.
    """

    def __init__(self, host, after, times=1):
        self.target, self.after, self.times, self.cuts, self.received = host, after, times, 0, 0
        self.lock = threading.Lock()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                host, _, port = self.target.partition(":")
                try:
                    server = socket.create_connection((host, int(port)))
                except OSError:
                    # Who is behind us does not listen now.
                    client.close()
                    continue
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.carry, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self.carry, args=(server, client, False), daemon=True).start()

    def carry(self, source, target, is_request):
        carried = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                carried += len(data)
                if is_request:
                    self.pass_on(data)
                if is_request and carried > self.after and self.may_cut():
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def pass_on(self, data):
        with self.lock:
            self.received += len(data)

    def may_cut(self):
        with self.lock:
            if self.cuts >= self.times:
                return False
            self.cuts += 1
            return True


class HoldingProxy(CuttingProxy):
    """Passes bytes on to `host`; of what clients send, after `limit` bytes nothing more until `go_on`.

    Knows what the first bytes of each connection that clients opened were, `greetings`.
    """

    def __init__(self, host, limit):
        super().__init__(host, 0, times=0)
        self.limit, self.is_open, self.is_full = limit, threading.Event(), threading.Event()
        self.greetings = []

    def __exit__(self, *error):
        self.go_on()
        super().__exit__(*error)

    def go_on(self):
        self.is_open.set()

    def pass_on(self, data):
        if data.startswith(CLIENT_HELLO):
            with self.lock:
                self.greetings.append(data)
        if self.received > self.limit and not self.is_open.is_set():
            self.is_full.set()
            self.is_open.wait()
        super().pass_on(data)


class RedirectingPort(CuttingProxy):
    """Passes TLS on to `host`, and leads whoever speaks without it to TLS on the same port."""

    def __init__(self, host):
        super().__init__(host, 0, times=0)

    def carry(self, source, target, is_request):
        if is_request and not source.recv(3, socket.MSG_PEEK).startswith(CLIENT_HELLO[:1]):
            fields = f"Location: https://{self.host}/v2/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            source.sendall(b"HTTP/1.1 308 Permanent Redirect\r\n" + fields.encode())
            # Whoever carries the other way closes both.
            return target.shutdown(socket.SHUT_RDWR)
        super().carry(source, target, is_request)


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
