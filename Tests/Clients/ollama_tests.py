"""Stock `ollama push` and `ollama pull`, request for request."""

import json
import os
import shutil
import socket
import tempfile
import time
import unittest

from credential_tests import TemporaryKey
from model_push_tests import PACKED_MODELS
from ollama_client import GO, PROGRAM, Connections, Ollama, OllamaError, OllamaTransfer
from pushed_artifacts import ollama
from repository_client import DOCKER_MANIFEST, Blob, Manifest, OpenRepositories, Repository, expect
from running_registry import RunningRegistry
from tiny_model import gguf, safetensors

# What stock Ollama cuts at 100 MB.
SMALL_PARTS = (1_000, 1_000)


class OllamaRegistry(RunningRegistry):
    """Keys that are registered, for `library/*` and `team/*`. Prompts are admitted."""

    def __init__(self, *keys, settings=None):
        super().__init__(settings)
        self.keys = keys

    def start(self):
        entries = [
            {"name": f"key{number}", "ed25519": key.line, "rights": ["pull", "push"],
             "repositories": ["library/*", "team/*", "plain"]} for number, key in enumerate(self.keys)]
        for name, text in (
            ("credentials", json.dumps({"version": 1, "credentials": entries})), ("policy", PACKED_MODELS.read_text())):
            path = self.home / f"{name}.yaml"
            path.write_text(text)
            path.chmod(0o600)
            self.settings[f"{name}_path"] = path
        super().start()
        self.host = self.host.replace("0.0.0.0", "127.0.0.1")


def open_reading(*keys):
    return OllamaRegistry(*keys)


def closed_reading(*keys):
    return OllamaRegistry(*keys, settings={"bind_addr": "0.0.0.0:0"})


def in_parts():
    """A model whose weights take several of the small parts, the last one shorter."""
    model = ollama()
    weights = Blob(gguf(rows=500), model.blobs[1].descriptor["mediaType"])
    return Manifest(model.blobs[0], [weights, *model.blobs[2:]], DOCKER_MANIFEST)


class RequestTests(unittest.TestCase):
    """What stands on the wire."""

    def test_heads(self):
        """Heads are those that Go writes"""
        part = {"X-Redirect-Uploads": "1", "Content-Range": "0-9", "Content-Type": "application/octet-stream",
                "Authorization": "Bearer t"}
        self.assertEqual(
            Connections.head("PATCH", "http://h:1/v2/library/tiny/blobs/uploads/u", part, length=10),
            b"PATCH /v2/library/tiny/blobs/uploads/u HTTP/1.1\r\nHost: h:1\r\n"
            b"User-Agent: ollama/0.17.4 (amd64 linux) Go/go1.26.0\r\nContent-Length: 10\r\n"
            b"Authorization: Bearer t\r\nContent-Range: 0-9\r\nContent-Type: application/octet-stream\r\n"
            b"X-Redirect-Uploads: 1\r\nAccept-Encoding: gzip\r\n\r\n")
        self.assertEqual(
            Connections.head("GET", "http://h:1/b?access_token=t", {"Range": "bytes=0-9"}, GO),
            b"GET /b?access_token=t HTTP/1.1\r\nHost: h:1\r\nUser-Agent: Go-http-client/1.1\r\n"
            b"Range: bytes=0-9\r\n\r\n")

    def test_relative(self):
        """An address without a host leads nowhere, as in Ollama"""
        with self.assertRaisesRegex(OllamaError, "unsupported protocol scheme"):
            Connections.head("PATCH", "/v2/library/tiny/blobs/uploads/u", {})


