"""securectl enters signatures into a log of Rekor v1, which dates them; what such a log answers is verified first."""

import base64
import json
import re
import unittest

from keyless_signing import ADA, MISSING, KeylessSigning

if not MISSING:
    import signing_services
    from cryptography.hazmat.primitives.asymmetric import ec
    from sigstore.models import Bundle

OTHER = base64.b64encode(bytes(32)).decode()


@unittest.skipIf(MISSING, f"{', '.join(MISSING)} missing: make python-tools")
class KeylessLogTests(KeylessSigning):
    def signing_config(self):
        return self.services.signing_config(logs=(1,), authorities=0)

    def asked(self):
        """- Returns: which services were asked for what since this was called last."""
        asked, self.services.asked[:] = list(self.services.asked), []
        return [re.sub("^/([^/]*).*/([^/]*)$", r"\1/\2", path) for path in asked]

    def entry(self):
        return json.loads(self.bundle.read_bytes())["verificationMaterial"]["tlogEntries"][0]

    def test_files(self):
        """A file is signed with no authority but the log to date it, and verifies with the client of Sigstore and securectl"""
        report = self.sign_file()
        self.assertEqual(self.asked(), ["fulcio/signingCert", "rekor-v1/entries"])
        entry = self.entry()
        self.assertEqual(entry["kindVersion"], {"kind": "hashedrekord", "version": "0.0.1"})
        self.assertEqual(int(entry["logIndex"]) - int(entry["inclusionProof"]["logIndex"]), self.services.rekor_v1.BEFORE)
        self.assertIn(f"entry {entry['logIndex']}", report)

    def test_statements(self):
        """A statement is entered as an envelope, and verifies with the client of Sigstore and with securectl"""
        self.sign_statement({"reviewed": 'änd "quoted" / twice'})
        self.assertEqual(self.entry()["kindVersion"], {"kind": "dsse", "version": "0.0.1"})

    def test_models(self):
        """A model whose signature is in a log of Rekor v1 verifies with model_signing and with securectl"""
        self.sign_model()

    def test_timestamps(self):
        """Where the list has an authority that dates signatures, it is asked before a log of Rekor v1, too"""
        self.write("signing_config.json", self.services.signing_config(logs=(1,)))
        self.sign()
        self.assertEqual(self.asked(), ["fulcio/signingCert", "tsa/timestamp", "rekor-v1/entries"])
        verifier, signer = self.client()
        verifier.verify_artifact(self.artifact.read_bytes(), Bundle.from_json(self.bundle.read_bytes()), signer)
        self.verify("model.bin", "--bundle", self.bundle)

    def test_lists(self):
        """The newest version that is in use is taken, of as many operators as the list says, and never a log without a date"""
        def signed(expected, change=lambda config: None, status=0, **options):
            config = self.services.signing_config(**options)
            change(config)
            self.write("signing_config.json", config)
            self.sign(status=status)
            self.assertEqual([path for path in self.asked() if "Cert" not in path], expected)
            if status == 0:
                self.verify("model.bin", "--bundle", self.bundle)
                self.bundle.unlink()

        def ended(config):
            config["rekorTlogUrls"][1]["validFor"]["end"] = "2021-01-01T00:00:00Z"

        def exactly(count, *operators, selector="EXACT"):
            def change(config):
                config["rekorTlogConfig"] = {"selector": selector, "count": count}
                service = config["rekorTlogUrls"][0]
                config["rekorTlogUrls"] = [service | {"operator": name} for name in operators]
            return change

        signed(["tsa/timestamp", "rekor/entries"], logs=(1, 2))
        signed(["tsa/timestamp", "rekor-v1/entries"], ended, logs=(1, 2))
        signed([], status=78, logs=(2,), authorities=0)
        signed([], status=78, logs=(1, 2), authorities=0)
        signed([], exactly(2, "a", "a"), status=78, logs=(1,))
        signed([], exactly(0, "a"), status=78, logs=(1,))
        signed([], exactly(1, "a", selector="SOME"), status=78, logs=(1,))
        signed(["tsa/timestamp", "rekor-v1/entries"], exactly(1, "a", "b"), logs=(1,))
        signed(["tsa/timestamp", "rekor-v1/entries"], exactly(0, "a", "a", selector="ALL"), logs=(1,))

    def test_addresses(self):
        """Of a log that is named by its address, the version is said; only version 1 does without a timestamp authority"""
        addresses = [
            "--fulcio-url", self.services.url + "/fulcio", "--rekor-url", self.services.url + "/rekor-v1",
            "--trusted-root", "trusted_root.json", "--identity-token", "token"]
        authority = ["--tsa-url", self.services.url + "/tsa/api/v1/timestamp"]
        self.ctl("sign", "model.bin", *addresses, "--rekor-version", "1")
        self.verify("model.bin", "--bundle", self.bundle)
        self.ctl("sign", "model.bin", "--overwrite", *addresses, *authority, "--rekor-version", "1")
        self.assertEqual(self.asked(), [
            "fulcio/signingCert", "rekor-v1/entries", "fulcio/signingCert", "tsa/timestamp", "rekor-v1/entries"])
        self.bundle.unlink()
        for more in ([], ["--rekor-version", "2"], ["--rekor-version", "3", *authority], ["--rekor-version", "one"]):
            self.ctl("sign", "model.bin", *addresses, *more, status=64)
        self.ctl(
            "sign", "model.bin", *addresses[4:], "--rekor-version", "1", "--signing-config", "signing_config.json",
            status=64)
        self.assertEqual(self.asked(), [])
        # The wrong version of a right address is a path that there is not.
        self.ctl("sign", "model.bin", *addresses, *authority, "--rekor-version", "2", status=66)
        self.assertFalse(self.bundle.exists())

    def test_equal_entries(self):
        """An entry that the log has already is fetched by its name, from the log and from nowhere else"""
        log = self.services.rekor_v1
        log.is_asked_twice = True
        self.sign()
        [name] = log.entries
        self.assertEqual(self.asked(), ["fulcio/signingCert", "rekor-v1/entries", f"rekor-v1/{name}"])
        self.verify("model.bin", "--bundle", self.bundle)
        self.bundle.unlink()

        def led(location):
            def refuse(kind, content):
                raise signing_services.Refusal(409, "it is there", location=location)
            return refuse

        log.is_asked_twice = False
        for location, status in (
                (None, 76), ("", 76), ("/api/v1/log/entries/", 76), (f"/{name[:-2]}", 76), (f"/{name[:-2]}../", 76),
                ("/" + "0" * 80, 66),
                # What another signature is entered by.
                (f"/api/v1/log/entries/{name}", 11), (f"https://elsewhere.example/{name}?x=/{name}", 11)):
            with self.subTest(location=location):
                self.services.answers = {"POST /rekor-v1": led(location)}
                self.refused(status)
        self.assertNotIn("elsewhere", str(self.services.asked))
        for method in ("POST", "GET"):
            log.is_asked_twice = method == "GET"
            for status, expected in ((307, 76), (503, 69), (500, 70), (404, 66)):
                with self.subTest(method, status=status):
                    def refuse(kind, content, status=status):
                        raise signing_services.Refusal(status, "no", location=self.services.url + "/elsewhere")

                    self.services.answers = {f"{method} /rekor-v1": refuse}
                    self.refused(expected)
                    self.assertNotIn("elsewhere", str(self.services.asked))

    def test_nonsense(self):
        """Another entry, another key, another place or time, a broken proof, or anything too large leaves no bundle"""
        log = self.services.rekor_v1
        self.sign()
        self.bundle.unlink()
        earlier = json.dumps(log.entries).encode()

        def changed(*names, value=None, sign=False, drop=False):
            """The answer with one member changed, the promise signed again if `sign`."""
            def change(kind, content):
                answer = json.loads(content)
                [entry] = answer.values()
                inner = entry
                for name in names[:-1]:
                    inner = inner[name]
                if drop:
                    del inner[names[-1]]
                else:
                    inner[names[-1]] = value(inner[names[-1]]) if callable(value) else value
                if sign:
                    promised = {name: entry[name] for name in ("body", "integratedTime", "logID", "logIndex")}
                    entry["verification"]["signedEntryTimestamp"] = log.promise(promised)
                return kind, json.dumps(answer).encode()
            return change

        def promise_over(name, value):
            """A promise that the log signed for an entry with another member."""
            def change(kind, content):
                answer = json.loads(content)
                [entry] = answer.values()
                promised = {name: entry[name] for name in ("body", "integratedTime", "logID", "logIndex")}
                promised[name] = value(promised[name])
                entry["verification"]["signedEntryTimestamp"] = log.promise(promised)
                return kind, json.dumps(answer).encode()
            return change

        def forged(kind, content):
            log.key, key = ec.generate_private_key(ec.SECP256R1()), log.key
            try:
                return changed("logIndex", value=lambda index: index, sign=True)(kind, content)
            finally:
                log.key = key

        def body(**members):
            def change(text):
                return base64.b64encode(signing_services.compact(
                    json.loads(base64.b64decode(text)) | members)).decode()
            return change

        def twice(kind, content):
            answer = json.loads(content)
            return kind, json.dumps(answer | {"0" * 80: list(answer.values())[0]}).encode()

        promise, proof = ("verification", "signedEntryTimestamp"), ("verification", "inclusionProof")
        other_log = signing_services.RekorV1()
        cases = [
            # No entry, or another than the one that was sent.
            (76, lambda kind, content: (kind, b"{}")), (76, lambda kind, content: (kind, b"[]")),
            (76, lambda kind, content: (kind, content[:-1])), (76, twice),
            (76, lambda kind, content: (kind, content[:-1] + b" " * (2 << 20) + b"}")),
            (11, lambda kind, content: (kind, earlier)),
            (76, changed("body", value=base64.b64encode(b"{}").decode())),
            (76, changed("body", value="{}")),
            (76, changed("body", value=body(kind="dsse"), sign=True)),
            (76, changed("body", value=body(apiVersion="0.0.2"), sign=True)),
            # The promise.
            (76, changed(*promise, drop=True)), (76, changed(*promise, value="!")),
            (11, changed(*promise, value=OTHER)), (11, forged),
            (11, promise_over("body", lambda text: text[:-4] + "AAAA")),
            (11, promise_over("integratedTime", lambda time: time + 1)),
            (11, promise_over("logIndex", lambda index: index + 1)),
            (11, promise_over("logID", lambda name: "00" * 32)),
            (11, changed("integratedTime", value=lambda time: time - 1)),
            (76, changed("integratedTime", value=-1)), (76, changed("integratedTime", value="1")),
            (11, changed("integratedTime", value=lambda time: time + 3600, sign=True)),
            (11, changed("logIndex", value=lambda index: index - 1)), (76, changed("logIndex", value=-1)),
            (11, changed("logID", value=other_log.key_id.hex(), sign=True)), (76, changed("logID", value="?")),
            # The proof.
            (76, changed(*proof, drop=True)), (76, changed(*proof, "checkpoint", drop=True)),
            (11, changed(*proof, "logIndex", value=lambda index: index - 1)),
            (11, changed(*proof, "treeSize", value=lambda size: size + 1)),
            (11, changed(*proof, "rootHash", value="00" * 32)), (76, changed(*proof, "rootHash", value="0")),
            (11, changed(*proof, "hashes", value=lambda hashes: hashes[:-1])),
            (11, changed(*proof, "hashes", value=lambda hashes: ["00" * 32, *hashes[1:]])),
            (76, changed(*proof, "hashes", value=["00" * 32] * 65)),
            # The checkpoint.
            (11, changed(*proof, "checkpoint", value="nothing\n")),
            (11, changed(*proof, "checkpoint", value=lambda _: log.checkpoint(log.leaves[:-1]))),
            (11, changed(*proof, "checkpoint", value=lambda _: other_log.checkpoint(log.leaves))),
        ]
        for number, (status, change) in enumerate(cases):
            with self.subTest(number=number):
                self.services.answers = {"v1/log/entries": change}
                self.refused(status)
        self.services.answers = {}
        log.ahead = 3600
        self.refused(11)
        log.ahead = 0
        self.sign()
        self.verify("model.bin", "--bundle", self.bundle, identity=ADA)

    def test_envelopes(self):
        """An entry of another envelope around the same statement is not the one that was sent"""
        (self.scratch / "predicate.json").write_text("{}")

        def other(kind, content):
            answer = json.loads(content)
            [entry] = answer.values()
            body = json.loads(base64.b64decode(entry["body"]))
            body["spec"]["envelopeHash"]["value"] = "00" * 32
            return self.services.rekor_v1.keep(body)

        self.services.answers = {"v1/log/entries": other}
        self.refused(
            76, "model.bin", "--predicate", "predicate.json", "--type", "https://example.com/review/v1",
            command="attest")
