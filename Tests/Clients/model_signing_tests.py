"""Models signed by OpenSSF model signing: what was signed once, with known verdicts, and what its tool signs now."""

import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

from running_registry import CHECKOUT, PROGRAMS

try:
    import model_signing
    from model_signing import hashing, signing
except ImportError:
    model_signing = None

# Case: options beyond the case's own, exit status, reason.
CASES = {
    "key-p256": ([], 0, None),
    "key-p384": ([], 0, None),
    "key-p521": ([], 0, None),
    "key-shards": ([], 0, None),
    "key-singlefile": ([], 0, None),
    "key-ignored": ([], 11, "files_differ"),
    "key-symlink": (["--allow-symlinks"], 0, None),
    "key-blake2b": ([], 12, "statement_unsupported"),
    "key-blake3": ([], 12, "statement_unsupported"),
    "keyless-rekor1": ([], 0, None),
    "keyless-rekor2": ([], 0, None),
    "cert-p256": (["--certificate-identity", "signer@example.com"], 0, None),
    "cert-p384": (["--certificate-identity", "signer@example.com"], 0, None),
    "cert-p521": (["--certificate-identity-regexp", r".*@example\.com"], 0, None),
    "cert-expired-leaf": (["--certificate-identity", "old@example.com"], 11, "certificate_outside_validity"),
    "cert-neg-untrusted": (["--certificate-identity", "signer@example.com"], 11, "certificate_untrusted"),
    "cert-neg-no-intermediate": (["--certificate-identity", "signer@example.com"], 11, "certificate_untrusted"),
    "cert-neg-no-usage": (["--certificate-identity", "nousage"], 11, "certificate_usage"),
    "neg-tampered": ([], 11, "files_differ"),
    "neg-missing-file": ([], 11, "files_differ"),
    "neg-extra-file": ([], 11, "files_differ"),
    "neg-payload-edited": ([], 11, "signature_invalid"),
    "neg-wrong-payload-type": ([], 11, "payload_type_unsupported"),
    "neg-wrong-key": ([], 11, "signature_invalid"),
    "neg-root-digest": ([], 11, "subject_mismatch"),
    "neg-predicate-type": ([], 11, "statement_malformed"),
    "neg-statement-type": ([], 11, "statement_malformed"),
    "neg-two-subjects": ([], 11, "statement_malformed"),
    "neg-traversal-name": ([], 11, "statement_malformed"),
}


