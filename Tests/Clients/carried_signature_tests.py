"""`securectl verify` of artifacts whose signatures lie beside them: in registries of any make, and in layouts."""

import base64
import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from other_registries import OCI_INDEX, OCI_MANIFEST, DockerRegistry, SimulatedRegistry, digest
from repository_client import EMPTY, Blob, Manifest, OpenRepositories, Repository, expect
from running_registry import CHECKOUT, PROGRAMS, Answer

VECTORS = CHECKOUT / "Tests/Vectors/sigstore"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json"
SIMPLE_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json"
WORKFLOW = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
IDENTITY = ["--certificate-identity", WORKFLOW, "--certificate-oidc-issuer", "https://token.actions.githubusercontent.com"]
ROOT = ["--trusted-root", VECTORS / "trusted_root.json"]


def read(name):
    return (VECTORS / name).read_bytes()


SUBJECT = read("artifact")
PAYLOAD = read("carriers/simplesigning-payload.json")


class CarriedTests(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}

    def verify(self, *arguments, status=0):
        """- Returns: the document that is printed."""
        run = subprocess.run(
            [PROGRAMS / "securectl", "verify", *map(str, arguments), "-o", "json"], env=self.environment,
            capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return json.loads(run.stdout)

    def new_key(self):
        """- Returns: the paths of a private key and its public one."""
        private, public = self.home / "key.pem", self.home / "key.pub"
        openssl = lambda *arguments: subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private)
        openssl("ec", "-in", private, "-pubout", "-out", public)
        return private, public

    def sign(self, content, key):
        return base64.b64encode(subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", key], input=content, check=True, capture_output=True).stdout).decode()

    def key_bundle(self, content, key):
        return json.dumps({
            "mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": ""}},
            "messageSignature": {"signature": self.sign(content, key)}}).encode()

    def simple_payload(self, subject):
        return json.dumps({
            "critical": {
                "identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": subject},
                "type": "cosign container image signature"}, "optional": None}).encode()

    def assert_too_many(self, name):
        run = subprocess.run(
            [PROGRAMS / "securectl", "verify", name, *map(str, IDENTITY + ROOT)], env=self.environment,
            capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 12, run.stdout + run.stderr)
        self.assertIn("limit: signaturesMax", run.stderr)
        self.assertIn("--bundle", run.stderr)

    def reasons(self, document):
        return [row.get("reason") for row in document["signatures"]]


