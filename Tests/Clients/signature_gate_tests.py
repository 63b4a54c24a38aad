"""Signatures that a policy asks for: refused without, attached, promoted, and what a changed policy does to that."""

import base64
import json
import pathlib
import subprocess
import tempfile
import time
import unittest

from repository_client import EMPTY, Blob, Manifest, Repository
from running_registry import CHECKOUT, RunningRegistry
from tiny_model import safetensors, sha256

EXAMPLES = CHECKOUT / "Examples"
MANIFEST = (EXAMPLES / "signatures/manifest.json").read_bytes()
BUNDLE = (EXAMPLES / "signatures/manifest.sigstore.json").read_bytes()
POLICY = EXAMPLES / "policies/signed.yaml"
IDENTITY = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"


class SignatureGateTests(unittest.TestCase):
    def registry(self, policy=POLICY, root=True):
        settings = {"policy_path": policy}
        if root:
            settings["trusted_root_path"] = EXAMPLES / "signatures/trusted_root.json"
        return self.enterContext(RunningRegistry(settings))

    def acquire(self, registry, name="acme/manifest"):
        registry.write_source("manifest.json", MANIFEST)
        body = {"name": name, "filename": "manifest.json", "sha256": sha256(MANIFEST)}
        self.assertEqual(registry.post("/v1/model/acquire", body).status, 201)

    def attach(self, registry, bundle=BUNDLE, name="acme/manifest"):
        return registry.request(
            "POST", f"/v1/model/{name}/attestations", bundle,
            {"Content-Type": "application/vnd.dev.sigstore.bundle.v0.3+json"})

    def promote(self, registry, **fields):
        return registry.post("/v1/model/promote", {"name": "acme/manifest"} | fields)

    def test_story(self):
        """Refused without a signature, promoted with one; the stored decision names who signed, where and when"""
        registry = self.registry()
        self.acquire(registry)
        refused = self.promote(registry)
        self.assertEqual((refused.status, refused.code), (422, "policy_refused"))
        self.assertEqual(refused.json["detail"]["codes"], ["verification"])
        self.assertEqual([self.attach(registry).status for _ in range(2)], [201, 200])
        self.assertEqual(self.promote(registry).json["state"], "trusted")
        evidence = registry.get("/v1/model/acme/manifest/evidence").json
        decision = [row for row in evidence if row["kind"] == "decision"][-1]
        document = registry.get(f"/v1/model/acme/manifest/evidence/{decision['digest']}").json
        [signature] = document["signatures"]
        self.assertEqual(signature["identity"], IDENTITY)
        self.assertEqual(signature["issuer"], "https://token.actions.githubusercontent.com")
        self.assertEqual(signature["counts_for"], ["verification"])
        self.assertTrue(signature["times"][0]["time"])
        self.assertIsInstance(signature["log_entries"][0]["index"], int)
        listed = registry.get("/v1/model/acme/manifest/attestations").json
        self.assertEqual([row["digest"] for row in listed], ["sha256:" + sha256(BUNDLE)])

    def test_no_root(self):
        """Without a trusted root the decision is undecided, and nothing is promoted"""
        registry = self.registry(root=False)
        self.acquire(registry)
        self.attach(registry)
        answer = self.promote(registry)
        self.assertEqual((answer.status, answer.code), (422, "inspection_undecided"))
        [signature] = self.promote(registry, dry_run=True).json["signatures"]
        self.assertEqual(signature["reason"], "trusted_root_unavailable")

    def test_bodies(self):
        """What is no bundle, or for nothing that is here, is refused by name"""
        registry = self.registry()
        self.acquire(registry)
        for body in [b"{}", b"\xff" * 100, BUNDLE[:-1]]:
            answer = self.attach(registry, body)
            self.assertEqual((answer.status, answer.code), (422, "bundle_invalid"))
        answer = self.attach(registry, name="nobody")
        self.assertEqual((answer.status, answer.code), (404, "artifact_not_found"))
        self.assertEqual(registry.get("/v1/model/acme/manifest/attestations").json, [])

    def test_cutoff(self):
        """A policy with a later cutoff takes what was trusted out of service"""
        registry = self.registry()
        self.acquire(registry)
        self.attach(registry)
        self.assertEqual(self.promote(registry).json["state"], "trusted")
        later = registry.home / "later.yaml"
        text = POLICY.read_text().replace("verification:\n", "verification:\n  not_before: 2099-01-01T00:00:00Z\n")
        later.write_text(text)
        registry.settings["policy_path"] = later
        registry.stop()
        registry.start()
        end = time.monotonic() + 60
        while registry.get("/v1/model/acme/manifest").json["state"] == "trusted":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        record = registry.get("/v1/model/acme/manifest").json
        self.assertEqual(record["state"], "quarantined")
        self.assertIn("verification", record["reason"])

    def test_cosign_tag(self):
        """A signature as cosign 2 leaves it, under a tag beside the image, has it promoted; a foreign one does not"""
        keys = []
        for name in ("ours", "other"):
            registry_home = self.enterContext(tempfile.TemporaryDirectory())
            private, public = (pathlib.Path(registry_home) / f"{name}.{end}" for end in ("pem", "pub"))
            openssl = lambda *arguments: subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private)
            openssl("ec", "-in", private, "-pubout", "-out", public)
            keys.append((private, public.read_text()))
        text = "".join(f"      {line}\n" for line in keys[0][1].splitlines())
        head, _, tail = POLICY.read_text().partition("verification:\n")
        policy = pathlib.Path(registry_home) / "policy.yaml"
        policy.write_text(
            head + "verification:\n  keys:\n    - |\n" + text + tail[tail.index("on_recheck_failure"):])
        registry = self.enterContext(RunningRegistry({"policy_path": policy}))
        repository = Repository(registry, "team/model")
        model = Manifest(EMPTY, [Blob(safetensors(), "application/vnd.cncf.model.weight.v1.raw",
                                      {"org.opencontainers.image.title": "model.safetensors"})])
        repository.push(model, "v1")
        payload = json.dumps({
            "critical": {
                "identity": {"docker-reference": ""}, "image": {"docker-manifest-digest": model.digest},
                "type": "cosign container image signature"}, "optional": None}).encode()
        name = f"team/model@{model.digest}"
        for private, status in ((keys[1][0], 422), (keys[0][0], 201)):
            signature = base64.b64encode(subprocess.run(
                ["openssl", "dgst", "-sha256", "-sign", private], input=payload, check=True,
                capture_output=True).stdout).decode()
            layer = Blob(
                payload, "application/vnd.dev.cosign.simplesigning.v1+json",
                {"dev.cosignproject.cosign/signature": signature})
            repository.push(
                Manifest(Blob(b'{"os": ""}', "application/vnd.oci.image.config.v1+json"), [layer]),
                model.digest.replace(":", "-") + ".sig")
            answer = registry.post("/v1/model/promote", {"name": name})
            self.assertEqual(answer.status, status, answer.json)
        self.assertEqual(answer.json["state"], "trusted")
