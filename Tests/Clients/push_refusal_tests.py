"""Uploads that are refused, and names: each with a document of the specification, and nothing of them is kept."""

import http.client
import unittest

from repository_client import BYTES, EMPTY, OCI_MANIFEST, Blob, Manifest, Repository, error, expect
from running_registry import RunningRegistry
from tiny_model import gguf, safetensors

ABSENT = "sha256:" + "0" * 64


class RefusingRegistry(unittest.TestCase):
    """One version is there under the tag `good`, and nothing may become different by what is refused."""

    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/model")
        self.layer = Blob(safetensors())
        for blob in (EMPTY, self.layer):
            self.repository.upload(blob.content)
        self.model = Manifest(EMPTY, [self.layer])
        expect(self.repository.put("good", self.model.content), 201)
        self.repository.inspect("good")
        self.before = self.kept()

    def kept(self):
        """Everything that a refused request must not change."""
        store = self.registry.directory / "store"
        return (
            sorted(str(path) for path in (store / "blobs").rglob("*") if path.is_file()),
            sorted(str(path) for path in (store / "uploads").iterdir()),
            self.registry.get("/v2/_catalog").json, self.repository.tags(), self.registry.get("/v1/models").json,
            self.registry.get("/v1/audit").json,
        )

    def assert_refused(self, answer, status, *codes):
        statuses = status if isinstance(status, tuple) else (status,)
        self.assertIn(answer.status, statuses, answer.body)
        self.assertIn(error(answer), codes, answer.body)
        self.assertEqual(self.kept(), self.before)


