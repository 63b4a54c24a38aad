"""securectl signs artifacts where they are: the bundle refers to them, as cosign 3 does it, in registries with and without
a list of referrers."""

import base64
import json
import urllib.request

from credential_tests import CredentialedRegistry, basic
from other_registries import DockerRegistry
from registry_client_tests import ClientTests
from repository_client import EMPTY, Blob, Index, Manifest, Repository, expect
from tiny_model import safetensors

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"


class RegistrySigningTests(ClientTests):
    def setUp(self):
        super().setUp()
        self.ours = self.enterContext(CredentialedRegistry())
        self.publisher = basic(self.ours.secrets["team"])
        self.log_in(self.ours.host, "team", self.ours.secrets["team"])
        (self.home / "password").write_text("a password")
        self.securectl("key", "generate", self.home / "key", "--password-file", self.home / "password")
        self.signer = ["--key", self.home / "key", "--password-file", self.home / "password"]

    def signed(self, command, name, *options):
        return self.document(command, f"oci://{name}", *options, *self.signer)["signatures"]

    def bundle(self, name, headers):
        """- Returns: the bundle that a manifest carries, written to a file; and the manifest."""
        manifest = json.loads(self.securectl("manifest", name))
        host, _, repository = name.partition("@")[0].partition("/")
        self.assertEqual(manifest["artifactType"], BUNDLE)
        self.assertEqual([layer["mediaType"] for layer in manifest["layers"]], [BUNDLE])
        self.assertEqual(manifest["config"]["mediaType"], "application/vnd.oci.empty.v1+json")
        address = f"http://{host}/v2/{repository}/blobs/{manifest['layers'][0]['digest']}"
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            content = answer.read()
        (self.home / "bundle.json").write_bytes(content)
        return manifest, json.loads(content)

    def verify(self, digest, kind, status=0):
        self.securectl(
            "verify", digest, "--bundle", self.home / "bundle.json", "--key", self.home / "key.pub", "--type", kind,
            status=status)

    def check(self, host, headers):
        (self.home / "model.safetensors").write_bytes(safetensors())
        name = f"{host}/team/model:v1"
        pushed = self.document("push", self.home / "model.safetensors", name)["digest"]
        one = self.signed("sign", name)
        self.assertEqual([row["artifact"] for row in one], [f"{host}/team/model@{pushed}"])
        found = self.document("referrers", name)
        self.assertEqual([(row["artifactType"]) for row in found], [BUNDLE])
        self.assertEqual(one[0]["bundle"], f"{host}/team/model@{found[0]['digest']}")
        manifest, bundle = self.bundle(one[0]["bundle"], headers)
        self.assertEqual(manifest["subject"]["digest"], pushed)
        self.assertEqual(manifest["annotations"]["dev.sigstore.bundle.predicateType"], SIGNATURE)
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        self.assertEqual(statement["subject"], [{"digest": {"sha256": pushed.removeprefix("sha256:")}}])
        self.verify(pushed, SIGNATURE)
        self.securectl("verify", f"oci://{name}", "--key", self.home / "key.pub", "--type", SIGNATURE)
        self.verify("sha256:" + "0" * 64, SIGNATURE, status=11)

        (self.home / "predicate.json").write_text('{"result": "pass"}')
        kind = "https://example.com/review/v1"
        two = self.signed(
            "attest", f"{host}/team/model@{pushed}", "--predicate", self.home / "predicate.json", "--type", kind)
        _, bundle = self.bundle(two[0]["bundle"], headers)
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        self.assertEqual(statement["predicate"], {"result": "pass"})
        self.verify(pushed, kind)
        self.assertEqual(len(self.document("referrers", name)), 2)
        self.securectl("verify", f"oci://{name}", "--key", self.home / "key.pub", "--type", kind)
        self.securectl("key", "generate", self.home / "other", "--password-file", self.home / "password")
        self.securectl("verify", f"oci://{name}", "--key", self.home / "other.pub", "--type", kind, status=11)

    def test_own(self):
        """A signature and an attestation are found beside what was pushed to us, before anybody promotes them"""
        self.check(self.ours.host, self.publisher)

    def test_docker_registry(self):
        """A registry without a list of referrers has them beneath the tag that stands for one"""
        if not DockerRegistry.is_installed():
            self.skipTest("docker-registry is not installed")
        peer = self.enterContext(DockerRegistry())
        self.check(peer.host, {})
        tags = self.document("tags", f"{peer.host}/team/model")
        self.assertEqual(len(tags), 2)
        self.assertTrue(any(tag.startswith("sha256-") for tag in tags), tags)

    def test_index(self):
        """An index is signed alone, or with everything that it lists, each once"""
        repository = Repository(self.ours, "team/images", self.publisher)
        parts = [Manifest(EMPTY, [Blob(bytes([number]) * 100)]) for number in range(2)]
        for part in parts:
            repository.push(part)
        inner = Index([parts[1]])
        index = Index([parts[1], inner, parts[0], parts[1]])
        for document, reference in ((inner, inner.digest), (index, "v1")):
            expect(repository.put(reference, document.content, document.media_type), 201)
        name = f"{self.ours.host}/team/images"
        self.assertEqual(
            [row["artifact"] for row in self.signed("sign", f"{name}:v1")], [f"{name}@{index.digest}"])
        signed = self.signed("sign", f"{name}:v1", "--recursive")
        expected = [f"{name}@{each.digest}" for each in (parts[1], inner, parts[0], index)]
        self.assertEqual([row["artifact"] for row in signed], expected)
        for each in (*parts, inner):
            self.assertEqual(len(self.document("referrers", f"{name}@{each.digest}")), 1)

    def test_deep_index(self):
        """Indexes that lie deeper than anybody goes are refused whole, and not signed in part"""
        repository = Repository(self.ours, "team/images", self.publisher)
        deepest = Manifest(EMPTY, [Blob(b"x")])
        repository.push(deepest)
        for _ in range(9):
            deepest = Index([deepest])
            expect(repository.put(deepest.digest, deepest.content, deepest.media_type), 201)
        name = f"oci://{self.ours.host}/team/images@{deepest.digest}"
        self.securectl("sign", name, "--recursive", *self.signer, status=65)
        self.assertEqual(self.document("referrers", name.removeprefix("oci://")), [])
        self.securectl("sign", name, *self.signer)

    def test_refusals(self):
        """What is not there or not named whole is not signed, and options for files are refused"""
        name = f"oci://{self.ours.host}/team/model"
        self.securectl("sign", name, *self.signer, status=64)
        self.securectl("sign", f"{name}:v1", *self.signer, status=66)
        for options in (["--bundle", "x"], ["--overwrite"], ["--ignore", "x"]):
            self.securectl("sign", f"{name}:v1", *options, *self.signer, status=64)
        self.securectl("sign", self.home / "password", "--recursive", *self.signer, status=64)
        self.securectl("sign", "oci://team/model:v1", *self.signer, status=64)
        self.securectl("sign", f"{name}@sha512:{'0' * 128}", *self.signer, status=66)
