"""Verification summaries: made by the registry, checked without it by `securectl` and by programs of others.

securesystemslib reads the envelope; the inclusion of the decision in the log is computed here.
"""

import base64
import hashlib
import json
import shutil
import unittest

from log_tests import leaf_hash, verified_checkpoint
from running_registry import CHECKOUT, RunningRegistry
from tiny_model import safetensors, sha256

try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey
except ImportError:
    Envelope = None

EXAMPLES = CHECKOUT / "Examples"
ENTRY = "pratique:log-entry/v1"
TYPE = "https://slsa.dev/verification_summary/v1"


def included(proof, leaf, vkey):
    """RFC 9162, 2.1.3.2, on a C2SP tlog-proof; (origin, index, size)."""
    header, _, note = proof.partition("\n\n")
    first, index, *path = header.splitlines()
    assert first == "c2sp.org/tlog-proof@v1"
    origin, size, root = verified_checkpoint(note, vkey)
    index = int(index.removeprefix("index "))
    node, last, found = index, size - 1, leaf_hash(leaf)
    for sibling in map(base64.b64decode, path):
        assert last
        if node & 1 or node == last:
            found = hashlib.sha256(b"\1" + sibling + found).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + sibling).digest()
        node, last = node >> 1, last >> 1
    assert last == 0 and found == root
    return origin, index, size