class UploadRefusalTests(RefusingRegistry):
    def test_other_bytes(self):
        """Bytes with another digest than was announced are refused, and the upload is given up"""
        for body in (gguf(), b""):
            with self.subTest(len(body)):
                location = self.repository.start()
                self.assert_refused(self.repository.finish(location, ABSENT, body), 400, "DIGEST_INVALID")

    def test_digests(self):
        """What is no digest of a known kind is refused, in uploads and in mounts"""
        for wrong in (
            "", "sha256", "sha256:", "sha256:abc", "sha256:" + "G" * 64, "SHA256:" + "0" * 64, "md5:" + "0" * 32,
            "sha256:" + "0" * 65, "sha512:" + "0" * 64, "../" * 20, "sha256:" + "A" * 64,
        ):
            with self.subTest(wrong):
                location = self.repository.start()
                self.assertEqual(
                    error(expect(self.repository.finish(location, wrong, self.layer.content), 400)), "DIGEST_INVALID")
                expect(self.repository.request("DELETE", location), 204)
                answer = self.repository.request(
                    "POST", Repository.closing("blobs/uploads/", wrong), self.layer.content, {"Content-Type": BYTES})
                self.assert_refused(answer, 400, "DIGEST_INVALID")

    def test_no_digest(self):
        """An upload is not ended without a digest"""
        location = self.repository.start()
        self.assertEqual(
            error(expect(self.repository.request("PUT", location, self.layer.content), 400)), "DIGEST_INVALID")
        expect(self.repository.request("DELETE", location), 204)
        self.assertEqual(self.kept(), self.before)

    def test_ranges(self):
        """What is no range is refused, and what arrived before stays"""
        location = self.repository.start()
        for wrong in (
            "bytes 0-9", "bytes 0-9/3", "bytes 0-9/*", "0", "9-0", "-5", "a-b", "0-99999999999999999999", "0-3", "0-",
        ):
            with self.subTest(wrong):
                answer = self.repository.request("PATCH", location, b"0123456789", {"Content-Range": wrong})
                self.assertIn(answer.status, (400, 416))
                self.assertIn(error(answer), ("BLOB_UPLOAD_INVALID", "SIZE_INVALID", "UNSUPPORTED"))
        expect(self.repository.request("DELETE", location), 204)
        self.assertEqual(self.kept(), self.before)

    def test_unknown_upload(self):
        """An upload that was never begun takes nothing"""
        for name in ("0" * 32, "x", "..", "%2e%2e", "%2e%2e%2fstore", "0" * 5_000):
            for method in ("GET", "PATCH", "PUT", "DELETE"):
                with self.subTest(name[:20], method=method):
                    path = f"blobs/uploads/{name}" + (f"?digest={self.layer.digest}" if method == "PUT" else "")
                    answer = self.repository.request(method, path, b"x" if method in ("PATCH", "PUT") else None)
                    self.assert_refused(
                        answer, (400, 404, 414), "BLOB_UPLOAD_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "UNSUPPORTED")

    def test_no_token(self):
        """Nothing is received from whoever shows no token"""
        for method, path in (
            ("POST", "blobs/uploads/"), ("POST", f"blobs/uploads/?digest={self.layer.digest}"),
            ("POST", f"blobs/uploads/?mount={self.layer.digest}"), ("PATCH", "blobs/uploads/x"),
            ("PUT", f"blobs/uploads/x?digest={self.layer.digest}"), ("DELETE", "blobs/uploads/x"),
            ("PUT", "manifests/new"),
        ):
            with self.subTest(f"{method} {path}"):
                answer = self.repository.request(method, path, b"{}", token=False)
                self.assert_refused(answer, 401, "UNAUTHORIZED")
                self.assertTrue(answer.headers["WWW-Authenticate"])


class NameRefusalTests(RefusingRegistry):
    def test_unknown_repository(self):
        """A repository that nobody pushed to has nothing"""
        for method, path in (
            ("GET", "manifests/latest"), ("GET", f"manifests/{self.model.digest}"),
            ("GET", f"blobs/{self.layer.digest}"), ("GET", "tags/list"), ("DELETE", "manifests/latest"),
            ("DELETE", f"manifests/{self.model.digest}"), ("DELETE", f"blobs/{self.layer.digest}"),
        ):
            with self.subTest(f"{method} {path}"):
                answer = self.registry.request(method, f"/v2/team/nothing/{path}")
                self.assert_refused(answer, 404, "NAME_UNKNOWN", "MANIFEST_UNKNOWN", "BLOB_UNKNOWN")

    def test_names(self):
        """No name leads out of its place"""
        for name in (
            "..", "../..", "team/..", "team/../../etc", "%2e%2e/%2e%2e", "team/%2e%2e%2f%2e%2e%2fetc", "team//model",
            "Team/Model", "team/-x", "team/x-", "team/x..y", "team/.x", "a" * 256, "/".join(["a"] * 200), "team/x%00y",
            "team/x%0d%0ay", "team/%c3%a9", "team/x y", "team/x@y", "team/x:y", "team/" + "a" * 2_000, "team\\model",
        ):
            for method, path, body in (
                ("POST", "blobs/uploads/", b""), ("PUT", "manifests/new", self.model.content),
                ("GET", "manifests/good", None), ("DELETE", "manifests/good", None), ("GET", "tags/list", None),
            ):
                with self.subTest(f"{method} {name[:40]} {path}"):
                    try:
                        answer = self.registry.request(
                            method, f"/v2/{name}/{path}", body, {"Content-Type": OCI_MANIFEST})
                    except http.client.InvalidURL:
                        continue
                    self.assert_refused(
                        answer, (400, 404, 414), "NAME_INVALID", "NAME_UNKNOWN", "UNSUPPORTED")
        beside = sorted(path.name for path in self.registry.home.iterdir())
        self.assertEqual(beside, ["address", "log", "registry", "token"])

    def test_methods(self):
        """A method that a path does not have is refused as the specification says it"""
        for method, path in (
            ("POST", "manifests/good"), ("PATCH", "manifests/good"), ("PUT", f"blobs/{self.layer.digest}"),
            ("POST", "tags/list"), ("DELETE", "tags/list"), ("PUT", f"referrers/{self.model.digest}"),
        ):
            with self.subTest(f"{method} {path}"):
                self.assert_refused(self.repository.request(method, path, b"{}"), (404, 405), "UNSUPPORTED")


class QuotaTests(unittest.TestCase):
    def test_quota(self):
        """A repository is filled up to its quota, by every way of uploading, and others are not held back by it"""
        registry = self.enterContext(RunningRegistry({"repository_quotas": "team/small=1KiB, team/*=1GiB"}))
        small, other = Repository(registry, "team/small"), Repository(registry, "team/other")
        kept = Blob(b"k" * 1_000)
        small.upload(kept.content)
        more = Blob(b"m" * 25)
        refusals = [
            small.finish(small.start(), more.digest, more.content),
            registry.request("POST", f"/v2/team/small/blobs/uploads/?digest={more.digest}", more.content),
        ]
        other.upload(more.content)
        refusals.append(registry.request(
            "POST", f"/v2/team/small/blobs/uploads/?mount={more.digest}&from=team/other", b""))
        for number, answer in enumerate(refusals):
            with self.subTest(number):
                self.assertEqual((answer.status, error(answer)), (403, "DENIED"), answer.body)
                self.assertEqual(answer.json["errors"][0]["detail"]["code"], "quota_exceeded")
        small.upload(kept.content)
        small.upload(b"m" * 24)
        expect(registry.request("DELETE", f"/v2/team/small/blobs/{kept.digest}"), 202)
        small.upload(more.content)