class RegistryTests(CarriedTests):
    """Signatures of an instance that was made for tests, in a registry that holds nothing else."""

    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(SimulatedRegistry())
        self.subject = self.registry.put(SUBJECT, OCI_MANIFEST, "v1")
        self.name = f"oci://{self.registry.host}/team/model:v1"
        self.registry.blobs[digest(PAYLOAD)] = PAYLOAD
        self.rows = []

    def add(self, document, artifact_type=BUNDLE, listed=True):
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        name = self.registry.put(content, OCI_MANIFEST, digest(content))
        if listed:
            self.rows.append({
                "mediaType": OCI_MANIFEST, "digest": name, "size": len(content), "artifactType": artifact_type})
        return name

    def list_rows(self, rows=None):
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.rows if rows is None else rows}
        self.registry.extra[f"/v2/team/model/referrers/{self.subject}"] = (200, {}, json.dumps(index).encode())

    def referrer(self, content, media_type=BUNDLE, **fields):
        self.registry.blobs[digest(content)] = content
        layer = {"mediaType": media_type, "digest": digest(content), "size": len(content)}
        return {
            "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": media_type, "config": EMPTY.descriptor,
            "layers": [layer], "subject": {"mediaType": OCI_MANIFEST, "digest": self.subject, "size": len(SUBJECT)}
        } | fields

    def good(self):
        blob = read("carriers/bundle-referrer-blob.json")
        self.registry.blobs[digest(blob)] = blob
        return read("carriers/bundle-referrer-manifest.json")

    def test_bundle(self):
        """A bundle that refers to the manifest is found by the registry's list, and by the tag that clients keep"""
        self.add(self.good())
        self.list_rows()
        found = self.verify(self.name, *IDENTITY, *ROOT)
        self.assertEqual((found["status"], found["manifests"]), ("verified", [self.subject]))
        self.assertEqual(found["signatures"][0]["predicate_type"], "https://sigstore.dev/cosign/sign/v1")
        self.assertEqual(found["signatures"][0]["about"], self.subject)
        self.registry.extra.clear()
        self.verify(self.name, *IDENTITY, *ROOT, status=11)
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.rows}
        self.registry.put(json.dumps(index).encode(), OCI_INDEX, self.subject.replace(":", "-"))
        self.assertEqual(self.verify(self.name, *IDENTITY, *ROOT)["signers"], 1)
        # In both lists it is one signature.
        self.list_rows()
        self.assertEqual(len(self.verify(self.name, *IDENTITY, *ROOT)["signatures"]), 1)

    def test_pages(self):
        """A signature on the last page of the list counts"""
        self.add(self.good())
        path = f"/v2/team/model/referrers/{self.subject}"
        page = lambda rows: json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows}).encode()
        self.registry.extra[path] = (200, {"Link": f'<{path}?n=1>; rel="next"'}, page([]))
        self.registry.extra[f"{path}?n=1"] = (200, {}, page(self.rows))
        self.verify(self.name, *IDENTITY, *ROOT)

    def test_page_size(self):
        """A registry that refuses to be told how much of the list is wanted is asked for the list"""
        self.add(self.good())
        self.list_rows()
        self.registry.extra[f"/v2/team/model/referrers/{self.subject}?n=129"] = (400, {}, b"{}")
        self.verify(self.name, *IDENTITY, *ROOT)

    def test_simple_signatures(self):
        """Simple signatures count as referrers and under cosign's tag; what their log says is told as a promise"""
        self.add(read("carriers/oci11-simplesigning-referrer.manifest.json"), SIMPLE_ARTIFACT)
        self.list_rows()
        found = self.verify(self.name, *IDENTITY, *ROOT)
        self.assertEqual(self.reasons(found), [None])
        self.registry.extra.clear()
        tag = self.subject.replace(":", "-") + ".sig"
        self.registry.put(read("carriers/legacy-sig-keyless.manifest.json"), OCI_MANIFEST, tag)
        row = self.verify(self.name, *IDENTITY, *ROOT)["signatures"][0]
        self.assertEqual(row["log_entries"][0]["included"], False)
        self.assertIn("whether the log kept its promise", row["not_checked"])
        self.assertIn(tag, row["signature"])
        # By key, and with a type of predicate that such signatures cannot have.
        self.registry.put(read("carriers/legacy-sig-key.manifest.json"), OCI_MANIFEST, tag)
        self.verify(self.name, "--key", VECTORS / "carriers/key.pub", *ROOT)
        missing = self.verify(self.name, "--key", VECTORS / "carriers/key.pub", status=12)
        self.assertEqual(self.reasons(missing), ["trusted_root_missing"])
        self.registry.put(read("carriers/legacy-sig-bad.manifest.json"), OCI_MANIFEST, tag)
        self.assertEqual(self.reasons(self.verify(self.name, *IDENTITY, *ROOT, status=11)), ["log_entry_mismatch"])

    def test_nobody_is_denied(self):
        """Foreign and broken signatures are told, and take nothing away from the one that is good"""
        private, _ = self.new_key()
        self.add(self.referrer(b"{}"))
        self.add(self.referrer(self.key_bundle(SUBJECT, private)))
        self.add(self.referrer(read("n-bad-set.json")))
        elsewhere = {"mediaType": OCI_MANIFEST, "digest": "sha256:" + "1" * 64, "size": 1}
        self.add(self.referrer(b"x") | {"subject": elsewhere})
        self.add(self.referrer(b"y") | {"layers": []})
        gone = self.referrer(b"gone")
        del self.registry.blobs[digest(b"gone")]
        self.add(gone)
        self.add(b"no JSON")
        self.rows.append({"mediaType": OCI_MANIFEST, "digest": "sha256:" + "2" * 64, "size": 1, "artifactType": BUNDLE})
        self.rows += [{"digest": "md5:1", "artifactType": "; ;"}, "nothing", {"artifactType": BUNDLE}]
        other = self.referrer(b"<xml/>", "application/spdx+xml")
        self.add(other, "application/spdx+xml")
        # Types with a parameter are no types by RFC 6838, and those of older bundles.
        old = "application/vnd.dev.sigstore.bundle+json;version=0.1"
        self.add(self.referrer(read("k-msg-rekor1-v0.1.json"), old), old)
        self.list_rows()
        found = self.verify(self.name, *IDENTITY, *ROOT)
        self.assertEqual(
            self.reasons(found),
            ["bundle_malformed", "certificate_expected", "inclusion_promise_invalid", "subject_mismatch", "content_missing",
             "signature_unavailable", "bundle_malformed", "signature_unavailable", None])
        self.assertEqual((found["signers"], found["unreadable"]), (1, 3))

    def test_misplaced(self):
        """What is listed where it does not belong still counts where it does"""
        tag = self.subject.replace(":", "-")
        legacy = read("carriers/legacy-sig-keyless.manifest.json")
        self.registry.put(legacy, OCI_MANIFEST, f"{tag}.sig")
        self.add(legacy, SIMPLE_ARTIFACT)
        self.list_rows()
        self.assertEqual(self.reasons(self.verify(self.name, *IDENTITY, *ROOT)), ["subject_mismatch", None])
        # The signature of a manifest, in the list of another one that is asked first.
        rows = [{"mediaType": OCI_MANIFEST, "digest": self.subject, "size": 1,
                 "platform": {"os": "linux", "architecture": "amd64"}}]
        outer = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows}).encode()
        index = self.registry.put(outer, OCI_INDEX, "all")
        private, public = self.new_key()
        referrer = self.referrer(self.key_bundle(outer, private))
        referrer["subject"]["digest"] = index
        self.rows = []
        self.add(referrer)
        self.list_rows()
        self.registry.extra[f"/v2/team/model/referrers/{index}"] = self.registry.extra[
            f"/v2/team/model/referrers/{self.subject}"]
        found = self.verify(
            f"oci://{self.registry.host}/team/model:all", "--platform", "linux/amd64", "--key", public)
        self.assertEqual(self.reasons(found), ["subject_mismatch", "key_expected", None])
        self.assertEqual(found["signers"], 1)

    def test_bytes(self):
        """The manifest, the signature's manifest and the signature are the bytes that their digests name"""
        self.add(self.good())
        self.list_rows()
        self.registry.altered = True
        self.assertEqual(
            self.reasons(self.verify(self.name, *IDENTITY, *ROOT, status=12)), ["signature_unavailable"])
        self.registry.altered = False
        pinned = f"{self.name.removesuffix(':v1')}@{self.subject}"
        self.verify(pinned, *IDENTITY, *ROOT)
        self.registry.manifests[self.subject] = (SUBJECT + b" ", OCI_MANIFEST)
        run = subprocess.run(
            [PROGRAMS / "securectl", "verify", pinned, *map(str, IDENTITY + ROOT)], env=self.environment,
            capture_output=True)
        self.assertEqual(run.returncode, 11)

    def test_resolved_once(self):
        """A tag is asked for once; everything else is asked by digest"""
        self.add(self.good())
        self.list_rows()
        self.verify(self.name, *IDENTITY, *ROOT)
        self.assertEqual(len(self.registry.asked("/manifests/v1")), 1)
        for request in self.registry.requests:
            self.assertTrue(
                any(text in request["target"] for text in ("/manifests/v1", "sha256", "/v2/")), request["target"])

    def test_limits(self):
        """More signatures than are looked at, and larger ones, are not looked at, and the limit is named"""
        self.add(self.good())
        more = [
            {"mediaType": OCI_MANIFEST, "digest": digest(str(number).encode()), "size": 1, "artifactType": BUNDLE}
            for number in range(1000)]
        self.list_rows(self.rows + more)
        path = f"/v2/team/model/referrers/{self.subject}"
        status, _, page = self.registry.extra[path]
        self.registry.extra[path] = (status, {"Link": f'<{path}?n=1>; rel="next"'}, page)
        self.assert_too_many(self.name)
        # What the list says is enough: neither the rest of it nor anything that it names is asked for.
        asked = [request["target"] for request in self.registry.requests if request["target"] != "/v2/"]
        self.assertEqual(asked, ["/v2/team/model/manifests/v1", f"{path}?n=129"])
        # Whatever else refers to the artifact takes no place of a signature.
        self.list_rows(self.rows + [row | {"artifactType": "application/spdx+json"} for row in more])
        self.verify(self.name, *IDENTITY, *ROOT)
        self.registry.requests.clear()
        self.rows = []
        large = self.referrer(b"large")
        large["layers"][0]["size"] = 128 << 20
        self.add(large)
        self.list_rows()
        self.assertEqual(self.reasons(self.verify(self.name, *IDENTITY, *ROOT, status=11)), ["bundle_too_large"])
        self.assertEqual(self.registry.asked("/blobs/"), [])

    def test_platform(self):
        """Of an index the manifest of a platform counts as signed if it is, or if the index is"""
        rows = [
            {"mediaType": OCI_MANIFEST, "digest": self.subject, "size": len(SUBJECT),
             "platform": {"os": "linux", "architecture": architecture}} for architecture in ("amd64", "arm64")]
        rows[1]["platform"]["variant"] = "v8"
        index = self.registry.put(
            json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": rows}).encode(), OCI_INDEX, "all")
        self.name = f"oci://{self.registry.host}/team/model:all"
        self.add(self.good())
        self.list_rows()
        # The signature is the manifest's, not the index's.
        self.assertEqual(self.verify(self.name, *IDENTITY, *ROOT, status=11)["signatures"], [])
        for platform in ("linux/amd64", "linux/arm64", "linux/arm64/v8"):
            found = self.verify(self.name, *IDENTITY, *ROOT, "--platform", platform)
            self.assertEqual(found["manifests"], [self.subject, index])
        # That of the index is the platform's, too.
        private, public = self.new_key()
        content = self.registry.manifests[index][0]
        referrer = self.referrer(self.key_bundle(content, private))
        referrer["subject"]["digest"] = index
        self.rows = []
        self.add(referrer)
        listed = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.rows}).encode()
        self.registry.extra = {f"/v2/team/model/referrers/{index}": (200, {}, listed)}
        self.verify(self.name, "--key", public)
        found = self.verify(self.name, "--key", public, "--platform", "linux/amd64")
        self.assertEqual(found["signatures"][0]["about"], index)
        for platform, status in (("linux/s390x", 66), ("linux", 64), ("linux/arm64/v7", 66)):
            self.verify(self.name, "--key", public, "--platform", platform, status=status)

    def test_usage(self):
        """What is neither a reference nor a layout has its signatures in files"""
        self.verify(self.home, *IDENTITY, *ROOT, status=64)
        self.verify(VECTORS / "artifact", *IDENTITY, *ROOT, status=64)
        self.verify(f"oci://{self.registry.host}/team/model:v2", *IDENTITY, *ROOT, status=66)
        for more in ([*IDENTITY, *ROOT], ["--vsa", VECTORS / "artifact"]):
            self.verify(f"oci://{self.registry.host}/team/model", *more, status=64)


