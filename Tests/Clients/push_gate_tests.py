"""What was pushed, and who may read it: nobody before it is trusted but those who review."""

import base64
import pathlib
import secrets
import tempfile
import unittest

from repository_client import EMPTY, OCI_INDEX, Blob, Index, Manifest, Repository, error, expect
from running_registry import RunningRegistry
from tiny_model import gguf, pickle, safetensors, sha256


def model(seed=0):
    return Manifest(EMPTY, [Blob(safetensors(seed=seed))])


class PushedGateTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/model")
        self.model = model()

    def assert_denied(self, state, repository=None, manifest=None):
        """Neither the manifest nor its blobs are given, to nobody and under no name."""
        repository, manifest = repository or self.repository, manifest or self.model
        blobs = [f"blobs/{blob.digest}" for blob in manifest.blobs]
        for path in (f"manifests/{manifest.digest}", "manifests/one", *blobs):
            for token in (True, False):
                with self.subTest(path, token=token):
                    answer = expect(repository.get(path, token=token), 403)
                    self.assertEqual(error(answer), "DENIED")
                    if path not in blobs:
                        self.assertEqual(answer.json["errors"][0]["detail"]["state"], state)
            # Who pushes may ask whether it is there.
            self.assertEqual(expect(repository.request("HEAD", path, token=False), 403).body, b"")

    def assert_served(self, repository=None, manifest=None):
        """Manifest and blobs are given byte for byte."""
        repository, manifest = repository or self.repository, manifest or self.model
        for reference in (manifest.digest, "one"):
            for token in (True, False):
                answer = expect(repository.manifest(reference, token=token), 200)
                self.assertEqual(answer.body, manifest.content)
                self.assertEqual(answer.headers["Content-Type"], manifest.media_type)
                self.assertEqual(answer.headers["Docker-Content-Digest"], manifest.digest)
        for blob in manifest.blobs:
            self.assertEqual(expect(repository.get(f"blobs/{blob.digest}", token=False), 200).body, blob.content)

    def test_whole_life(self):
        """What was pushed is given once it is promoted, until it is revoked"""
        self.repository.push(self.model, "one")
        self.assert_denied("acquired")
        self.assertEqual(self.repository.promote("one").status, 201)
        self.assert_served()
        self.assertEqual(self.repository.revoke("one").status, 200)
        self.assert_denied("revoked")
        self.repository.push(self.model, "one")
        self.assert_denied("revoked")

    def test_promoted_at_once(self):
        """A promote right after the push waits for nothing and nobody"""
        for seed in range(20):
            with self.subTest(seed):
                manifest = model(seed)
                self.repository.push(manifest)
                answer = self.registry.post("/v1/model/promote", {"name": self.repository.version(manifest.digest)})
                self.assertEqual(answer.status, 201, answer.body)

    def test_by_digest(self):
        """A version is promoted by its digest, too"""
        self.repository.push(self.model, "one")
        self.assertEqual(self.repository.promote(self.model.digest).status, 201)
        self.assert_served()

    def test_state_belongs_to_the_bytes(self):
        """A decision holds in every repository that has the version"""
        other = Repository(self.registry, "team/copy")
        for repository in (self.repository, other):
            repository.push(self.model, "one")
        self.repository.promote("one")
        self.assert_served(other)
        self.repository.revoke("one")
        self.assert_denied("revoked", other)

    def test_tag_grants_nothing(self):
        """A tag that is moved to other bytes takes no trust along"""
        self.repository.push(self.model, "one")
        self.repository.promote("one")
        other = model(seed=1)
        self.repository.push(other, "one")
        answer = expect(self.repository.manifest("one"), 403)
        self.assertEqual(answer.json["errors"][0]["detail"]["state"], "acquired")
        self.assertEqual(expect(self.repository.manifest(self.model.digest), 200).body, self.model.content)

    def test_shared_blob(self):
        """A blob that a trusted version has, too, is given by its repository and not by others"""
        shared, extra = Blob(safetensors()), Blob(gguf())
        trusted = Manifest(EMPTY, [shared])
        self.repository.push(trusted, "one")
        self.repository.push(Manifest(EMPTY, [shared, extra]), "two")
        self.repository.promote("one")
        self.assertEqual(expect(self.repository.get(f"blobs/{shared.digest}"), 200).body, shared.content)
        expect(self.repository.get(f"blobs/{extra.digest}"), 403)
        other = Repository(self.registry, "team/other")
        other.upload(shared.content)
        self.assertIn(other.get(f"blobs/{shared.digest}").status, (403, 404))

    def test_upload_alone(self):
        """A blob that no manifest names yet is given to nobody"""
        blob = Blob(gguf())
        self.repository.upload(blob.content)
        for token in (True, False):
            self.assertIn(self.repository.get(f"blobs/{blob.digest}", token=token).status, (403, 404))

    def test_dangerous(self):
        """A pickle that was pushed does not become trusted"""
        manifest = Manifest(EMPTY, [Blob(pickle(), annotations={"org.opencontainers.image.title": "model.pkl"})])
        self.repository.push(manifest, "one")
        answer = self.repository.promote("one")
        self.assertEqual((answer.status, answer.code), (422, "policy_refused"), answer.body)
        self.assert_denied("quarantined", manifest=manifest)

    def test_index(self):
        """An index passes the gate as the manifests that it names do, each for itself"""
        self.repository.push(self.model)
        index = Index([self.model])
        expect(self.repository.put("both", index.content, OCI_INDEX), 201)
        expect(self.repository.manifest("both"), 403)
        self.assertEqual(self.repository.promote(self.model.digest).status, 201)
        expect(self.repository.manifest("both"), 403)
        self.assertEqual(self.repository.promote("both").status, 201)
        self.assertEqual(expect(self.repository.manifest("both"), 200).body, index.content)
        self.repository.revoke(self.model.digest)
        expect(self.repository.manifest(self.model.digest), 403)

    def test_lists(self):
        """A pushed version is among the artifacts, with its state and its history"""
        self.repository.push(self.model, "one")
        name = self.repository.version(self.model.digest)
        listed = {row["name"]: row["state"] for row in self.registry.get("/v1/models").json}
        self.assertEqual(listed.get(name), "acquired")
        self.assertIn("team/model", self.registry.get("/v2/_catalog").json["repositories"])


