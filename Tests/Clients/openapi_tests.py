"""The description of the API against the API, by schemathesis."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from tiny_model import gguf, pickle, safetensors, sha256
from running_registry import CHECKOUT, RunningRegistry

DOCUMENT = CHECKOUT / "schemas/openapi.yaml"
CONFIGURATION = pathlib.Path(__file__).with_name("schemathesis.toml")
# Cases that are made for each operation in each phase.
EXAMPLES = "40"
# The same cases each time; another number looks elsewhere.
SEED = os.environ.get("SCHEMATHESIS_SEED", "1")


def program():
    beside = pathlib.Path(sys.executable).with_name("schemathesis")
    return str(beside) if beside.exists() else shutil.which("schemathesis")


@unittest.skipUnless(program(), "schemathesis is missing: make python-tools")
class OpenAPITests(unittest.TestCase):
    def check(self, registry, *options):
        for name, content in (("tiny.gguf", gguf()), ("tiny.safetensors", safetensors()), ("tiny.pt", pickle())):
            registry.write_source(name, content)
            registry.post(
                "/v1/model/acquire", {"name": name.replace(".", "-"), "filename": name, "sha256": sha256(content)})
        run = subprocess.run(
            [program(), "--config-file", CONFIGURATION, "run", DOCUMENT, "--url", registry.url, "--max-examples",
             EXAMPLES, "--seed", SEED, "--request-timeout", "30", "--warnings", "off", "--no-color", *options],
            cwd=registry.home, capture_output=True, text=True, timeout=1200)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIsNone(registry.process.poll(), "the server ended")

    def test_with_token(self):
        """With the token, every answer is one that the description allows"""
        with RunningRegistry({"token_failures_max": "0"}) as registry:
            self.check(registry, "-H", f"Authorization: Bearer {registry.token}", "--exclude-checks", "ignored_auth")

    def test_without_token(self):
        """Without a token, every answer is one that the description allows, and nothing can be changed"""
        with RunningRegistry({"token_failures_max": "0"}) as registry:
            self.check(registry)
            # Each of the three artifacts was acquired, and nothing else happened to any of them.
            events = [row["event"]["event"] for row in registry.get("/v1/audit").json]
            self.assertEqual([event for event in events if event != "policy-activated"], ["acquired"] * 3)