class LayoutTests(CarriedTests):
    def setUp(self):
        super().setUp()
        self.layout = self.home / "layout"
        self.blobs = self.layout / "blobs/sha256"
        self.blobs.mkdir(parents=True)
        (self.layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self.rows = []
        self.subject = self.put(SUBJECT, "v1")

    def put(self, content, name=None, listed=True):
        (self.blobs / digest(content).partition(":")[2]).write_bytes(content)
        row = {"mediaType": OCI_MANIFEST, "digest": digest(content), "size": len(content)}
        if name:
            row["annotations"] = {"org.opencontainers.image.ref.name": name}
        if listed:
            self.rows.append(row)
        (self.layout / "index.json").write_text(
            json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": self.rows}))
        return digest(content)

    def test_layout(self):
        """Signatures that lie in a layout are found there, by what they refer to and by cosign's name"""
        self.verify(self.layout, *IDENTITY, *ROOT, status=11)
        self.put(read("carriers/bundle-referrer-blob.json"), listed=False)
        self.put(read("carriers/bundle-referrer-manifest.json"))
        found = self.verify(f"{self.layout}:v1", *IDENTITY, *ROOT)
        self.assertEqual((found["manifests"], found["signers"]), ([self.subject], 1))
        self.put(PAYLOAD, listed=False)
        self.put(read("carriers/legacy-sig-keyless.manifest.json"), self.subject.replace(":", "-") + ".sig")
        self.assertEqual(len(self.verify(f"{self.layout}:{self.subject}", *IDENTITY, *ROOT)["signatures"]), 2)
        (self.blobs / digest(PAYLOAD).partition(":")[2]).write_bytes(PAYLOAD + b" ")
        found = self.verify(f"{self.layout}:v1", *IDENTITY, *ROOT)
        self.assertEqual(self.reasons(found), [None, "signature_unavailable"])

    def test_limits(self):
        """With more signatures in a layout than are looked at nothing is decided; the right one counts by its file"""
        good = read("carriers/bundle-referrer-blob.json")
        self.put(good, listed=False)
        carrier = json.loads(read("carriers/bundle-referrer-manifest.json"))
        for number in range(1000):
            self.put(json.dumps(carrier | {"annotations": {"number": str(number)}}).encode())
        self.assert_too_many(f"{self.layout}:v1")
        bundle = self.blobs / digest(good).partition(":")[2]
        self.verify(self.subject, "--bundle", bundle, *IDENTITY, *ROOT)


class PeerTests(CarriedTests):
    """The same signature by key in real registries: as a bundle that refers to it, and as cosign's tag has it."""

    def check(self, repository, name):
        private, public = self.new_key()
        model = Manifest(EMPTY, [Blob(b"weights")])
        repository.push(model, "v1")
        self.verify(f"{name}:v1", "--key", public, status=11)
        payload = Blob(
            self.simple_payload(model.digest), SIMPLE,
            {"dev.cosignproject.cosign/signature": self.sign(self.simple_payload(model.digest), private)})
        repository.push(Manifest(Blob(b'{"os": ""}', "application/vnd.oci.image.config.v1+json"), [payload]),
                        model.digest.replace(":", "-") + ".sig")
        found = self.verify(f"{name}:v1", "--key", public)
        self.assertEqual((found["signers"], len(found["signatures"])), (1, 1))
        bundle = Blob(self.key_bundle(model.content, private), BUNDLE)
        referrer = Manifest(EMPTY, [bundle], artifactType=BUNDLE, subject=model.descriptor)
        answer = repository.push(referrer)
        if not answer.headers["OCI-Subject"]:
            row = referrer.descriptor | {"artifactType": BUNDLE}
            index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [row]}).encode()
            expect(repository.put(model.digest.replace(":", "-"), index, OCI_INDEX), 201)
        found = self.verify(f"{name}@{model.digest}", "--key", public)
        self.assertEqual((found["signers"], len(found["signatures"])), (1, 2))
        # The same key twice is one signer.
        self.verify(f"{name}:v1", "--key", public, "--threshold", 2, status=11)

    def test_ours(self):
        """Signatures in our registry are found by its list of referrers and by cosign's tag"""
        registry = self.enterContext(OpenRepositories())
        token = self.home / "token"
        token.write_text(registry.token)
        self.environment["SERVICE_TOKEN_PATH"] = str(token)
        self.environment["REGISTRY_URL"] = registry.url
        self.check(Repository(registry, "images/model"), f"oci://{registry.host}/images/model")

    @unittest.skipUnless(DockerRegistry.is_installed() or os.environ.get("CI"), "docker-registry is not installed")
    def test_docker_registry(self):
        """Signatures in docker-registry are found by the tag that clients keep and by cosign's tag"""
        peer = self.enterContext(DockerRegistry())
        self.check(Repository(PeerConnection(peer), "team/model"), f"oci://{peer.host}/team/model")


class PeerConnection:
    """Plain HTTP to a registry that asks nobody who they are."""

    def __init__(self, peer):
        self.host = peer.host

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()