@unittest.skipUnless(shutil.which("openssl"), "openssl is missing: scripts/setup")
class OllamaTests(unittest.TestCase):
    def setUp(self):
        self.key = self.enterContext(TemporaryKey())
        self.other = self.enterContext(TemporaryKey())
        self.stranger = self.enterContext(TemporaryKey())

    def start(self, kind):
        self.registry = self.enterContext(kind(self.key, self.other))
        return self.registry

    def client(self, key=None, name="library/tiny", kind=Ollama, part_bytes=SMALL_PARTS):
        return kind(self.registry, key or self.key, name, part_bytes=part_bytes)

    def promote(self, name="library/tiny"):
        promoted = Repository(self.registry, name).promote("latest")
        self.assertEqual(promoted.status, 201, promoted.body)

    def assert_pulled(self, client, model):
        manifest, blobs = client.pull()
        self.assertEqual(manifest, model.content)
        self.assertEqual(blobs, {blob.digest: blob.content for blob in model.blobs})

    def test_round_trip(self):
        """What was pushed is refused until somebody promotes it, and then pulled, with a login and in parts without"""
        for kind in (open_reading, closed_reading):
            with self.subTest(kind.__name__), kind(self.key, self.other) as self.registry:
                model = in_parts()
                self.client().push(model)
                with self.assertRaisesRegex(OllamaError, "^403: .*is acquired, not trusted"):
                    self.client(self.other).pull()
                if kind is closed_reading:
                    # Whoever pushed it reads it back. Where reading is open Ollama does not say who it is.
                    self.assert_pulled(self.client(), model)
                self.promote()
                client = self.client()
                self.assert_pulled(client, model)
                parts = [head for head in client.http.heads if b"\r\nRange: " in head]
                self.assertGreater(len(parts), len(model.blobs))
                for head in parts:
                    self.assertNotIn(b"Authorization", head)
                self.assertEqual(client.token is not None, kind is closed_reading)

    def test_nobody(self):
        """Where reading is open no key is needed, and elsewhere an unknown one is told the line to register"""
        self.start(open_reading)
        model = in_parts()
        self.client().push(model)
        self.promote()
        self.assert_pulled(self.client(self.stranger), model)
        with self.assertRaisesRegex(OllamaError, "^401: .*ssh-ed25519"):
            self.client(self.stranger).push(in_parts())
        self.start(closed_reading)
        with self.assertRaisesRegex(OllamaError, "^401: .*ssh-ed25519"):
            self.client(self.stranger).pull()

    def test_again(self):
        """What is there is not sent again, also before it is trusted"""
        for kind in (open_reading, closed_reading):
            with self.subTest(kind.__name__), kind(self.key) as self.registry:
                self.client().push(in_parts())
                again = self.client()
                again.push(in_parts())
                self.assertFalse([head for head in again.http.heads if head.startswith((b"POST", b"PATCH"))])
                self.assertIsNotNone(again.token)

    def test_names(self):
        """A name without a namespace, which comes as library/NAME, is that of a plain repository, too"""
        self.start(closed_reading)
        model = in_parts()
        Repository(self.registry, "plain").push(model, "latest")
        with self.assertRaisesRegex(OllamaError, "^403"):
            self.client(name="library/plain").pull()
        self.promote("plain")
        self.assert_pulled(self.client(name="library/plain"), model)
        self.client(name="team/tiny").push(model)
        self.promote("team/tiny")
        self.assert_pulled(self.client(name="team/tiny"), model)

    def test_mount(self):
        """Layers of another model are taken from there without being sent"""
        self.start(closed_reading)
        model = in_parts()
        self.client().push(model)
        client = self.client(name="team/derived")
        for blob in model.blobs:
            client.push_blob(blob, mount_from="library/tiny")
        client.put_manifest(model)
        self.assertFalse([head for head in client.http.heads if head.startswith(b"PATCH")])
        self.promote("team/derived")
        self.assert_pulled(self.client(name="team/derived"), model)

    def test_mount_of_nothing(self):
        """What is to be mounted and is not there is sent"""
        self.start(closed_reading)
        blob = Blob(gguf(rows=500))
        self.client().push_blob(blob, mount_from="library/other")
        self.assertTrue(Repository(self.registry, "library/tiny").has_blob(blob.digest))

    def test_nothing_there(self):
        """What does not exist is not found"""
        self.start(open_reading)
        with self.assertRaises(FileNotFoundError):
            self.client(name="library/absent").pull()

    def test_tensors(self):
        """Models made of tensors, which other code moves: that asks by POST whether a blob is there"""
        self.start(closed_reading)
        kind = "application/vnd.ollama.image."
        tensors = [Blob(safetensors(seed=seed, rows=300), kind + "tensor") for seed in range(3)]
        for number, tensor in enumerate(tensors):
            tensor.descriptor["name"] = f"model.layers.{number}.weight"
        model = Manifest(ollama().blobs[0], tensors, DOCKER_MANIFEST)
        self.client(kind=OllamaTransfer).push(model)
        again = self.client(kind=OllamaTransfer)
        again.push(model)
        self.assertFalse([head for head in again.http.heads if head.startswith(b"PATCH")])
        with self.assertRaisesRegex(OllamaError, "^403"):
            self.client(self.other, kind=OllamaTransfer).pull()
        self.promote()
        self.assert_pulled(self.client(kind=OllamaTransfer), model)

    def test_stock_parts(self):
        """With parts as large as Ollama makes them"""
        self.registry = self.enterContext(OpenRepositories())
        content = os.urandom(1_000_000) * 101
        blob = Blob(content, "application/vnd.ollama.image.model")
        repository = Repository(self.registry, "images/large")
        client = Ollama(self.registry, self.key, "images/large")
        client.token = self.registry.token
        client.push(Manifest(ollama().blobs[0], [blob], DOCKER_MANIFEST))
        patches = [head for head in client.http.heads if head.startswith(b"PATCH")]
        self.assertEqual(len(patches), 3)
        self.assertTrue(repository.has_blob(blob.digest))
        self.assertEqual(client.pull_blob(blob.digest), content)


