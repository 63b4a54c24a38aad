"""Manifests that are refused: each with a document of the specification, and nothing of them is kept."""

import json

from push_refusal_tests import ABSENT, RefusingRegistry
from repository_client import BYTES, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Repository, expect
from tiny_model import gguf


class ManifestRefusalTests(RefusingRegistry):
    def fields(self, **changes):
        fields = self.model.fields | changes
        return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()

    def test_other_digest(self):
        """A manifest is not kept under a digest that it does not have"""
        for reference in (ABSENT, "sha512:" + "0" * 128):
            with self.subTest(reference):
                answer = self.repository.put(reference, self.model.content)
                self.assert_refused(answer, 400, "DIGEST_INVALID", "MANIFEST_INVALID")

    def test_no_digest(self):
        """What looks like a digest and is none is no name for a manifest"""
        for reference in ("sha256:abc", "sha256:baddigeststring", "md5:" + "0" * 32, "sha256:"):
            with self.subTest(reference):
                answer = self.repository.put(reference, self.model.content)
                self.assert_refused(answer, 400, "DIGEST_INVALID", "MANIFEST_INVALID")

    def test_media_types(self):
        """A manifest is of the type that its sender says"""
        for media_type, body in (
            (OCI_INDEX, self.model.content), (DOCKER_MANIFEST, self.model.content),
            ("application/json", self.model.content), ("text/plain", self.model.content), ("", self.model.content),
            ("a/b/c", self.model.content), (OCI_MANIFEST, self.fields(mediaType=OCI_INDEX)),
            (OCI_MANIFEST, self.fields(mediaType=7)),
        ):
            with self.subTest(f"{media_type} {body[:60]}"):
                answer = self.repository.put("new", body, media_type)
                self.assert_refused(answer, (400, 415), "MANIFEST_INVALID", "UNSUPPORTED")

    def test_both_shapes(self):
        """A document that can be read as an image and as an index is neither"""
        entry = self.model.descriptor
        for body, media_type in (
            (self.fields(manifests=[entry]), OCI_MANIFEST),
            (self.fields(manifests=[entry], mediaType=OCI_INDEX), OCI_INDEX),
            (self.fields(manifests=[entry], mediaType=None), OCI_MANIFEST),
            (self.fields(manifests=[entry], mediaType=None), OCI_INDEX),
            (self.fields(fsLayers=[], manifests=[], mediaType=None), OCI_MANIFEST),
            (self.fields(config=None, manifests=[entry], mediaType=OCI_INDEX), OCI_INDEX),
        ):
            with self.subTest(body):
                self.assert_refused(self.repository.put("new", body, media_type), 400, "MANIFEST_INVALID")

    def test_missing_blobs(self):
        """A manifest over blobs that the repository does not have is refused, and says which"""
        absent = {"mediaType": BYTES, "digest": ABSENT, "size": 1}
        for body in (
            self.fields(config=absent), self.fields(layers=[absent]),
            self.fields(layers=[self.layer.descriptor, absent]),
        ):
            with self.subTest(body):
                answer = self.repository.put("new", body)
                self.assert_refused(answer, (400, 404), "MANIFEST_BLOB_UNKNOWN")
                self.assertIn(ABSENT, answer.body.decode())
        other = Repository(self.registry, "team/other")
        self.assert_refused(other.put("new", self.model.content), (400, 404), "MANIFEST_BLOB_UNKNOWN", "NAME_UNKNOWN")
        index = json.dumps(
            {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [absent | {"mediaType": OCI_MANIFEST}]}).encode()
        answer = self.repository.put("new", index, OCI_INDEX)
        if answer.status != 201:  # distribution-spec 1.1 allows sparse indexes
            self.assert_refused(answer, (400, 404), "MANIFEST_BLOB_UNKNOWN")

    def test_other_size(self):
        """A manifest that says another size than the blob has is refused"""
        for size in (0, len(self.layer.content) + 1, -1, 2 ** 63, 1e3, "7", None):
            with self.subTest(size):
                body = self.fields(layers=[self.layer.descriptor | {"size": size}])
                answer = self.repository.put("new", body)
                self.assert_refused(
                    answer, (400, 404), "MANIFEST_INVALID", "SIZE_INVALID", "MANIFEST_BLOB_UNKNOWN")

    def test_too_large(self):
        """A manifest of 4 MiB is taken, and one of 5 MiB is not"""
        large = self.padded(4 << 20)
        self.assertEqual(len(large), 4 << 20)
        expect(self.repository.put("large", large), 201)
        self.repository.inspect("large")
        self.before = self.kept()
        for length in ((4 << 20) + 1, 5 << 20, 50 << 20):
            body = self.padded(length)
            try:
                answer = self.repository.put("new", body)
            except (BrokenPipeError, ConnectionResetError):
                # Refused before it was all sent; the answer may be lost then.
                self.assertEqual(self.kept(), self.before)
                continue
            self.assert_refused(answer, 413, "SIZE_INVALID", "MANIFEST_INVALID", "UNSUPPORTED")

    def padded(self, length):
        """A manifest of this length."""
        annotations = {str(number): "x" * 9_000 for number in range((length - 2_000) // 9_100)}
        annotations["last"] = ""
        annotations["last"] = "x" * (length - len(self.fields(annotations=annotations)))
        return self.fields(annotations=annotations)

    def test_garbage(self):
        """What is no document is refused"""
        for body in (
            b"", b"{", b"null", b"[]", b"7", b'"x"', b"\xff\xfe{}", b"{}", b"\0" * 100, b"[" * 100_000,
            b'{"a":' * 10_000, self.model.content + b"x", b"\xef\xbb\xbf" + self.model.content,
            self.fields(schemaVersion=1), self.fields(schemaVersion=None), self.fields(config=None),
            self.fields(config=[]), self.fields(layers=None), self.fields(layers={}), self.fields(layers=[7]),
            self.fields(layers=[{}]), self.fields(annotations=7),
            self.fields(annotations={"a": 7}), self.fields(subject=7), self.fields(subject={}), self.fields(config={}),
            self.fields(layers=[self.layer.descriptor | {"digest": "../../etc/passwd"}]), gguf(),
            self.model.content.replace(b'"schemaVersion": 2', b'"schemaVersion": 2e0'),
        ):
            with self.subTest(body[:80]):
                answer = self.repository.put("new", body)
                self.assert_refused(answer, 400, "MANIFEST_INVALID", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN")

    def test_many_layers(self):
        """A manifest over 10,001 layers is refused"""
        body = self.fields(layers=[self.layer.descriptor] * 10_001)
        self.assert_refused(self.repository.put("new", body), (400, 413), "MANIFEST_INVALID", "SIZE_INVALID")

    def test_duplicate_keys(self):
        """A document that says a thing twice is refused: readers would not agree on what it says"""
        text = self.model.content
        inner = text.replace(b'"size": 2\n', b'"size": 2, "size": 2\n', 1)
        outer = text.replace(b'"schemaVersion": 2', b'"schemaVersion": 2, "schemaVersion": 2', 1)
        escaped = text.replace(b'"schemaVersion": 2', b'"schemaVersion": 2, "\\u0073chemaVersion": 2', 1)
        for body in (inner, outer, escaped):
            with self.subTest(body[:80]):
                self.assertNotEqual(body, text)
                self.assert_refused(self.repository.put("new", body), 400, "MANIFEST_INVALID")

    def test_tags(self):
        """What is no tag is refused"""
        for tag in ("-x", ".x", "a" * 129, "a+b", "a%20b", "a%2fb", "%00", "%c3%a9", "a:b", "%0d%0ax", "%2e%2e"):
            for method in ("PUT", "GET", "DELETE"):
                with self.subTest(tag[:20], method=method):
                    body = self.model.content if method == "PUT" else None
                    answer = self.repository.request(method, f"manifests/{tag}", body, {"Content-Type": OCI_MANIFEST})
                    self.assert_refused(
                        answer, (400, 404), "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN",
                        "DIGEST_INVALID", "UNSUPPORTED")
