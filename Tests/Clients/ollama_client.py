"""Ollama's requests, byte for byte as its program sends them.

Sources: ollama, `server/upload.go`, `server/download.go`, `server/images.go`, `server/auth.go`, `x/transfer`; Go,
`net/http` (`Request.write`: Host, User-Agent and the length first, the other fields by name, what the transport adds
last).
"""

import base64
import concurrent.futures
import hashlib
import http.client
import itertools
import json
import secrets
import socket
import time
import urllib.parse

from repository_client import DOCKER_MANIFEST

PROGRAM = "ollama/0.17.4 (amd64 linux) Go/go1.26.0"
# Go's own name, which the code that fetches parts does not replace.
GO = "Go-http-client/1.1"
TRANSFER = "ollama-transfer/1.0"
PARTS = 16
PART_BYTES_MIN = 100_000_000
PART_BYTES_MAX = 1_000_000_000


class OllamaError(Exception):
    """What `ollama` prints behind `Error: `."""


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()


class Connections:
    """What `http.DefaultTransport` does: requests, each over a connection of its own."""

    def __init__(self):
        # Each request's head, as it was sent.
        self.heads = []

    @staticmethod
    def head(method, url, fields, agent=PROGRAM, length=None):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "http":
            raise OllamaError(f'{method.title()} "{url}": unsupported protocol scheme "{parts.scheme}"')
        if not parts.netloc:
            raise OllamaError(f'{method.title()} "{url}": http: no Host in request URL')
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", f"User-Agent: {agent}"]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        lines += [f"{name}: {fields[name]}" for name in sorted(fields)]
        if method != "HEAD" and "Range" not in fields:
            lines.append("Accept-Encoding: gzip")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def open(self, method, url, fields=None, body=None, agent=PROGRAM, length=None):
        """Sends a request. The answer's body is still to come."""
        if body is not None:
            length = len(body) if length is None else length
        elif method in ("POST", "PUT", "PATCH"):
            length = 0
        head = self.head(method, url, fields or {}, agent, length)
        self.heads.append(head)
        parts = urllib.parse.urlsplit(url)
        connection = socket.create_connection((parts.hostname, parts.port), timeout=120)
        try:
            connection.sendall(head)
            if body:
                try:
                    connection.sendall(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # The answer says why.
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
        except BaseException:
            connection.close()
            raise
        return connection, response

    def send(self, *arguments, **options):
        connection, response = self.open(*arguments, **options)
        with connection:
            return Answer(response)


class Ollama:
    """`ollama pull` and `ollama push` of `http://HOST/NAMESPACE/MODEL:TAG --insecure`, with a key or with one that
    nobody knows."""

    def __init__(self, registry, key, namespace_model, tag="latest", part_bytes=(PART_BYTES_MIN, PART_BYTES_MAX)):
        self.host = registry.host
        self.base = f"http://{registry.host}/v2/{namespace_model}"
        self.key = key
        self.tag = tag
        self.part_bytes = part_bytes
        self.token = None
        self.http = Connections()

    # server/images.go and server/auth.go

    def make_request(self, method, url, fields=None, body=None):
        fields = dict(fields or {})
        if self.token:
            fields["Authorization"] = f"Bearer {self.token}"
        length = fields.pop("Content-Length", None)
        return self.http.open(method, url, fields, body, length=length)

    def request(self, method, url, fields=None, body=None, open=False):
        """With a second attempt where it was told to show who it is."""
        for _ in range(2):
            connection, response = self.make_request(method, url, fields, body)
            if open and response.status < 400:
                return connection, response
            with connection:
                answer = Answer(response)
            if answer.status == 401:
                self.token = self.authorize(answer.headers["WWW-Authenticate"] or "", url)
            elif answer.status == 404:
                raise FileNotFoundError("file does not exist")
            elif answer.status >= 400:
                raise OllamaError(f"{answer.status}: {answer.body.decode()}")
            else:
                return answer
        raise OllamaError("unauthorized: access denied")

    @staticmethod
    def challenge(text, key):
        """A value ends at a quotation mark that a comma follows, or nothing."""
        text = text.removeprefix("Bearer ")
        start = text.find(key + "=")
        if start < 0:
            return ""
        start += len(key) + 2
        end = start
        while end < len(text):
            if text[end] == '"' and not (end + 1 < len(text) and text[end + 1] != ","):
                break
            end += 1
        return text[start:end]

    def authorize(self, challenge, url):
        """Signs a request for a token with the machine's key."""
        realm = self.challenge(challenge, "realm")
        parts = urllib.parse.urlsplit(realm)
        original = urllib.parse.urlsplit(url).netloc
        if parts.netloc != original:
            raise OllamaError(f'realm host "{parts.netloc}" does not match original host "{original}"')
        values = urllib.parse.parse_qsl(parts.query) + [("service", self.challenge(challenge, "service"))]
        values += [("scope", scope) for scope in self.challenge(challenge, "scope").split(" ")]
        nonce = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
        values += [("ts", str(int(time.time()))), ("nonce", nonce)]
        # url.Values.Encode sorts by key, and keeps the order of those with the same one.
        target = parts._replace(query=urllib.parse.urlencode(sorted(values, key=lambda value: value[0]))).geturl()
        nothing = base64.b64encode(hashlib.sha256(b"").hexdigest().encode()).decode()
        signature = base64.b64encode(self.key.sign(f"GET,{target},{nothing}".encode())).decode()
        answer = self.http.send("GET", target, {"Authorization": f"{self.key.line.split()[1]}:{signature}"})
        if answer.status >= 400:
            raise OllamaError(f"{answer.status}: {answer.body.decode()}")
        return json.loads(answer.body)["token"]

    def split(self, total):
        """How a blob is cut into parts, for both ways."""
        least, most = self.part_bytes
        size = min(max(total // PARTS, least), most)
        return [(offset, min(size, total - offset)) for offset in range(0, total, size)]

    # server/upload.go

    def push(self, manifest):
        for blob in [*manifest.blobs[1:], manifest.blobs[0]]:
            self.push_blob(blob)
        self.put_manifest(manifest)

    def put_manifest(self, manifest):
        self.request(
            "PUT", f"{self.base}/manifests/{self.tag}", {"Content-Type": DOCKER_MANIFEST}, manifest.content)

    def push_blob(self, blob, mount_from=None):
        try:
            return self.request("HEAD", f"{self.base}/blobs/{blob.digest}")
        except FileNotFoundError:
            pass
        address = self.begin(blob, mount_from)
        if address is None:
            return None
        sums = []
        for part in self.split(len(blob.content)):
            address = self.push_part(address, blob, *part)
            sums.append(hashlib.md5(blob.content[part[0]:sum(part)]).digest())
        return self.finish(address, blob, sums)

    def begin(self, blob, mount_from=None):
        """- Returns: where the parts go; nothing when the blob was mounted."""
        url = f"{self.base}/blobs/uploads/"
        if mount_from:
            url += "?" + urllib.parse.urlencode({"from": mount_from, "mount": blob.digest})
        answer = self.request("POST", url)
        return None if answer.status == 201 else self.next_address(answer)

    @staticmethod
    def next_address(answer):
        return answer.headers["Docker-Upload-Location"] or answer.headers["Location"]

    @staticmethod
    def part_fields(offset, size):
        return {
            "Content-Type": "application/octet-stream", "Content-Length": str(size), "X-Redirect-Uploads": "1",
            "Content-Range": f"{offset}-{offset + size - 1}"}

    def push_part(self, address, blob, offset, size):
        """Once more after each failure, from the beginning of the part: six times, without the pauses between."""
        for attempt in itertools.count(1):
            try:
                return self.push_part_once(address, blob, offset, size)
            except (OllamaError, OSError, http.client.HTTPException):
                if attempt == 6:
                    raise

    def push_part_once(self, address, blob, offset, size):
        part = blob.content[offset:offset + size]
        connection, response = self.make_request("PATCH", address, self.part_fields(offset, size), part)
        with connection:
            answer = Answer(response)
        if answer.status == 401:
            self.token = self.authorize(answer.headers["WWW-Authenticate"] or "", address)
        if answer.status >= 400 or answer.status == 307:
            raise OllamaError(f"http status {answer.status}: {answer.body.decode()}")
        return self.next_address(answer)

    def finish(self, address, blob, sums):
        parts = urllib.parse.urlsplit(address)
        values = urllib.parse.parse_qsl(parts.query) + [
            ("digest", blob.digest), ("etag", f"{hashlib.md5(b''.join(sums)).hexdigest()}-{len(sums)}")]
        url = parts._replace(query=urllib.parse.urlencode(sorted(values))).geturl()
        fields = {"Content-Type": "application/octet-stream", "Content-Length": "0"}
        return self.request("PUT", url, fields)

    # server/images.go and server/download.go

    def pull(self):
        """- Returns: the manifest's bytes, and those of what it names by digest."""
        answer = self.request("GET", f"{self.base}/manifests/{self.tag}", {"Accept": DOCKER_MANIFEST})
        manifest = json.loads(answer.body)
        blobs = {}
        for layer in [*manifest["layers"], manifest["config"]]:
            blobs[layer["digest"]] = self.pull_blob(layer["digest"])
        for digest, content in blobs.items():
            if digest != f"sha256:{hashlib.sha256(content).hexdigest()}":
                raise OllamaError(f"digest mismatch, file must be downloaded again: {digest}")
        return answer.body, blobs

    def pull_blob(self, digest):
        url = f"{self.base}/blobs/{digest}"
        total = int(self.request("HEAD", url).headers["Content-Length"] or 0)
        direct = self.direct_url(url)
        with concurrent.futures.ThreadPoolExecutor(PARTS) as parts:
            return b"".join(parts.map(lambda part: self.pull_part(direct, *part), self.split(total)))

    def direct_url(self, url):
        """Looks at the head of an answer alone, and drops the rest."""
        connection, response = self.request("GET", url, open=True)
        with connection:
            if response.status not in (200, 307):
                raise OllamaError(f"unexpected status code {response.status}")
            location = response.headers["Location"]
        if not location:
            raise OllamaError("http: no Location header in response")
        return urllib.parse.urljoin(url, location)

    def pull_part(self, direct, offset, size):
        """Nobody's request, by Go's own client; whatever the status is, so many bytes are taken."""
        fields = {"Range": f"bytes={offset}-{offset + size - 1}"}
        answer = self.http.send("GET", direct, fields, agent=GO)
        if len(answer.body) < size:
            raise OllamaError("unexpected EOF")
        return answer.body[:size]


class OllamaTransfer(Ollama):
    """What moves models made of tensors, which are many blobs: `x/transfer`."""

    def push_blob(self, blob, mount_from=None):
        if self.ask("HEAD", f"{self.base}/blobs/{blob.digest}").status == 200:
            return
        fields = {"X-Redirect-Uploads": "2", "X-Content-Length": str(len(blob.content))}
        url = f"{self.base}/blobs/uploads/?{urllib.parse.urlencode({'digest': blob.digest})}"
        answer = self.ask("POST", url, fields)
        if answer.status == 201:
            return
        if answer.status != 202:
            raise OllamaError(f"init upload: status {answer.status}")
        address = urllib.parse.urljoin(url, self.next_address(answer))
        sums = []
        for offset, size in self.split(len(blob.content)):
            part = blob.content[offset:offset + size]
            fields = self.part_fields(offset, size)
            answer = self.ask("PATCH", address, fields, part)
            if answer.status >= 400:
                raise OllamaError(f"patch part {len(sums)}: status {answer.status}: {answer.body.decode()}")
            address = urllib.parse.urljoin(address, self.next_address(answer))
            sums.append(hashlib.md5(part).digest())
        self.finish(address, blob, sums)

    def finish(self, address, blob, sums):
        etag = f"{hashlib.md5(b''.join(sums)).hexdigest()}-{len(sums)}"
        url = f"{address}?{urllib.parse.urlencode({'digest': blob.digest, 'etag': etag})}"
        answer = self.ask("PUT", url, {"Content-Type": "application/octet-stream"})
        if answer.status not in (200, 201):
            raise OllamaError(f"finalize: status {answer.status}: {answer.body.decode()}")

    def put_manifest(self, manifest):
        url = f"{self.base}/manifests/{self.tag}"
        answer = self.ask("PUT", url, {"Content-Type": DOCKER_MANIFEST}, manifest.content)
        if answer.status not in (200, 201):
            raise OllamaError(f"status {answer.status}: {answer.body.decode()}")

    def ask(self, method, url, fields=None, body=None):
        """As often as it is told to show who it is."""
        for _ in range(3):
            sent = dict(fields or {})
            if self.token:
                sent["Authorization"] = f"Bearer {self.token}"
            length = sent.pop("Content-Length", None)
            answer = self.http.send(method, url, sent, body, TRANSFER, length)
            if answer.status != 401:
                break
            self.token = self.authorize(answer.headers["WWW-Authenticate"] or "", url)
        return answer

    def pull_blob(self, digest):
        """Fetches it once to learn where it is, and once more from there."""
        url = f"{self.base}/blobs/{digest}"
        if self.ask("GET", url).status != 200:
            raise OllamaError("status of the first request")
        return self.ask("GET", url).body
