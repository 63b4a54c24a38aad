"""The examples do what they say."""

import json
import os
import shutil
import subprocess
import unittest

import tiny_model
from running_registry import CHECKOUT, PROGRAMS, RunningRegistry

EXAMPLES = CHECKOUT / "Examples"


class ExampleTests(unittest.TestCase):
    def run_example(self, registry, name, *arguments):
        environment = registry.client_environment()
        environment["PATH"] = f"{PROGRAMS}:{environment['PATH']}"
        return subprocess.run(
            [EXAMPLES / name, *map(str, arguments)], cwd=registry.home, env=environment, capture_output=True, text=True)

    def put(self, registry, name, content):
        path = registry.home / name
        path.write_bytes(content)
        return path

    def test_publish(self):
        """A CI job publishes a model, and fails with the policy's status where it is refused"""
        with RunningRegistry() as registry:
            good = self.put(registry, "model.gguf", tiny_model.gguf())
            run = self.run_example(registry, "publish", good, "ci/model", "https://example.com", "4f9c2d1")
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(registry.get("/v1/model/ci/model").json["source_revision"], "4f9c2d1")
            cut = self.put(registry, "cut.safetensors", tiny_model.safetensors()[:-1])
            run = self.run_example(registry, "publish", cut, "ci/cut")
            self.assertEqual(run.returncode, 10, run.stderr)
            refusal = json.loads((registry.home / "answer.json").read_text())
            self.assertEqual(refusal["code"], "policy_refused")
            self.assertTrue(refusal["detail"]["findings"])

    def test_start_runtime(self):
        """A runtime starts with what is trusted, and not at all after a revocation"""
        with RunningRegistry() as registry:
            content = tiny_model.gguf()
            registry.securectl("push", self.put(registry, "model.gguf", content), "--as", "tiny", "--promote")
            run = self.run_example(registry, "start-runtime", "tiny", "sha256sum", "{}")
            self.assertEqual(run.stdout.split()[0], tiny_model.sha256(content))
            registry.securectl("revoke", "tiny")
            run = self.run_example(registry, "start-runtime", "tiny", "touch", "started")
            self.assertEqual(run.returncode, 13)
            self.assertFalse((registry.home / "started").exists())

    def outcome(self, policy, name, filename, content, **fields):
        with RunningRegistry(settings={"policy_path": EXAMPLES / "policies" / policy}) as registry:
            registry.write_source(filename, content)
            answer = registry.post(
                "/v1/model/acquire",
                {"name": name, "filename": filename, "sha256": tiny_model.sha256(content)} | fields)
            self.assertEqual(answer.status, 201, answer.body)
            return registry.post("/v1/model/promote", {"name": name, "dry_run": True}).json["outcome"]

    def test_policies(self):
        """The example policies admit what they are meant to, and nothing besides"""
        script = b"import sys\nprint(sys.argv)\n"
        for policy, name, filename, content, fields, outcome in (
            ("tensors-only.yaml", "m", "m.gguf", tiny_model.gguf(), {}, "admitted"),
            ("tensors-only.yaml", "m", "config.json", b"{}\n", {}, "refused"),
            ("known-sources.yaml", "m", "m.gguf", tiny_model.gguf(), {"source": "https://models.example.com"}, "refused"),
            ("reviewed-code.yaml", "m", "m.gguf", tiny_model.gguf(), {}, "admitted"),
            ("reviewed-code.yaml", "tools/convert.py", "convert.py", script, {}, "admitted"),
            ("reviewed-code.yaml", "tools/other.py", "other.py", script, {}, "refused"),
            ("reviewed-code.yaml", "tools/convert.py", "convert.py", tiny_model.pickle(), {}, "refused"),
        ):
            with self.subTest(policy=policy, name=name, filename=filename):
                self.assertEqual(self.outcome(policy, name, filename, content, **fields), outcome)

    def test_boot_lock_file(self):
        """An empty registry begins with the example list, and never with what it blocks"""
        with RunningRegistry() as registry:
            registry.stop()
            shutil.rmtree(registry.directory)
            tiny_model.write(registry.directory / "incoming", rows=100_000)
            shutil.copy(EXAMPLES / "models.lock.yaml", registry.home / "models.lock.yaml")
            registry.start()
            states = {row["name"]: row["state"] for row in registry.get("/v1/models").json}
            self.assertEqual(states, {"tiny/gguf": "trusted", "tiny/withdrawn": "revoked"})
            self.assertTrue(os.path.exists(registry.get("/v1/model/path?name=tiny/gguf").json["path"]))
            events = [row["event"] for row in registry.get("/v1/audit").json]
            self.assertIn("boot-lock-read", [event["event"] for event in events])
            registry.stop()
            # It is read once.
            (registry.home / "models.lock.yaml").write_text("version: 1\nmodels: []\n")
            registry.start()
            self.assertEqual(len(registry.get("/v1/models").json), 2)