class SummaryTests(unittest.TestCase):
    def registry(self, settings=None):
        registry = self.enterContext(RunningRegistry(settings))
        self.vsa = registry.home / "model.vsa.json"
        self.proof = registry.home / "model.tlog-proof"
        self.log = registry.home / "log-copy"
        self.model = registry.home / "model.safetensors"
        self.model.write_bytes(safetensors())
        return registry

    def trust(self, registry, name="org/tiny"):
        registry.write_source("model.safetensors", safetensors())
        body = {"name": name, "filename": "model.safetensors", "sha256": sha256(safetensors())}
        self.assertEqual(registry.post("/v1/model/acquire", body).status, 201)
        self.assertEqual(registry.post("/v1/model/promote", {"name": name}).status, 201)

    def fetch(self, registry, name="org/tiny"):
        """Summary, proof and log as a consumer takes them along; the key as its operator gives it."""
        done = registry.securectl("vsa", name, "--out", self.vsa, "--proof", self.proof, "--overwrite")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.save(registry)
        self.key = registry.get("/log/key", token=False).body.decode().strip()

    def save(self, registry):
        done = registry.securectl("log", "save", self.log)
        self.assertEqual(done.returncode, 0, done.stderr)

    def verify(self, registry, *arguments, status=0, reason=None, subject=None, key=None):
        """`securectl verify --vsa` where no registry is asked and nothing is remembered."""
        home = registry.home / "consumer"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        environment = registry.environment() | {"HOME": str(home), "REGISTRY_URL": "http://127.0.0.1:1"}
        done = registry.run_securectl(
            environment, "verify", subject or self.model, "--vsa", self.vsa, "--key", key or self.key, *arguments,
            "-o", "json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer.get("reason"), reason, done.stdout)
        return answer

    def test_story(self):
        """An admission has a summary at once, which is checked offline, until the log shows that it was withdrawn"""
        registry = self.registry()
        self.trust(registry)
        self.fetch(registry)
        answer = self.verify(registry, "--log", self.log)
        self.assertEqual((answer["status"], answer["is"]), ("verified", "the file model.safetensors"))
        self.assertEqual(
            answer["summary"]["predicate"]["verifiedLevels"],
            ["SLSA_BUILD_LEVEL_UNEVALUATED", "PRATIQUE_INSPECTED_CLEAN"])
        manifest = registry.get("/v1/model/org/tiny").json["digest"]
        self.assertEqual(self.verify(registry, "--log", self.log, subject=manifest)["is"], "the manifest")
        # A proof shows that it was decided, and nothing about what came after.
        answer = self.verify(registry, "--log-proof", self.proof)
        self.assertIn("whether it was withdrawn since", answer["not_checked"])
        self.verify(registry, status=12, reason="log_missing")
        trusted = registry.signed_size()
        self.assertEqual(registry.post("/v1/model/revoke?name=org/tiny").status, 200)
        self.assertEqual(registry.get("/v1/model/org/tiny/vsa").code, "not_trusted")
        self.verify(registry, "--log", self.log)
        registry.wait_for_checkpoint(past=trusted)
        # Who has seen a newer log does not take an older copy of it; the key is the one that was remembered.
        self.assertEqual(registry.securectl("log", "verify").returncode, 0)
        older = registry.securectl("verify", self.model, "--vsa", self.vsa, "--log", self.log)
        self.assertEqual(older.returncode, 12, older.stderr)
        self.assertIn("an older copy", older.stderr)
        self.save(registry)
        self.verify(registry, "--log", self.log, status=11, reason="withdrawn_since")
        # Trusted again, it has another summary; the older one stays withdrawn.
        self.assertEqual(registry.post("/v1/model/promote", {"name": "org/tiny"}).status, 201)
        self.save(registry)
        self.verify(registry, "--log", self.log, status=11, reason="withdrawn_since")
        self.fetch(registry)
        self.verify(registry, "--log", self.log)

    @unittest.skipIf(Envelope is None, "securesystemslib is missing: make python-tools")
    def test_other_programs(self):
        """Other programs verify envelope, statement and inclusion, and find the same digests"""
        registry = self.registry(
            {"verifier_id": "https://models.example/gate", "external_url": "https://models.example"})
        self.trust(registry)
        self.fetch(registry)
        name, identifier, encoded = self.key.split("+", 2)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)[1:])
        key = SSlibKey.from_crypto(public, keyid=f"{name}+{identifier}")
        envelope = Envelope.from_dict(json.loads(self.vsa.read_text()))
        self.assertEqual(list(envelope.verify([key], 1)), [key.keyid])
        envelope.payload += b" "
        with self.assertRaises(VerificationError):
            envelope.verify([key], 1)
        # The same by DSSE's own words.
        document = json.loads(self.vsa.read_text())
        payload, kind = base64.b64decode(document["payload"]), document["payloadType"]
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
        public.verify(base64.b64decode(document["signatures"][0]["sig"]), signed)

        statement = json.loads(payload)
        record = registry.get("/v1/model/org/tiny").json
        self.assertEqual((statement["_type"], statement["predicateType"]), ("https://in-toto.io/Statement/v1", TYPE))
        self.assertEqual(
            [(subject["name"], "sha256:" + subject["digest"]["sha256"]) for subject in statement["subject"]],
            [("org/tiny", record["digest"]), ("model.safetensors", "sha256:" + sha256(safetensors()))])
        predicate = statement["predicate"]
        self.assertEqual(predicate["verifier"], {"id": "https://models.example/gate"})
        self.assertEqual(predicate["resourceUri"], "https://models.example/v1/model/org/tiny")
        self.assertEqual("sha256:" + predicate["policy"]["digest"]["sha256"], registry.get("/v1/policy").json["digest"])
        self.assertEqual((predicate["verificationResult"], predicate["slsaVersion"]), ("PASSED", "1.1"))
        entry = predicate[ENTRY]
        leaf = base64.b64decode(entry["leaf"])
        event = json.loads(leaf)
        self.assertEqual((event["event"], event["version"]), ("promoted", record["digest"]))
        self.assertEqual((event["time"], event["name"]), (predicate["timeVerified"], "org/tiny"))
        self.assertEqual(base64.b64decode(entry["leafHash"]), leaf_hash(leaf))
        origin, index, size = included(self.proof.read_text(), leaf, self.key)
        self.assertEqual((origin, index), (entry["origin"], entry["index"]))
        self.assertLess(index, size)
        # What was asked for and is as asked.
        self.verify(
            registry, "--log", self.log, "--verifier-id", "https://models.example/gate", "--resource-uri",
            predicate["resourceUri"], "--policy-digest", "sha256:" + predicate["policy"]["digest"]["sha256"],
            "--verified-level", "PRATIQUE_INSPECTED_CLEAN", "--max-age", "1h")

    def test_registry(self):
        """Whoever may pull a trusted manifest finds its summary by the answer's Link, and nobody finds one of another"""
        registry = self.registry()
        target = f"{registry.host}/team/tiny:v1"
        self.assertEqual(registry.securectl("push", self.model, target).returncode, 0)

        def manifest(reference="v1"):
            return registry.get(f"/v2/team/tiny/manifests/{reference}")

        def verify(*arguments, status=0, name=f"oci://{target}"):
            done = registry.securectl("verify", name, *arguments, "-o", "json")
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            return done

        [digest] = [row["digest"] for row in registry.get("/v1/repositories/team/tiny/tags").json]
        address = f"/v2/team/tiny/_pratique/vsa/{digest}"
        self.assertEqual(registry.get(address).status, 403)
        self.assertNotIn("Link", manifest().headers)
        before = registry.signed_size()
        self.assertEqual(registry.post("/v1/model/promote", {"name": "team/tiny:v1"}).status, 201)
        registry.wait_for_checkpoint(past=before)
        self.assertEqual(
            manifest().headers["Link"],
            f'<{address}>; rel="{TYPE}"; type="application/vnd.dsse.envelope.v1+json"')
        answer = registry.get(address)
        self.assertEqual(answer.headers["Content-Type"], "application/vnd.dsse.envelope.v1+json")
        self.assertEqual(answer.body, registry.get(f"/v1/model/team%2Ftiny@{digest}/vsa").body)
        # Another repository has no such manifest, and a digest of nothing no summary.
        self.assertEqual(registry.get(address.replace("team", "other")).status, 404)
        self.assertEqual(registry.get(address[:-1] + ("1" if address[-1] == "0" else "0")).status, 404)
        self.assertEqual(registry.get(address + "0").status, 400)
        self.assertEqual(registry.request("PUT", address, b"{}").status, 405)

        self.save(registry)
        key = registry.get("/log/key", token=False).body.decode().strip()
        asked = ["--log", self.log, "--key", key]
        self.assertEqual(json.loads(verify(*asked).stdout)["is"], "the manifest")
        verify("--key", key, "--verified-level", "PRATIQUE_INSPECTED_CLEAN", status=12)
        verify(*asked, "--verified-level", "PRATIQUE_SIGNATURES_VERIFIED", status=11)
        self.assertIn("--vsa FILE", verify(*asked, status=64, name=self.model).stderr)
        before = registry.signed_size()
        self.assertEqual(registry.post("/v1/model/revoke?name=team/tiny:v1").status, 200)
        registry.wait_for_checkpoint(past=before)
        self.assertEqual(registry.get(address).status, 403)
        verify(*asked, status=77)

    def test_kill(self):
        """A registry that was killed after an admission signs the same summary as before"""
        registry = self.registry()
        self.trust(registry)
        before = registry.get("/v1/model/org/tiny/vsa").body
        self.trust(registry, "org/late")
        registry.kill_and_start()
        self.assertEqual(registry.get("/v1/model/org/tiny/vsa").body, before)
        self.fetch(registry, "org/late")
        self.verify(registry, "--log", self.log)

    def test_signatures(self):
        """A summary lists the attestations that counted, and says no level that nobody established"""
        registry = self.registry({
            "policy_path": EXAMPLES / "policies/signed.yaml",
            "trusted_root_path": EXAMPLES / "signatures/trusted_root.json"})
        manifest = (EXAMPLES / "signatures/manifest.json").read_bytes()
        bundle = (EXAMPLES / "signatures/manifest.sigstore.json").read_bytes()
        registry.write_source("manifest.json", manifest)
        body = {"name": "acme/manifest", "filename": "manifest.json", "sha256": sha256(manifest)}
        self.assertEqual(registry.post("/v1/model/acquire", body).status, 201)
        registry.request(
            "POST", "/v1/model/acme/manifest/attestations", bundle,
            {"Content-Type": "application/vnd.dev.sigstore.bundle.v0.3+json"})
        self.assertEqual(registry.post("/v1/model/promote", {"name": "acme/manifest"}).status, 201)
        self.fetch(registry, "acme/manifest")
        self.model.write_bytes(manifest)
        answer = self.verify(registry, "--log", self.log, "--verified-level", "PRATIQUE_SIGNATURES_VERIFIED")
        [counted] = answer["summary"]["predicate"]["inputAttestations"]
        self.assertEqual(counted["digest"], {"sha256": sha256(bundle)})
        self.assertTrue(counted["uri"].endswith("/v1/model/acme/manifest/evidence/sha256:" + sha256(bundle)))
        self.verify(
            registry, "--log", self.log, "--verified-level", "SLSA_BUILD_LEVEL_1", status=11, reason="level_missing")

    def test_refusals(self):
        """What is not as asked is refused for its own reason"""
        registry = self.registry()
        self.trust(registry)
        self.fetch(registry)
        stranger = self.registry()
        self.trust(stranger)
        own = (self.vsa, self.proof, self.log, self.model)
        self.vsa, self.proof, self.log, self.model = (registry.home / path.name for path in own)
        other = registry.home / "other"
        other.write_bytes(b"other")
        strange_key = stranger.get("/log/key", token=False).body.decode().strip()
        log = ("--log", self.log)
        self.verify(registry, *log, subject=other, status=11, reason="subject_mismatch")
        self.verify(registry, *log, key=strange_key, status=11, reason="signature_invalid")
        self.verify(registry, *log, "--verifier-id", "https://x.example", status=11, reason="verifier_mismatch")
        self.verify(registry, *log, "--resource-uri", "https://x.example", status=11, reason="resource_mismatch")
        self.verify(registry, *log, "--policy-digest", "sha256:" + 64 * "0", status=11, reason="policy_mismatch")
        # A log that ends before the decision says nothing about it.
        self.trust(registry, "org/late")
        done = registry.securectl("vsa", "org/late", "--out", self.vsa, "--overwrite")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.verify(registry, *log, status=12, reason="log_too_short")
        self.verify(registry, "--log-proof", self.proof, status=11, reason="not_in_log")

    def test_places(self):
        """What is in a registry or in a layout is known by the digest of its manifest"""
        registry = self.registry()
        self.trust(registry)
        self.fetch(registry)
        reference = f"{registry.host}/org/tiny:latest"
        layout = registry.home / "layout"
        done = registry.securectl("layout", "export", reference, layout, "--name", "v1")
        self.assertEqual(done.returncode, 0, done.stderr)
        for subject in ("oci://" + reference, layout, f"{layout}:v1"):
            self.assertEqual(self.verify(registry, "--log", self.log, subject=subject)["is"], "the manifest")
        self.trust(registry, "org/other")
        self.verify(
            registry, "--log", self.log, subject="oci://" + registry.host + "/org/other:latest", status=11,
            reason="subject_mismatch")

    def test_pushed(self):
        """What was pushed is named by its digest, and its summary names config and layers"""
        registry = self.registry()
        directory = registry.home / "model"
        directory.mkdir()
        (directory / "model.safetensors").write_bytes(safetensors())
        reference = f"{registry.host}/team/tiny:v1"
        done = registry.securectl("push", directory, reference)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(registry.get("/v1/model/team/tiny:v1/vsa").code, "not_trusted")
        done = registry.securectl("promote", "team/tiny:v1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.fetch(registry, "team/tiny:v1")
        digest = registry.get("/v1/model?name=team/tiny:v1").json["digest"]
        answer = self.verify(registry, "--log", self.log, subject=digest)
        self.assertEqual((answer["is"], answer["summary"]["name"]), ("the manifest", f"team/tiny@{digest}"))
        self.verify(registry, "--log", self.log)
        self.verify(registry, "--log", self.log, subject="oci://" + reference)
        self.verify(registry, "--log", self.log, subject=directory)

    def test_directory(self):
        """A model directory is compared file by file, and has nothing besides"""
        registry = self.registry()
        directory = registry.home / "model"
        directory.mkdir()
        (directory / "model.safetensors").write_bytes(safetensors())
        (directory / "config.json").write_text("{}")
        done = registry.securectl("push", directory, "--as", "org/dir")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(registry.securectl("promote", "org/dir").returncode, 0)
        self.fetch(registry, "org/dir")
        answer = self.verify(registry, "--log", self.log, subject=directory)
        self.assertEqual(answer["is"], "all 2 files")
        (directory / "extra.json").write_text("{}")
        self.verify(registry, "--log", self.log, subject=directory, status=11, reason="subject_mismatch")
        (directory / "extra.json").unlink()
        (directory / "config.json").write_text("[]")
        self.verify(registry, "--log", self.log, subject=directory, status=11, reason="subject_mismatch")
        (directory / "config.json").unlink()
        self.verify(registry, "--log", self.log, subject=directory, status=11, reason="subject_mismatch")


if __name__ == "__main__":
    unittest.main()
