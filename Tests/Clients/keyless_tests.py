"""securectl signs by a certificate: services on this machine take part, and the client of Sigstore verifies the result."""

import base64
import json
import unittest

from keyless_signing import ADA, MISSING, KeylessSigning

if not MISSING:
    import signing_services
    from cryptography.hazmat.primitives.asymmetric import ec


@unittest.skipIf(MISSING, f"{', '.join(MISSING)} missing: make python-tools")
class KeylessTests(KeylessSigning):
    def test_files(self):
        """A file that was signed without a key verifies with the client of Sigstore and with securectl"""
        report = json.loads(self.sign_file("--output", "json"))
        self.assertEqual((report["identity"], report["issuer"]), (ADA, signing_services.ISSUER))
        self.assertEqual([part.rsplit("/", 1)[1] for part in self.services.asked], [
            "signingCert", "timestamp", "entries"])

    def test_statements(self):
        """A statement that was signed without a key verifies with the client of Sigstore and with securectl"""
        self.assertEqual(self.sign_statement({"reviewed": True}), "application/vnd.in-toto+json")

    def test_models(self):
        """A model that was signed without a key verifies with model_signing and with securectl"""
        self.sign_model()

    def test_options(self):
        """Addresses come from a list or one by one, and the token from the environment; tokens travel by https only"""
        addresses = [
            "--fulcio-url", self.services.url + "/fulcio", "--rekor-url", self.services.url + "/rekor/", "--tsa-url",
            self.services.url + "/tsa/api/v1/timestamp", "--trusted-root", "trusted_root.json"]
        self.ctl("sign", "model.bin", *addresses, SIGSTORE_ID_TOKEN=self.services.token())
        self.verify("model.bin", "--bundle", self.bundle)
        self.bundle.unlink()
        self.ctl("sign", "model.bin", *addresses, status=77)
        self.ctl("sign", "model.bin", *addresses[2:], status=64)
        self.ctl("sign", "model.bin", *addresses[:-2], status=64)
        self.ctl("sign", "model.bin", "--key", "x", *addresses, status=64)
        self.ctl("sign", "model.bin", "--fulcio-url", "http://fulcio.example.com", *addresses[2:], status=64)
        config = self.services.signing_config()
        config["caUrls"][0]["url"] = "http://fulcio.example.com"
        self.write("signing_config.json", config)
        self.refused(78)
        config["caUrls"] = []
        self.write("signing_config.json", config)
        self.refused(78)
        self.assertFalse(self.bundle.exists())

    def test_tokens(self):
        """A token that has expired, that somebody else signed or that is none is refused; an expired one is not sent"""
        self.token(lifetime=-5)
        self.assertIn("expired", self.refused(77))
        (self.scratch / "token").write_text("no token")
        self.refused(65)
        self.assertEqual(self.services.asked, [])
        self.token(key=ec.generate_private_key(ec.SECP256R1()))
        self.assertIn("does not verify", self.refused(77))

    def test_services_down(self):
        """A service that does not answer, or says that it cannot, leaves no bundle"""
        for part in ("signingCert", "timestamp", "entries"):
            for status, expected in ((503, 69), (429, 69), (500, 70), (400, 65), (403, 77), (307, 76)):
                with self.subTest(part, status=status):
                    def refuse(kind, content, status=status):
                        raise signing_services.Refusal(status, "no", location=self.services.url + "/elsewhere")

                    self.services.answers = {part: refuse}
                    self.refused(expected)
                    self.assertNotIn("/elsewhere", self.services.asked)
        self.services.answers = {}
        self.services.server.server_close()
        self.services.server.shutdown()
        self.refused(69)

    def test_nonsense(self):
        """Answers that are none, too large, or those of another instance or signature leave no bundle"""
        other = signing_services.SigningServices()

        def certified(kind, content):
            chain = json.loads(content)
            leaf = chain["signedCertificateEmbeddedSct"]["chain"]["certificates"]
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = self.services.fulcio.certificate(key.public_key(), ADA)
            leaf[0] = certificate.public_bytes(signing_services.serialization.Encoding.PEM).decode()
            return kind, json.dumps(chain).encode()

        def changed(*names, value):
            def change(kind, content):
                document = json.loads(content)
                inner = document
                for name in names[:-1]:
                    inner = inner[name]
                inner[names[-1]] = value
                return kind, json.dumps(document).encode()
            return change

        def flipped(kind, content):
            return kind, content[:-1] + bytes([content[-1] ^ 1])

        cases = {
            "signingCert": [
                (76, lambda kind, content: (kind, b"{}")), (76, lambda kind, content: (kind, b"\xff" * 100)),
                (76, lambda kind, content: (kind, b" " * (2 << 20))),
                (76, changed("signedCertificateEmbeddedSct", "chain", "certificates", value=["no certificate"])),
                # The log refuses what another key signed, as the real one does.
                (65, certified)],
            "timestamp": [
                (11, lambda kind, content: (kind, b"")), (11, flipped), (76, lambda kind, content: (kind, bytes(1 << 20))),
                (11, lambda kind, content: (kind, b"\x30\x05\x30\x03\x02\x01\x02"))],
            "entries": [
                (76, lambda kind, content: (kind, b"[]")), (11, changed("logIndex", value="0")),
                (11, changed("inclusionProof", "rootHash", value=base64.b64encode(bytes(32)).decode())),
                (11, changed("inclusionProof", "checkpoint", value={"envelope": "nothing\n"})),
                (11, changed("canonicalizedBody", value=base64.b64encode(b"{}").decode())),
                (11, changed("logId", value={"keyId": base64.b64encode(bytes(32)).decode()}))],
        }
        for part, changes in cases.items():
            for number, (expected, change) in enumerate(changes):
                with self.subTest(part, number=number):
                    self.services.answers = {part: change}
                    self.refused(expected)
        self.services.answers = {}
        self.write("trusted_root.json", other.trusted_root())
        self.refused(11)
        self.services.answers = {}
        self.write("trusted_root.json", self.services.trusted_root())
        self.sign()
