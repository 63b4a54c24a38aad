"""securectl signs artifacts in OCI image layouts, and finds the signatures there again."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess

from other_registries import OCI_INDEX, OCI_MANIFEST, DockerRegistry, digest
from registry_client_tests import ClientTests
from running_registry import PROGRAMS

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
REF_NAME = "org.opencontainers.image.ref.name"


class LayoutSigningTests(ClientTests):
    def setUp(self):
        super().setUp()
        (self.home / "password").write_text("a password")
        self.signer = self.new_signer("key")
        self.layout = self.home / "layout"
        (self.layout / "blobs/sha256").mkdir(parents=True)
        (self.layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self.rows = []

    def new_signer(self, name):
        self.securectl("key", "generate", self.home / name, "--password-file", self.home / "password")
        return ["--key", self.home / name, "--password-file", self.home / "password"]

    def put(self, document, name=None, listed=True, media_type=OCI_MANIFEST):
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        (self.layout / "blobs" / digest(content).replace(":", "/")).write_bytes(content)
        row = {"mediaType": media_type, "digest": digest(content), "size": len(content)}
        if listed:
            self.rows.append(row | ({"annotations": {REF_NAME: name}} if name else {}))
            (self.layout / "index.json").write_text(json.dumps({
                "schemaVersion": 2, "mediaType": OCI_INDEX, "annotations": {"kept": "yes"}, "manifests": self.rows}))
        return row

    def model(self, content, name=None, listed=True):
        self.put(b"{}", listed=False)
        layer = self.put(content, listed=False) | {"mediaType": "application/octet-stream"}
        return self.put({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST,
            "artifactType": "application/vnd.acme.model", "layers": [layer],
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(b"{}"), "size": 2},
        }, name, listed)

    def index(self):
        return json.loads((self.layout / "index.json").read_text())

    def verify(self, name, *options, status=0):
        return self.document("verify", name, "--key", self.home / "key.pub", *options, status=status)

    def test_sign(self):
        """A signature is listed beside what it is of, is found by the name of the layout, and changes nothing else"""
        model = self.model(b"weights", "v1")
        self.verify(self.layout, status=11)
        [signed] = self.document("sign", self.layout, *self.signer)["signatures"]
        self.assertEqual(signed["artifact"], f"{self.layout}:{model['digest']}")
        self.assertEqual(signed["predicate_type"], SIGNATURE)
        index = self.index()
        self.assertEqual((index["annotations"], index["manifests"][0]), ({"kept": "yes"}, self.rows[0]))
        [row] = index["manifests"][1:]
        self.assertEqual((row["artifactType"], signed["bundle"]), (BUNDLE, f"{self.layout}:{row['digest']}"))
        carrier = json.loads((self.layout / "blobs" / row["digest"].replace(":", "/")).read_text())
        self.assertEqual(carrier["subject"], model)
        for path in (self.layout / "blobs/sha256").iterdir():
            self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
        for name in (self.layout, f"{self.layout}:v1", f"{self.layout}:{model['digest']}"):
            found = self.verify(name)
            self.assertEqual((found["manifests"], found["signers"]), ([model["digest"]], 1))
        # Whoever has the file of the bundle needs no layout.
        bundle = self.layout / "blobs" / carrier["layers"][0]["digest"].replace(":", "/")
        self.verify(model["digest"], "--bundle", bundle)
        # A second signer is a second signature; the first one still counts.
        self.document("sign", f"{self.layout}:v1", *self.new_signer("other"))
        found = self.verify(self.layout, "--key", self.home / "other.pub", "--threshold", 2)
        self.assertEqual(found["signers"], 2)

    def test_attest(self):
        """A statement lies beside the artifact, and names it by its digest and not by where the layout is"""
        model = self.model(b"weights", "v1")
        (self.home / "predicate.json").write_text('{"result": "pass"}')
        kind = "https://example.com/review/v1"
        self.document("attest", self.layout, "--predicate", self.home / "predicate.json", "--type", kind, *self.signer)
        found = self.verify(self.layout, "--type", kind)
        self.assertEqual(found["signatures"][0]["predicate_type"], kind)
        self.verify(self.layout, "--type", SIGNATURE, status=11)
        self.assertFalse(any(
            str(self.home).encode() in path.read_bytes() for path in (self.layout / "blobs/sha256").iterdir()))

    def test_recursive(self):
        """Of an index everything that it lists is signed, parts first, or nothing at all"""
        parts = [self.model(name, listed=False) for name in (b"one", b"two")]
        whole = self.put({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": parts}, "all", media_type=OCI_INDEX)
        before = self.index()
        signed = self.document("sign", f"{self.layout}:all", "--recursive", *self.signer)["signatures"]
        digests = [part["digest"] for part in (*parts, whole)]
        self.assertEqual([row["artifact"] for row in signed], [f"{self.layout}:{each}" for each in digests])
        self.assertEqual(len(self.index()["manifests"]), 4)
        self.verify(f"{self.layout}:all")
        (self.layout / "index.json").write_text(json.dumps(before))
        missing = {"mediaType": OCI_MANIFEST, "digest": "sha256:" + "1" * 64, "size": 5}
        self.put({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [parts[0], missing]}, "broken",
                 media_type=OCI_INDEX)
        before = self.index()
        self.securectl("sign", f"{self.layout}:broken", "--recursive", *self.signer, status=66)
        self.assertEqual(self.index(), before)

    def test_refusals(self):
        """What is not there is not signed, and with --bundle a layout is a directory as any other"""
        self.securectl("sign", self.layout, *self.signer, status=None)
        self.model(b"weights", "v1")
        self.model(b"more", "v2")
        for name in (self.layout, f"{self.layout}:v3", f"{self.layout}:sha256:{'0' * 64}"):
            self.securectl("sign", name, *self.signer, status=66)
        for options in (["--overwrite"], ["--ignore", "x"]):
            self.securectl("sign", f"{self.layout}:v1", *options, *self.signer, status=64)
        before = self.index()
        bundle = self.home / "layout.sigstore.json"
        self.securectl("sign", self.layout, "--bundle", bundle, *self.signer)
        self.verify(self.layout, "--bundle", bundle)
        self.assertEqual(self.index(), before)

    def test_one_after_another(self):
        """While somebody has the index of a layout alone nothing is added to it, and what was to be added is told"""
        peer = self.enterContext(DockerRegistry()) if DockerRegistry.is_installed() else None
        self.model(b"weights", "v1")
        if peer:
            self.securectl("layout", "import", self.layout, f"{peer.host}/team/model:v1")
        before = self.index()
        with (self.layout / "oci-layout").open() as mark:
            fcntl.flock(mark, fcntl.LOCK_EX)
            self.securectl("sign", self.layout, *self.signer, status=74)
            if peer:
                self.securectl("layout", "export", f"{peer.host}/team/model:v1", self.layout, "--name", "v2", status=74)
        self.assertEqual(self.index(), before)
        self.securectl("sign", self.layout, *self.signer)
        if peer:
            self.securectl("layout", "export", f"{peer.host}/team/model:v1", self.layout, "--name", "v2")
            self.assertEqual(len(self.index()["manifests"]), 3)

    def test_unwritable(self):
        """A layout that may not be written is refused before anything is signed"""
        self.model(b"weights", "v1")
        before = sorted(self.layout.rglob("*"))
        # Whoever is root may write everywhere.
        person = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        program = shutil.copy(PROGRAMS / "securectl", self.home)
        if person:
            os.chmod(self.home, 0o755)
            for path in (self.home / "key", self.home / "password"):
                os.chown(path, 65534, 65534)
        folders = (self.layout, self.layout / "blobs", self.layout / "blobs/sha256")
        for path in folders:
            os.chmod(path, 0o555)
        try:
            run = subprocess.run(
                [program, "sign", self.layout, *self.signer], env=self.environment, capture_output=True, text=True,
                timeout=120, **person)
        finally:
            for path in folders:
                os.chmod(path, 0o755)
        self.assertEqual(run.returncode, 77, run.stdout + run.stderr)
        self.assertIn(str(self.layout), run.stderr)
        self.assertEqual(sorted(self.layout.rglob("*")), before)

    def test_into_a_registry(self):
        """Signatures go along from a layout into a registry, and are found there"""
        if not DockerRegistry.is_installed() and not os.environ.get("CI"):
            self.skipTest("docker-registry is not installed")
        peer = self.enterContext(DockerRegistry())
        self.model(b"weights", "v1")
        self.document("sign", self.layout, *self.signer)
        target = f"{peer.host}/team/model:v1"
        self.securectl("layout", "import", self.layout, target, "--referrers")
        self.assertEqual(self.verify(f"oci://{target}")["signers"], 1)
