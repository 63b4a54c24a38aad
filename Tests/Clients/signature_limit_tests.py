"""What a hostile bundle costs: it is refused by a named limit before memory is spent on it."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from running_registry import CHECKOUT, PROGRAMS

VECTORS = CHECKOUT / "Tests/Vectors/sigstore"
# Runs a program and tells the most memory that it had, in KiB. A process of its own, since what is told counts the memory
# of whoever started the program, too.
MEASURE = """
import json, os, resource, sys
status = os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:])
print(json.dumps([status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]), file=sys.stderr)
"""
# Beyond what a bundle of ordinary size takes.
MORE_KIB_MAX = 32 << 10


class SignatureLimitTests(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        case = next(
            case for case in json.loads((VECTORS / "cases.json").read_text()) if case["name"] == "k-dsse-rekor1")
        self.arguments = [
            "--certificate-identity", case["identity"], "--certificate-oidc-issuer", case["issuer"],
            "--trusted-root", VECTORS / case["root"]]
        self.bundle = json.loads((VECTORS / "k-dsse-rekor1.json").read_text())

    def verify(self, bundle):
        """- Returns: exit status, the reason and KiB of memory."""
        run = subprocess.run(
            [sys.executable, "-I", "-S", "-c", MEASURE, PROGRAMS / "securectl", "verify", VECTORS / "artifact", "--bundle",
             bundle, *self.arguments, "-o", "json"],
            capture_output=True, text=True, env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, timeout=60)
        status, memory = json.loads(run.stderr.splitlines()[-1])
        return status, json.loads(run.stdout)["bundles"][0].get("reason"), memory

    def write(self, name, content):
        path = self.home / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    def test_limits(self):
        """Large bundles, thousands of signatures, certificates, entries and timestamps are refused by name and cost little"""
        status, reason, ordinary = self.verify(self.write("good.json", self.bundle))
        self.assertEqual((status, reason), (0, None))
        material = self.bundle["verificationMaterial"]
        leaf = {"rawBytes": material["certificate"]["rawBytes"]}
        others = {key: value for key, value in material.items() if key != "certificate"}
        envelope = self.bundle["dsseEnvelope"]
        stamp = {"signedTimestamp": base64.b64encode(b"0" * 4096).decode()}
        hostile = {
            "size": (b" " * (128 << 20), "bundle_too_large"),
            "signatures": (self.bundle | {"dsseEnvelope": envelope | {"signatures": envelope["signatures"] * 1000}},
                           "signature_count"),
            "chain": (self.bundle | {"verificationMaterial": others | {
                "x509CertificateChain": {"certificates": [leaf] * 1000}}}, "limit_exceeded"),
            "entries": (self.bundle | {"verificationMaterial": material | {
                "tlogEntries": material["tlogEntries"] * 1000}}, "limit_exceeded"),
            "timestamps": (self.bundle | {"verificationMaterial": material | {
                "timestampVerificationData": {"rfc3161Timestamps": [stamp] * 1000}}}, "limit_exceeded"),
            "depth": (b"[" * (8 << 20), "limit_exceeded"),
        }
        for name, (content, expected) in hostile.items():
            with self.subTest(name):
                status, reason, memory = self.verify(self.write(f"{name}.json", content))
                self.assertEqual((status, reason), (11, expected))
                self.assertLess(memory - ordinary, MORE_KIB_MAX, f"{memory} KiB, {ordinary} for an ordinary one")
