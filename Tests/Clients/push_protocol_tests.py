"""Uploads by plain HTTP, each in the manner of a client: what it sends, and what it looks at in the answers."""

import concurrent.futures
import socket
import time
import unittest

from repository_client import BYTES, EMPTY, Blob, Manifest, Repository, chunks, digest, error, expect
from running_registry import RunningRegistry
from tiny_model import gguf, safetensors


class UploadTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/model")
        self.content = gguf(rows=1_000)
        self.digest = digest(self.content)

    def assert_received(self, answer, repository=None):
        """The upload is complete, and the repository has the blob under the name that the answer gives."""
        repository = repository or self.repository
        expect(answer, 201)
        self.assertEqual(answer.headers["Docker-Content-Digest"], self.digest)
        location = repository.location(answer)
        self.assertEqual(location, f"/v2/{repository.name}/blobs/{self.digest}")
        head = expect(repository.request("HEAD", location), 200)
        self.assertEqual(head.headers["Content-Length"], str(len(self.content)))
        self.assertEqual(head.headers["Docker-Content-Digest"], self.digest)

    def assert_state(self, answer, received, status):
        """- Returns: where the upload goes on."""
        expect(answer, status)
        # distribution-spec 1.1, "Pushing a blob in chunks": `0-<end>`; nothing yet is 0-0 or no range.
        if received:
            self.assertEqual(answer.headers["Range"], f"0-{received - 1}")
        else:
            self.assertIn(answer.headers["Range"], (None, "0-0", "0--1"))
        return self.repository.location(answer)

    def send_first(self, location):
        """The first thousand bytes."""
        fields = {"Content-Type": BYTES, "Content-Range": "0-999"}
        answer = self.repository.request("PATCH", location, self.content[:1_000], fields)
        return self.assert_state(answer, 1_000, 202)

    def test_docker(self):
        """docker looks for the blob, and sends it in one PATCH without length and range"""
        self.assertFalse(self.repository.has_blob(self.digest))
        start = expect(self.repository.request("POST", "blobs/uploads/", b""), 202)
        self.assertTrue(start.headers["Docker-Upload-UUID"])
        location = self.repository.location(start)
        answer = self.repository.request("PATCH", location, chunks(self.content), {"Content-Type": BYTES})
        location = self.assert_state(answer, len(self.content), 202)
        self.assert_received(self.repository.finish(location, self.digest))

    def test_containerd(self):
        """containerd and buildkit send everything in the PUT"""
        self.assert_received(self.repository.finish(self.repository.start(), self.digest, self.content))

    def test_one_request(self):
        """A blob may come along with the POST"""
        answer = self.repository.request(
            "POST", f"blobs/uploads/?digest={self.digest}", self.content, {"Content-Type": BYTES})
        self.assert_received(answer)

    def test_regctl(self):
        """regctl sends ranges one after the other, asks where the upload stands, and goes on"""
        start = expect(self.repository.request("POST", "blobs/uploads/", b""), 202)
        size = max(1_000, int(start.headers["OCI-Chunk-Min-Length"] or 0))
        location = self.repository.location(start)
        location = self.assert_state(self.repository.get(location), 0, 204)
        for first in range(0, len(self.content), size):
            part = self.content[first:first + size]
            fields = {"Content-Type": BYTES, "Content-Range": f"{first}-{first + len(part) - 1}"}
            answer = self.repository.request("PATCH", location, part, fields)
            location = self.assert_state(answer, first + len(part), 202)
            location = self.assert_state(self.repository.get(location), first + len(part), 204)
        self.assert_received(self.repository.finish(location, self.digest))

    def test_gap(self):
        """A range that does not go on where the upload stands is refused, and says where that is"""
        location = self.repository.start()
        location = self.send_first(location)
        for first in (0, 500, 2_000):
            with self.subTest(first):
                fields = {"Content-Type": BYTES, "Content-Range": f"{first}-{first + 99}"}
                answer = self.repository.request("PATCH", location, self.content[first:first + 100], fields)
                self.assert_state(answer, 1_000, 416)
        location = self.assert_state(self.repository.get(location), 1_000, 204)
        rest = {"Content-Range": f"1000-{len(self.content) - 1}"}
        self.assert_received(self.repository.finish(location, self.digest, self.content[1_000:], rest))

    def test_resume_over_restart(self):
        """An upload goes on after the server was started anew"""
        location = self.repository.start()
        location = self.send_first(location)
        self.assertEqual(self.registry.stop(), 0)
        self.registry.start()
        location = self.assert_state(self.repository.get(location), 1_000, 204)
        self.assert_received(self.repository.finish(location, self.digest, self.content[1_000:]))

    def test_broken_connection(self):
        """What arrived before the connection broke is kept, and the upload goes on there"""
        location = self.repository.start()
        head = (
            f"PATCH {location} HTTP/1.1\r\nHost: {self.registry.host}\r\nTransfer-Encoding: chunked\r\n"
            f"Authorization: Bearer {self.registry.token}\r\nContent-Type: {BYTES}\r\n\r\n")
        host, port = self.registry.host.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + b"3e8\r\n" + self.content[:1_000] + b"\r\n")
        location = self.wait_until(location, "0-999")
        self.assert_received(self.repository.finish(location, self.digest, self.content[1_000:]))

    def wait_until(self, location, received):
        """- Returns: where the upload goes on, once so much of it is there."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            answer = self.repository.get(location)
            if answer.status == 204 and answer.headers["Range"] == received:
                return self.repository.location(answer)
        self.fail(f"{answer.status} {dict(answer.headers)} {answer.body}")

    def test_two_writers(self):
        """Two who send to one upload at once do not mix their bytes"""
        location = self.repository.start()
        with concurrent.futures.ThreadPoolExecutor(2) as senders:
            answers = list(senders.map(
                lambda _: self.repository.request(
                    "PATCH", location, self.content, {"Content-Range": f"0-{len(self.content) - 1}"}), range(2)))
        self.assertIn(202, [answer.status for answer in answers])
        for answer in answers:
            self.assertIn(answer.status, (202, 409, 416), answer.body)
        location = self.wait_until(location, f"0-{len(self.content) - 1}")
        self.assert_received(self.repository.finish(location, self.digest))

    def test_crane(self):
        """crane mounts a blob without saying where from, and from a repository that it names"""
        self.repository.upload(self.content)
        for name, query in (("team/unnamed", ""), ("team/named", "&from=team/model")):
            with self.subTest(name):
                other = Repository(self.registry, name)
                self.assertFalse(other.has_blob(self.digest))
                answer = other.request("POST", f"blobs/uploads/?mount={self.digest}{query}", b"")
                self.assert_received(answer, other)

    def test_mount_of_nothing(self):
        """A mount of what is not there begins an upload"""
        location = self.repository.start(f"?mount={self.digest}&from=team/other")
        self.assert_received(self.repository.finish(location, self.digest, self.content))

    def test_ollama(self):
        """ollama names a redirect that it could follow, and an etag, and minds neither"""
        location = self.repository.start(f"?mount={self.digest}&from=library/model")
        half = len(self.content) // 2
        for first, last in ((0, half - 1), (half, len(self.content) - 1)):
            fields = {"Content-Range": f"{first}-{last}", "X-Redirect-Uploads": "1", "Content-Type": BYTES}
            answer = self.repository.request("PATCH", location, self.content[first:last + 1], fields)
            location = self.assert_state(answer, last + 1, 202)
        closing = self.repository.closing(location, self.digest) + "&etag=d41d8cd98f00b204e9800998ecf8427e-2"
        self.assert_received(self.repository.request("PUT", closing, b""))

    def test_sha512(self):
        """A blob may have a sha512 digest, announced or not"""
        wide = digest(self.content, "sha512")
        for query in ("", "?digest-algorithm=sha512"):
            with self.subTest(query):
                expect(self.repository.finish(self.repository.start(query), wide, self.content), 201)
                self.assertTrue(self.repository.has_blob(wide))

    def test_empty(self):
        """A blob may have no bytes"""
        self.repository.upload(b"")
        self.assertEqual(
            expect(self.repository.request("HEAD", f"blobs/{digest(b'')}"), 200).headers["Content-Length"], "0")

    def test_again(self):
        """A blob that is there may be sent again"""
        self.repository.upload(self.content)
        self.repository.upload(self.content)

    def test_given_up(self):
        """An upload that was given up is gone"""
        location = self.repository.start()
        expect(self.repository.request("DELETE", location), 204)
        for method, body in (("GET", None), ("PATCH", self.content), ("DELETE", None)):
            with self.subTest(method):
                answer = expect(self.repository.request(method, location, body), 404)
                self.assertEqual(error(answer), "BLOB_UPLOAD_UNKNOWN")

    def test_finished(self):
        """An upload that is complete takes nothing more"""
        location = self.repository.start()
        expect(self.repository.finish(location, self.digest, self.content), 201)
        answer = expect(self.repository.request("PATCH", location, self.content), 404)
        self.assertEqual(error(answer), "BLOB_UPLOAD_UNKNOWN")

    def test_other_repository(self):
        """An upload belongs to the repository that it was begun in"""
        location = self.repository.start()
        elsewhere = location.replace("/v2/team/model/", "/v2/team/other/")
        self.assertNotEqual(elsewhere, location)
        answer = expect(self.repository.finish(elsewhere, self.digest, self.content), 404)
        self.assertEqual(error(answer), "BLOB_UPLOAD_UNKNOWN")
        self.assert_received(self.repository.finish(location, self.digest, self.content))


class ConcurrencyTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())

    def at_once(self, work, count):
        with concurrent.futures.ThreadPoolExecutor(count) as clients:
            return list(clients.map(work, range(count)))

    def test_same(self):
        """Many clients push the same model into several repositories at once"""
        model = Manifest(EMPTY, [Blob(gguf(rows=50_000))])
        self.at_once(lambda number: Repository(self.registry, f"team/{number % 3}").push(model, f"tag{number}"), 12)
        for number in range(3):
            tags = Repository(self.registry, f"team/{number}").tags()
            self.assertEqual(sorted(tags), sorted(f"tag{each}" for each in range(12) if each % 3 == number))

    def test_one_tag(self):
        """Of those who move a tag at once one is the last, and the tag points at what it pushed"""
        repository = Repository(self.registry, "team/model")
        models = [Manifest(EMPTY, [Blob(safetensors(seed=seed))]) for seed in range(12)]
        self.at_once(lambda number: repository.push(models[number], "latest"), len(models))
        answer = expect(repository.request("HEAD", "manifests/latest"), 200)
        self.assertIn(answer.headers["Docker-Content-Digest"], {model.digest for model in models})
        for model in models:
            expect(repository.request("HEAD", f"manifests/{model.digest}"), 200)


class ManifestTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/model")
        self.model = Manifest(EMPTY, [Blob(safetensors())])

    def test_names(self):
        """A manifest is pushed under its digest, under a tag, and under several at once"""
        self.repository.push(self.model)
        self.assertEqual(self.repository.tags(), [])
        answer = self.repository.push(self.model, "one")
        self.assertEqual(self.repository.location(answer), f"/v2/team/model/manifests/{self.model.digest}")
        answer = expect(self.repository.put(f"{self.model.digest}?tag=two&tag=three", self.model.content), 201)
        self.assertEqual(sorted(answer.headers.get_all("OCI-Tag")), ["three", "two"])
        self.assertEqual(self.repository.tags(), ["one", "three", "two"])

    def test_again(self):
        """Pushing the same once more changes nothing"""
        self.repository.push(self.model, "one")
        self.repository.inspect("one")
        events = self.registry.get("/v1/audit").json
        self.repository.push(self.model, "one")
        self.assertEqual(self.registry.get("/v1/audit").json, events)

    def test_moved_tag(self):
        """A tag that is pushed again points at the newer manifest, and the older one is still there by its digest"""
        newer = Manifest(EMPTY, [Blob(safetensors(seed=1))])
        for manifest in (self.model, newer):
            self.repository.push(manifest, "latest")
            self.assertEqual(self.repository.promote("latest").status, 201)
            answer = expect(self.repository.manifest("latest"), 200)
            self.assertEqual(answer.body, manifest.content)
        self.assertEqual(self.repository.manifest(self.model.digest).body, self.model.content)

    def test_layers_elsewhere(self):
        """A manifest may name layers that are not to be pushed"""
        for media_type in (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        ):
            with self.subTest(media_type):
                elsewhere = Blob(b"elsewhere", media_type)
                elsewhere.descriptor["urls"] = ["https://example.com/layer"]
                manifest = Manifest(EMPTY, [self.model.blobs[1], elsewhere])
                manifest.blobs.remove(elsewhere)
                self.repository.push(manifest)

    def test_sha512(self):
        """A manifest may be pushed under its sha512 digest"""
        self.repository.push(self.model)
        wide = digest(self.model.content, "sha512")
        answer = expect(self.repository.put(wide, self.model.content), 201)
        self.assertEqual(answer.headers["Docker-Content-Digest"], wide)
