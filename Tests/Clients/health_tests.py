"""A registry that is not well says so, and why, and says when it is well again."""

import os
import pathlib
import shutil
import signal
import time
import unittest
import unittest.mock

import running_registry
from running_registry import PROGRAMS, RunningRegistry
from tiny_model import gguf, sha256


class HealthTests(unittest.TestCase):
    def await_health(self, registry, status):
        end = time.monotonic() + 60
        while (answer := registry.get("/health", token=False)).status != status:
            self.assertLess(time.monotonic(), end, answer.body)
        return answer.json

    def test_checkpoint(self):
        """A log whose head cannot be signed degrades the registry until it can"""
        with RunningRegistry() as registry:
            checkpoint = registry.directory / "store/log/checkpoint"
            kept = checkpoint.read_bytes()
            checkpoint.write_bytes(b"somebody else's\n")
            registry.write_source("a.gguf", gguf())
            body = {"name": "a", "filename": "a.gguf", "sha256": sha256(gguf())}
            self.assertEqual(registry.post("/v1/model/acquire", body).status, 201)
            health = self.await_health(registry, 503)
            self.assertEqual(health["status"], "degraded")
            self.assertEqual(health["reasons"], ["The head of the log cannot be signed."])
            self.assertEqual(registry.get("/readyz").status, 503)
            self.assertEqual(registry.get("/livez").status, 200)
            run = registry.securectl("status")
            self.assertEqual(run.returncode, 69)
            self.assertIn("The head of the log cannot be signed.", run.stdout)
            self.assertEqual(registry.post("/v1/model/revoke?name=a").status, 200)
            checkpoint.write_bytes(kept)
            health = self.await_health(registry, 200)
            self.assertNotIn("reasons", health)
            self.assertNotEqual(checkpoint.read_bytes(), kept)
            self.assertEqual(registry.log_text().count("the checkpoint could not be renewed"), 1)
            self.assertEqual(registry.securectl("log", "verify", "--full").returncode, 0)

    def test_inspector(self):
        """An inspector that cannot be started degrades the registry until it can"""
        folder = pathlib.Path(self.enterContext(running_registry.tempfile.TemporaryDirectory()))
        program = folder / "pratique"
        shutil.copy(PROGRAMS / "pratique", program)
        with unittest.mock.patch.object(running_registry, "PROGRAMS", folder), RunningRegistry() as registry:
            self.assertEqual(registry.get("/health").status, 200)
            program.chmod(0o600)
            for child in self.children(registry.process.pid):
                os.kill(child, signal.SIGKILL)
            health = self.await_health(registry, 503)
            self.assertEqual(
                health["reasons"], ["The inspector cannot be started: nothing new can be trusted."])
            program.chmod(0o700)
            self.await_health(registry, 200)
            registry.write_source("a.gguf", gguf())
            body = {"name": "a", "filename": "a.gguf", "sha256": sha256(gguf())}
            self.assertEqual(registry.post("/v1/model/promote", body).status, 201)

    def children(self, process):
        listed = pathlib.Path(f"/proc/{process}/task").glob("*/children")
        return [int(number) for path in listed for number in path.read_text().split()]
