"""securectl signs: what it makes is verified by openssl and model_signing, and by securectl itself."""

import base64
import hashlib
import importlib.util
import json
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import unittest

from running_registry import PROGRAMS

PASSWORD = "correct horse battery staple"


class SigningTests(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.scratch / "password").write_text(PASSWORD + "\n")
        self.artifact = self.scratch / "model.bin"
        self.artifact.write_bytes(bytes(range(256)) * 5000)

    def ctl(self, *arguments, status=0, **variables):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.scratch), "LC_ALL": "C.UTF-8"} | variables
        run = subprocess.run(
            [PROGRAMS / "securectl", *map(str, arguments)], env=environment, cwd=self.scratch, capture_output=True,
            text=True, timeout=120, start_new_session=True)
        self.assertEqual(run.returncode, status, f"{arguments}\n{run.stdout}{run.stderr}")
        return run

    def key(self, kind="p256"):
        self.ctl("key", "generate", "signer.key", "--type", kind, "--password-file", "password")
        return ["--key", "signer.key", "--password-file", "password"]

    def sign(self, *arguments, **options):
        return self.ctl("sign", *arguments, **options)

    def verify(self, *arguments, **options):
        return self.ctl("verify", *arguments, "--key", "signer.key.pub", **options)

    def openssl(self, *arguments):
        return subprocess.run(
            ["openssl", *map(str, arguments)], cwd=self.scratch, capture_output=True, check=True, timeout=60).stdout

    def test_key_files(self):
        """A key file is encrypted, its owner's alone, and openssl reads it"""
        for kind in ("p256", "ed25519"):
            with self.subTest(kind):
                self.key(kind)
                self.assertEqual((self.scratch / "signer.key").stat().st_mode & 0o777, 0o600)
                public = self.openssl("pkey", "-in", "signer.key", "-passin", "file:password", "-pubout")
                self.assertEqual(public, (self.scratch / "signer.key.pub").read_bytes())
                with self.assertRaises(subprocess.CalledProcessError):
                    self.openssl("pkey", "-in", "signer.key", "-passin", "pass:wrong", "-noout")
                before = (self.scratch / "signer.key").read_bytes()
                self.ctl("key", "generate", "signer.key", "--password-file", "password", status=74)
                self.assertEqual((self.scratch / "signer.key").read_bytes(), before)
                for name in ("signer.key", "signer.key.pub"):
                    (self.scratch / name).unlink()

    def test_foreign_keys(self):
        """Keys that openssl made are signed with, whichever way they are encrypted"""
        curve = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "plain.key"]
        for name, make in {
            "P-256": curve, "Ed25519": ["genpkey", "-algorithm", "ed25519", "-out", "plain.key"],
        }.items():
            self.openssl(*make)
            self.openssl("pkey", "-in", "plain.key", "-pubout", "-out", "signer.key.pub")
            convert = ["pkcs8", "-topk8", "-in", "plain.key", "-out", "signer.key"]
            for form, options in {
                "PBKDF2": ["-passout", f"pass:{PASSWORD}"], "PBKDF2 with SHA-512": [
                    "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512", "-passout", f"pass:{PASSWORD}"],
                "scrypt": ["-scrypt", "-passout", f"pass:{PASSWORD}"], "not encrypted": ["-nocrypt"],
            }.items():
                with self.subTest(key=name, form=form):
                    self.openssl(*convert, *options)
                    (self.scratch / "signer.key").chmod(0o600)
                    self.sign("model.bin", "--key", "signer.key", "--overwrite", SECURECTL_KEY_PASSWORD=PASSWORD)
                    self.verify("model.bin", "--bundle", "model.bin.sigstore.json")

    def test_refused_keys(self):
        """A wrong password, a key that others may read and what is no key are refused, and nothing is written"""
        signer = self.key()
        (self.scratch / "wrong").write_text("correct horse")
        (self.scratch / "empty").write_text("\n")
        self.sign("model.bin", "--key", "signer.key", "--password-file", "wrong", status=77)
        self.sign("model.bin", "--key", "signer.key", "--password-file", "empty", status=78)
        self.sign("model.bin", "--key", "signer.key", status=77)
        self.sign("model.bin", "--key", "model.bin", "--password-file", "password", status=77)
        self.sign("model.bin", "--key", "nothing", "--password-file", "password", status=66)
        (self.scratch / "signer.key").chmod(0o640)
        self.assertIn("chmod 600", self.sign("model.bin", *signer, status=77).stderr)
        text = self.scratch / "text.key"
        text.touch(mode=0o600)
        for content in ("no key", (self.scratch / "signer.key.pub").read_text()):
            text.write_text(content)
            self.sign("model.bin", "--key", "text.key", "--password-file", "password", status=65)
        self.openssl("genpkey", "-algorithm", "RSA", "-out", "text.key")
        self.sign("model.bin", "--key", "text.key", status=65)
        self.assertFalse((self.scratch / "model.bin.sigstore.json").exists())

    def test_costly_key(self):
        """A key file that asks for hours of work is refused at once"""
        self.key()
        der = subprocess.run(
            ["openssl", "asn1parse", "-in", "signer.key", "-noout", "-out", "/dev/stdout"], cwd=self.scratch,
            capture_output=True, check=True).stdout
        # Salt and rounds together keep their length, so that no other length has to change.
        old = der.index(b"\x04\x10")
        self.assertEqual(der[old + 18:old + 23], b"\x02\x03\x09\x27\xc0")
        changed = der[:old] + b"\x04\x0f" + der[old + 2:old + 17] + b"\x02\x04\x7f\xff\xff\xff" + der[old + 23:]
        (self.scratch / "signer.key").write_text(
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + base64.b64encode(changed).decode()
            + "\n-----END ENCRYPTED PRIVATE KEY-----\n")
        run = self.sign("model.bin", "--key", "signer.key", "--password-file", "password", status=65)
        self.assertIn("cost", run.stderr)

    def test_files(self):
        """A signed file verifies with securectl and openssl, and a changed one does not"""
        for kind in ("p256", "ed25519"):
            with self.subTest(kind):
                signer = self.key(kind)
                report = json.loads(self.sign("model.bin", *signer, "--output", "json").stdout)
                self.assertEqual(report["status"], "signed")
                self.verify("model.bin", "--bundle", report["bundle"])
                bundle = json.loads((self.scratch / report["bundle"]).read_text())
                self.assertEqual(bundle["mediaType"], "application/vnd.dev.sigstore.bundle.v0.3+json")
                message = bundle["messageSignature"]
                digest = base64.b64decode(message["messageDigest"]["digest"])
                self.assertEqual(digest, hashlib.sha256(self.artifact.read_bytes()).digest())
                (self.scratch / "signature").write_bytes(base64.b64decode(message["signature"]))
                if kind == "p256":
                    self.openssl("dgst", "-sha256", "-verify", "signer.key.pub", "-signature", "signature", "model.bin")
                else:
                    self.openssl(
                        "pkeyutl", "-verify", "-pubin", "-inkey", "signer.key.pub", "-rawin", "-in", "model.bin",
                        "-sigfile", "signature")
                self.sign("model.bin", *signer, status=74)
                self.sign("model.bin", *signer, "--overwrite")
                (self.scratch / "other.bin").write_bytes(self.artifact.read_bytes() + b"x")
                self.verify("other.bin", "--bundle", report["bundle"], status=11)
                for path in self.scratch.glob("signer.key*"):
                    path.unlink()
                (self.scratch / report["bundle"]).unlink()

    def test_statements(self):
        """A statement has the digest and the predicate that it was made of"""
        signer = self.key()
        (self.scratch / "predicate.json").write_text('{"reviewed": true, "by": "Ω"}')
        kind = "https://example.com/review/v1"
        self.ctl("attest", "model.bin", "--predicate", "predicate.json", "--type", kind, *signer)
        bundle = json.loads((self.scratch / "model.bin.sigstore.json").read_text())
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        self.assertEqual(statement, {
            "_type": "https://in-toto.io/Statement/v1", "predicateType": kind,
            "subject": [{
                "name": "model.bin", "digest": {"sha256": hashlib.sha256(self.artifact.read_bytes()).hexdigest()}}],
            "predicate": {"reviewed": True, "by": "Ω"},
        })
        self.verify("model.bin", "--bundle", "model.bin.sigstore.json", "--type", kind)
        self.verify("model.bin", "--bundle", "model.bin.sigstore.json", "--type", kind + "/x", status=11)
        arguments = ["attest", "model.bin", "--predicate", "predicate.json", "--overwrite", *signer]
        for text in ('{"a": 1, "a": 2}', "[]", "{"):
            (self.scratch / "predicate.json").write_text(text)
            self.ctl(*arguments, "--type", kind, status=65)
        self.ctl(*arguments, "--type", "review", status=64)

    def model(self):
        directory = self.scratch / "model"
        # By bytes sub.x comes before sub/, by the parts of paths after it.
        for name in ("weights.bin", "sub/config.json", "sub.x/config.json", "sub-y/z/ü.txt", ".git/HEAD"):
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(name)
        return directory

    def test_models(self):
        """A signed directory verifies with model_signing and securectl, wherever its signature lies"""
        if importlib.util.find_spec("model_signing") is None:
            self.skipTest("model_signing is missing: make python-tools")
        directory = self.model()
        signer = self.key()

        def verified(bundle):
            run = subprocess.run(
                [sys.executable, "-m", "model_signing", "verify", "key", "--signature", bundle, "--public_key",
                 "signer.key.pub", "model"], cwd=self.scratch, capture_output=True, text=True, timeout=120)
            return run.returncode == 0

        self.sign("model", *signer, "--bundle", "model/model.sig")
        self.sign("model/", *signer, "--ignore", "model.sig")
        self.assertTrue((self.scratch / "model.sigstore.json").exists())
        for bundle in ("model/model.sig", "model.sigstore.json"):
            with self.subTest(bundle):
                self.assertTrue(verified(bundle))
                self.verify("model", "--bundle", bundle)
        (directory / "sub/config.json").write_text("another")
        for bundle in ("model/model.sig", "model.sigstore.json"):
            with self.subTest(bundle, changed=True):
                self.assertFalse(verified(bundle))
                self.verify("model", "--bundle", bundle, status=11)

    def test_refused_models(self):
        """Links, empty directories and keys that model_signing does not know are refused"""
        directory = self.model()
        signer = self.key()
        (directory / "link").symlink_to("weights.bin")
        self.assertIn("link", self.sign("model", *signer, status=65).stderr)
        self.sign("model", *signer, "--ignore", "../model", status=64)
        self.sign("model", *signer, "--ignore", "link")
        self.verify("model", "--bundle", "model.sigstore.json")
        (self.scratch / "nothing").mkdir()
        self.sign("nothing", *signer, status=66)
        (self.scratch / "signer.key").unlink()
        (self.scratch / "signer.key.pub").unlink()
        self.sign("model", *self.key("ed25519"), "--overwrite", status=65)

    def test_prompt(self):
        """At a terminal the password is asked for, twice for a new key, and is not shown"""
        def run(arguments, *answers):
            """- Returns: what the terminal showed, and the exit status."""
            child, terminal = pty.fork()
            if child == 0:
                os.chdir(self.scratch)
                os.environ.pop("SECURECTL_KEY_PASSWORD", None)
                os.execv(PROGRAMS / "securectl", ["securectl", *arguments])
            shown = b""
            answers = list(answers)
            while select.select([terminal], [], [], 60)[0]:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:
                    break
                if not piece:
                    break
                shown += piece
                if answers and shown.endswith(b": "):
                    os.write(terminal, answers.pop(0))
            os.close(terminal)
            return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        shown, status = run(["key", "generate", "signer.key"], b"first\r", b"second\r")
        self.assertEqual(status, 64, shown)
        self.assertFalse((self.scratch / "signer.key").exists())
        shown, status = run(["key", "generate", "signer.key"], b"secrex\x7ft\r", b"secret\r")
        self.assertEqual(status, 0, shown)
        self.assertNotIn("secre", shown)
        shown, status = run(["sign", "model.bin", "--key", "signer.key"], b"\x03")
        self.assertEqual(status, 130, shown)
        shown, status = run(["sign", "model.bin", "--key", "signer.key"], b"secret\r")
        self.assertEqual(status, 0, shown)
        self.verify("model.bin", "--bundle", "model.bin.sigstore.json")