@unittest.skipUnless(shutil.which("openssl"), "openssl is missing: scripts/setup")
class BrokenPushTests(unittest.TestCase):
    """Ollama sends a part that failed again, from its beginning, to the same address."""

    def setUp(self):
        self.key = self.enterContext(TemporaryKey())
        self.registry = self.enterContext(closed_reading(self.key))
        self.blob = Blob(gguf(rows=500))
        self.client = Ollama(self.registry, self.key, "library/tiny", part_bytes=SMALL_PARTS)
        self.parts = self.client.split(len(self.blob.content))
        self.assertGreater(len(self.parts), 3)

    def begin(self, count):
        """Sends so many parts."""
        with self.assertRaises(FileNotFoundError):
            self.client.request("HEAD", f"{self.client.base}/blobs/{self.blob.digest}")
        address = self.client.begin(self.blob)
        for part in self.parts[:count]:
            address = self.client.push_part(address, self.blob, *part)
        return address

    def as_client(self):
        """What another program of the same user sees: nobody else is told of an upload."""
        return Repository(self.registry, "library/tiny", {"Authorization": f"Bearer {self.client.token}"})

    def go_on(self, address, first):
        for part in self.parts[first:]:
            address = self.client.push_part(address, self.blob, *part)
        self.client.finish(address, self.blob, [b""])
        self.assertTrue(Repository(self.registry, "library/tiny").has_blob(self.blob.digest))

    def break_off(self, address, part, count):
        """Sends the beginning of a part, and waits until that is here."""
        offset, size = self.parts[part]
        half = Blob(self.blob.content[:offset + count])
        fields = self.client.part_fields(offset, size) | {"Authorization": f"Bearer {self.client.token}"}
        length = fields.pop("Content-Length")
        head = self.client.http.head("PATCH", address, fields, PROGRAM, length)
        host, port = self.registry.host.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head + half.content[offset:])
        end = time.monotonic() + 60
        wanted = f"0-{offset + count - 1}"
        repository = self.as_client()
        path = address[address.index("/v2/"):]
        while repository.get(path).headers["Range"] != wanted:
            self.assertLess(time.monotonic(), end, f"{wanted} never came")

    def test_part(self):
        """A part that broke off half way is sent again from its beginning"""
        address = self.begin(2)
        self.break_off(address, 2, 300)
        self.go_on(address, 2)

    def test_answer(self):
        """A part whose answer was lost is sent again whole"""
        address = self.begin(3)
        self.go_on(address, 2)

    def test_wrong_bytes(self):
        """Other bytes than were sent first are noticed at the end, and nothing is kept"""
        address = self.begin(2)
        self.blob.content = b"\0" * 2_000 + self.blob.content[2_000:]
        self.break_off(address, 2, 300)
        self.blob.content = self.blob.content[:2_000] + b"\0" * 1_000 + self.blob.content[3_000:]
        with self.assertRaisesRegex(OllamaError, "^400: .*DIGEST_INVALID"):
            self.go_on(address, 2)

    def test_server(self):
        """A server that is killed between parts goes on where it was"""
        address = self.begin(2)
        self.registry.kill_and_start()
        self.go_on(address, 2)

    def test_client(self):
        """A push that was killed begins anew, and another one's parts do no harm"""
        self.begin(2)
        self.client = Ollama(self.registry, self.key, "library/tiny", part_bytes=SMALL_PARTS)
        self.client.push_blob(self.blob)
        self.assertTrue(Repository(self.registry, "library/tiny").has_blob(self.blob.digest))

    def test_others(self):
        """Clients that do not say that they are Ollama's are told where to go on, as the specification has it"""
        address = self.begin(2)
        answer = self.as_client().request(
            "PATCH", address[address.index("/v2/"):], self.blob.content[1_000:2_000], {"Content-Range": "1000-1999"})
        self.assertEqual(expect(answer, 416).headers["Range"], "0-1999")