class ModelSigningTests(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def verify(self, *arguments):
        """- Returns: the exit status and the document."""
        run = subprocess.run(
            [PROGRAMS / "securectl", "verify", *map(str, arguments), "-o", "json"], capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, timeout=60)
        return run.returncode, json.loads(run.stdout or "{}"), run.stderr

    def unpack(self):
        with tarfile.open(CHECKOUT / "Tests/Vectors/model-signing.tgz") as archive:
            archive.extractall(self.home, filter="tar")
        return self.home / "model-signing"

    def signer(self, case):
        """The options that say who has to have signed a case."""
        if (case / "key.pub").exists():
            return ["--key", case / "key.pub"]
        if (case / "trust.pem").exists():
            return ["--certificate-chain", case / "trust.pem"]
        return ["--trusted-root", case / "trusted_root.json",
                "--certificate-identity", (case / "identity").read_text().strip(),
                "--certificate-oidc-issuer", (case / "issuer").read_text().strip()]

    def test_vectors(self):
        """Every signed model is accepted, or refused for its reason"""
        folder = self.unpack()
        self.assertEqual(
            set(CASES), {path.name for path in folder.iterdir() if path.is_dir() and path.name != "keys"})
        for name, (options, status, reason) in CASES.items():
            with self.subTest(name):
                case = folder / name
                subject = next(case / name for name in ("model", "model.gguf") if (case / name).exists())
                bundle = next(path for path in (case / "model.sig", case / "model/model.sig") if path.exists())
                found, document, told = self.verify(subject, "--bundle", bundle, *self.signer(case), *options)
                self.assertEqual(found, status, told or document)
                self.assertEqual(document["bundles"][0].get("reason"), reason, document)

    def test_links(self):
        """Links count only where both the signature and whoever asks say so, and only beneath the directory"""
        case = self.unpack() / "key-symlink"
        arguments = [case / "model", "--bundle", case / "model.sig", "--key", case / "key.pub"]
        status, document, _ = self.verify(*arguments)
        self.assertEqual((status, document["bundles"][0]["reason"]), (12, "statement_unsupported"))
        link = case / "model/link.json"
        outside = self.home / "outside.json"
        outside.write_bytes(link.read_bytes())
        link.unlink()
        link.symlink_to(outside)
        status, _, told = self.verify(*arguments, "--allow-symlinks")
        self.assertEqual(status, 11)
        self.assertIn("leads out of the directory", told)
        other = case / "model/other.json"
        link.unlink()
        link.symlink_to("config.json")
        other.symlink_to("config.json")
        status, document, _ = self.verify(*arguments, "--allow-symlinks")
        self.assertEqual((status, document["bundles"][0]["reason"]), (11, "files_differ"))

    def test_parts(self):
        """Of a model that is signed in parts, any change of length or content is refused, and what no part can cover told"""
        case = self.unpack() / "key-shards"
        arguments = [case / "model", "--bundle", case / "model.sig", "--key", case / "key.pub"]
        status, document, _ = self.verify(*arguments)
        self.assertEqual(status, 0)
        self.assertIn("whether empty belongs to it, which has no bytes", document["bundles"][0]["not_checked"])
        weights = case / "model/sub/weights.bin"
        content = weights.read_bytes()
        for changed in (content + b"x", content[:-1], content[:1500] + b"?" + content[1501:], b""):
            weights.write_bytes(changed)
            self.assertEqual(self.verify(*arguments)[0], 11)
        weights.write_bytes(content)
        (case / "model/new.py").write_bytes(b"x")
        self.assertEqual(self.verify(*arguments)[0], 11)

    @unittest.skipUnless(model_signing, "model-signing is missing: make python-tools")
    def test_tool(self):
        """What the tool signs now verifies: by key and by certificate, as files and in parts"""
        case = self.unpack() / "cert-p256"
        keys = case.parent / "keys"
        configurations = {
            "files": hashing.Config().use_file_serialization(hashing_algorithm="sha256"),
            "parts": hashing.Config().use_shard_serialization(hashing_algorithm="sha256", shard_size=7),
        }
        for name, configuration in configurations.items():
            signature = self.home / f"{name}.sig"
            signing.Config().use_elliptic_key_signer(private_key=keys / "p256.key").set_hashing_config(
                configuration).sign(case / "model", signature)
            with self.subTest(name, by="key"):
                status, document, told = self.verify(
                    case / "model", "--bundle", signature, "--key", keys / "p256.pub")
                self.assertEqual(status, 0, document or told)
                self.assertEqual(
                    self.verify(case / "model", "--bundle", signature, "--key", keys / "other.pub")[0], 11)
            with self.subTest(name, by="certificate"):
                signing.Config().use_certificate_signer(
                    private_key=keys / "p256.key", signing_certificate=case / "leaf.pem",
                    certificate_chain=[case / "chain.pem"]).set_hashing_config(configuration).sign(
                        case / "model", signature)
                asked = ["--certificate-chain", case / "trust.pem", "--certificate-identity"]
                status, document, told = self.verify(
                    case / "model", "--bundle", signature, *asked, "signer@example.com")
                self.assertEqual(status, 0, document or told)
                self.assertEqual(document["bundles"][0]["identity"], "signer@example.com")
                self.assertEqual(
                    self.verify(case / "model", "--bundle", signature, *asked, "other@example.com")[0], 11)
