"""What tests of signing without a key have in common: services on this machine, a token, and a file to sign."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from running_registry import PROGRAMS

MISSING = [name for name in ("sigstore", "asn1crypto", "jwt", "model_signing") if importlib.util.find_spec(name) is None]
if not MISSING:
    import signing_services
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier, policy

ADA = "ada@example.com"


@unittest.skipIf(MISSING, f"{', '.join(MISSING)} missing: make python-tools")
class KeylessSigning(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.services = self.enterContext(signing_services.SigningServices())
        self.write("trusted_root.json", self.services.trusted_root())
        self.write("signing_config.json", self.signing_config())
        self.artifact = self.scratch / "model.bin"
        self.artifact.write_bytes(bytes(range(256)) * 5000)
        self.bundle = self.scratch / "model.bin.sigstore.json"
        self.token()

    def signing_config(self):
        return self.services.signing_config()

    def write(self, name, value):
        (self.scratch / name).write_text(json.dumps(value))

    def token(self, **options):
        (self.scratch / "token").write_text(self.services.token(**options) + "\n")

    def ctl(self, *arguments, status=0, **variables):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.scratch), "LC_ALL": "C.UTF-8"} | variables
        run = subprocess.run(
            [PROGRAMS / "securectl", *map(str, arguments)], env=environment, cwd=self.scratch, capture_output=True,
            text=True, timeout=120)
        self.assertEqual(run.returncode, status, f"{arguments}\n{run.stdout}{run.stderr}")
        return run

    def sign(self, *arguments, command="sign", **options):
        return self.ctl(
            command, *arguments or ["model.bin"], "--identity-token", "token", "--signing-config",
            "signing_config.json", "--trusted-root", "trusted_root.json", **options)

    def verify(self, *arguments, identity=ADA, **options):
        return self.ctl(
            "verify", *arguments, "--certificate-identity", identity, "--certificate-oidc-issuer",
            signing_services.ISSUER, "--trusted-root", "trusted_root.json", **options)

    def client(self):
        """- Returns: the client of Sigstore, with what has to be true of the signer."""
        verifier = Verifier(trusted_root=TrustedRoot.from_file(str(self.scratch / "trusted_root.json")))
        return verifier, policy.Identity(identity=ADA, issuer=signing_services.ISSUER)

    def sign_file(self, *options):
        """Signs the file, which both clients verify, and no other.

        - Returns: what was said.
        """
        report = self.sign("model.bin", *options).stdout
        verifier, signer = self.client()
        bundle = Bundle.from_json(self.bundle.read_bytes())
        verifier.verify_artifact(self.artifact.read_bytes(), bundle, signer)
        with self.assertRaises(Exception):
            verifier.verify_artifact(self.artifact.read_bytes() + b"x", bundle, signer)
        self.verify("model.bin", "--bundle", self.bundle)
        self.verify("model.bin", "--bundle", self.bundle, identity="eve@example.com", status=11)
        return report

    def sign_statement(self, predicate):
        """Signs a statement, which both clients verify.

        - Returns: the type of its payload.
        """
        (self.scratch / "predicate.json").write_text(json.dumps(predicate, ensure_ascii=False))
        kind = "https://example.com/review/v1"
        self.sign("model.bin", "--predicate", "predicate.json", "--type", kind, command="attest")
        verifier, signer = self.client()
        payload_type, payload = verifier.verify_dsse(Bundle.from_json(self.bundle.read_bytes()), signer)
        self.assertEqual(json.loads(payload)["predicate"], predicate)
        self.verify("model.bin", "--bundle", self.bundle, "--type", kind)
        return payload_type

    def sign_model(self):
        """Signs a model, which model_signing and securectl verify until it is changed."""
        (self.scratch / "model").mkdir()
        (self.scratch / "model/weights.bin").write_bytes(b"weights")
        self.sign("model")
        self.assertEqual(self.model_signing(), 0)
        self.verify("model", "--bundle", "model.sigstore.json")
        (self.scratch / "model/weights.bin").write_bytes(b"others")
        self.assertNotEqual(self.model_signing(), 0)
        self.verify("model", "--bundle", "model.sigstore.json", status=11)

    def refused(self, status, *arguments, **options):
        """Signing fails, says why, and leaves nothing."""
        run = self.sign(*arguments, status=status, **options)
        self.assertFalse(self.bundle.exists())
        return run.stderr

    def model_signing(self):
        """- Returns: the exit status of model_signing, asked about `model` and `model.sigstore.json`."""
        self.write("trust_config.json", {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": self.services.trusted_root(), "signingConfig": self.services.signing_config()})
        command = [
            sys.executable, "-m", "model_signing", "verify", "sigstore", "--signature", "model.sigstore.json",
            "--identity", ADA, "--identity_provider", signing_services.ISSUER, "--trust_config", "trust_config.json",
            "model"]
        return subprocess.run(command, cwd=self.scratch, capture_output=True, timeout=120).returncode