class ReviewerTests(unittest.TestCase):
    """Reads before trust, which take a credential with the right `review`."""

    def setUp(self):
        self.tokens = {name: secrets.token_hex(32) for name in ("reviewer", "publisher", "everywhere")}
        directory = self.enterContext(tempfile.TemporaryDirectory(prefix="pratique-credentials-"))
        credentials = pathlib.Path(directory) / "credentials.yaml"
        credentials.touch(mode=0o600)
        credentials.write_text(
            "version: 1\ncredentials:\n"
            + self.entry("reviewer", "pull, review") + self.entry("publisher", "pull, push")
            + self.entry("everywhere", "pull, push, review", '"**"'))
        self.registry = self.enterContext(RunningRegistry({"credentials_path": credentials}))
        self.model = model()
        self.publisher = self.repository("publisher")
        self.reviewer = self.repository("reviewer")

    def entry(self, name, rights, repositories="team/*"):
        return (
            f"  - name: {name}\n"
            f"    token_sha256: {sha256(self.tokens[name].encode())}\n"
            f"    rights: [{rights}]\n"
            f"    repositories: [{repositories}]\n")

    def repository(self, name, of="team/model"):
        return Repository(self.registry, of, {"Authorization": f"Bearer {self.tokens[name]}"})

    def test_review(self):
        """Who reviews reads what is not trusted, in the repositories of the credential"""
        self.publisher.push(self.model, "one")
        for reference in ("one", self.model.digest):
            self.assertEqual(expect(self.reviewer.manifest(reference), 200).body, self.model.content)
        for blob in self.model.blobs:
            self.assertEqual(expect(self.reviewer.get(f"blobs/{blob.digest}"), 200).body, blob.content)
        foreign = Repository(self.registry, "other/model")
        foreign.push(model(seed=1), "one")
        expect(self.repository("reviewer", "other/model").manifest("one"), 403)

    def test_warnings(self):
        """Who reads or pushes again what the inspection found something in is told so in words"""
        title = 'in"fo ö.pkl'
        unknown = b"\x80\x02cmine\nModel\n."
        manifest = Manifest(EMPTY, [Blob(unknown, annotations={"org.opencontainers.image.title": title})])
        pushed = self.publisher.push(manifest, "one")
        self.assertIsNone(pushed.headers["Warning"])
        Repository(self.registry, "team/model").inspect("one")
        again = expect(self.publisher.put("one", manifest.content), 201)
        for answer in (expect(self.reviewer.manifest("one"), 200), again):
            warnings = answer.headers.get_all("Warning")
            self.assertIn(len(warnings), range(1, 6))
            for warning in warnings:
                self.assertRegex(warning, r'^299 - "([ !#-\[\]-~]|\\["\\])+"$')
            self.assertIn(' in in\\"fo ??.pkl: ', warnings[0])
        self.publisher.push(self.model, "two")
        Repository(self.registry, "team/model").inspect("two")
        self.assertIsNone(expect(self.reviewer.manifest("two"), 200).headers["Warning"])

    def test_attached(self):
        """Anybody reads a signature of what a repository holds, under its subject or cosign's tag, and not the model"""
        self.publisher.push(self.model, "one")
        kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
        bundle = Manifest(
            EMPTY, [Blob(b'{"mediaType": "a bundle"}', kind)], subject=self.model.descriptor, artifactType=kind)
        legacy = Manifest(
            Blob(b'{"architecture": ""}', "application/vnd.oci.image.config.v1+json"),
            [Blob(b'{"critical": {}}', "application/vnd.dev.cosign.simplesigning.v1+json")])
        tag = self.model.digest.replace(":", "-") + ".sig"
        smuggled = Manifest(EMPTY, [Blob(safetensors(seed=5), kind)], subject=self.model.descriptor, artifactType=kind)
        for manifest, reference in ((bundle, None), (legacy, tag), (smuggled, None)):
            self.publisher.push(manifest, reference)
        anybody = Repository(self.registry, "team/model")
        listed = expect(anybody.get(f"referrers/{self.model.digest}", token=False), 200).json["manifests"]
        self.assertEqual({each["digest"] for each in listed}, {bundle.digest, smuggled.digest})
        for manifest, reference in ((bundle, bundle.digest), (legacy, tag)):
            answer = expect(anybody.manifest(reference, token=False), 200)
            self.assertEqual(answer.body, manifest.content)
            for blob in manifest.blobs:
                self.assertEqual(expect(anybody.get(f"blobs/{blob.digest}", token=False), 200).body, blob.content)
        for path in ("manifests/one", f"blobs/{self.model.blobs[1].digest}", f"blobs/{smuggled.blobs[1].digest}"):
            self.assertEqual(error(expect(anybody.get(path, token=False), 403)), "DENIED")

    def test_no_right(self):
        """Who may push may not read what others pushed, and who reviews may not push"""
        Repository(self.registry, "team/model").push(self.model, "one")
        self.assertEqual(error(expect(self.publisher.manifest("one"), 403)), "DENIED")
        self.assertIn(self.reviewer.request("POST", "blobs/uploads/", b"").status, (401, 403))
        answer = self.repository("publisher", "other/model").request("POST", "blobs/uploads/", b"")
        self.assertIn(answer.status, (401, 403))

    def test_narrow_token(self):
        """A token that was issued for one repository takes no blob out of another"""
        secret = Blob(gguf(seed=3))
        Repository(self.registry, "other/model").push(Manifest(EMPTY, [secret]), "one")
        password = base64.b64encode(f"anybody:{self.tokens['everywhere']}".encode()).decode()
        issued = self.registry.get(
            "/token?service=any&scope=repository:team/mine:pull,push", headers={"Authorization": f"Basic {password}"})
        mine = Repository(self.registry, "team/mine", {"Authorization": f"Bearer {issued.json['token']}"})
        for source in ("", "&from=other/model"):
            with self.subTest(source):
                answer = mine.request("POST", f"blobs/uploads/?mount={secret.digest}{source}", b"")
                self.assertEqual(answer.status, 401, answer.body)
                self.assertEqual(mine.get(f"blobs/{secret.digest}").status, 404)
