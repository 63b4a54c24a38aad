"""The conformance client over the bundles of a whole instance, as the suite of Sigstore calls it."""

import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from running_registry import CHECKOUT, PROGRAMS

VECTORS = CHECKOUT / "Tests/Vectors/sigstore"
CLIENT = CHECKOUT / "Tools/conformance/sigstore-client"


class SignatureTests(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def verify(self, case, subject, root=True):
        """- Returns: the exit status of the client."""
        arguments = ["verify-bundle", "--bundle", VECTORS / f"{case['name']}.json"]
        if "key" in case:
            (self.scratch / "key.pub").write_text(case["key"])
            arguments += ["--key", self.scratch / "key.pub"]
        else:
            arguments += ["--certificate-identity", case["identity"], "--certificate-oidc-issuer", case["issuer"]]
        environment = os.environ | {"SECURECTL": str(PROGRAMS / "securectl")}
        if root:
            arguments += ["--trusted-root", VECTORS / case["root"]]
        else:
            environment["TRUSTED_ROOT"] = str(VECTORS / case["root"])
        return subprocess.run(
            [CLIENT, *map(str, arguments), str(subject)], env=environment, capture_output=True, timeout=60).returncode

    def test_cases(self):
        """Every bundle is accepted or refused, for the file and for its digest"""
        artifact = VECTORS / "artifact"
        digest = "sha256:" + hashlib.sha256(artifact.read_bytes()).hexdigest()
        for case in json.loads((VECTORS / "cases.json").read_text()):
            if "not_before" in case:
                continue
            with self.subTest(case["name"]):
                expected = 0 if case["reason"] is None else 11
                self.assertEqual(self.verify(case, artifact), expected)
                self.assertEqual(self.verify(case, digest), 12 if case["path_only"] else expected)

    def test_default_root(self):
        """Where the suite brings no trusted root, the one of the environment is used"""
        case = json.loads((VECTORS / "cases.json").read_text())[0]
        self.assertEqual(self.verify(case, VECTORS / "artifact", root=False), 0)
        self.assertEqual(self.verify(case | {"root": "cases.json"}, VECTORS / "artifact", root=False), 12)
