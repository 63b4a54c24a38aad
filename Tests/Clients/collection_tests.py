"""Bytes that nothing needs, removed while the server serves."""

import json
import time
import unittest

import tiny_model
from repository_client import EMPTY, Blob, Manifest, Repository
from running_registry import RunningRegistry


class CollectionTests(unittest.TestCase):
    def registry(self, **settings):
        return self.enterContext(RunningRegistry(settings))

    def trust(self, registry, name, content):
        path = registry.home / f"{name}.gguf"
        path.write_bytes(content)
        run = registry.securectl("push", path, "--as", name, "--promote")
        self.assertEqual(run.returncode, 0, run.stderr)
        digest = tiny_model.sha256(content)
        return registry.directory / "store/blobs/sha256" / digest[:2] / digest

    def test_on_request(self):
        """What was deleted is removed on request, what is needed is not, and the same bytes can come back"""
        registry = self.registry(collection_interval_seconds="0")
        kept = self.trust(registry, "kept", tiny_model.gguf())
        gone = self.trust(registry, "gone", tiny_model.gguf(seed=3))
        self.assertEqual(registry.get("/v1/collection").json, {"status": "unknown"})
        registry.securectl("delete", "gone")
        self.assertIn("Would remove 1 blob,", registry.securectl("collect", "--dry-run").stdout)
        self.assertTrue(gone.exists())
        self.assertEqual(registry.get("/v1/collection").json, {"status": "unknown"})
        run = registry.securectl("collect")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("Removed 1 blob,", run.stdout)
        self.assertFalse(gone.exists())
        self.assertTrue(kept.exists())
        last = registry.get("/v1/collection").json
        self.assertEqual((last["status"], last["dry_run"], last["blobs"]), ("done", False, 1))
        self.assertEqual(last["bytes"], len(tiny_model.gguf(seed=3)))
        metrics = registry.get("/metrics").body.decode()
        self.assertIn("\npratique_collected_blobs_total 1\n", metrics)
        self.assertIn(f"\npratique_collected_bytes_total {last['bytes']}\n", metrics)
        self.assertIn("\npratique_collection_end_seconds ", metrics)
        self.assertEqual(registry.get("/v1/model/path?name=kept").status, 200)
        self.assertTrue(self.trust(registry, "back", tiny_model.gguf(seed=3)).exists())
        self.assertEqual(registry.get("/v1/model/path?name=back").status, 200)
        self.assertEqual(json.loads(registry.securectl("collect", "--output", "json").stdout)["blobs"], 0)

    def test_access(self):
        """Removing takes the token, and a parameter that is neither true nor false is refused"""
        registry = self.registry()
        self.assertEqual(registry.post("/v1/collection", token=False).status, 401)
        self.assertEqual(registry.post("/v1/collection?dry_run=perhaps").code, "invalid_field")
        self.assertEqual(registry.post("/v1/collection?dry_run=true").json["dry_run"], True)

    def test_by_itself(self):
        """What was deleted goes by itself, in the interval that is configured"""
        registry = self.registry(collection_interval_seconds="1")
        kept = self.trust(registry, "kept", tiny_model.gguf())
        gone = self.trust(registry, "gone", tiny_model.gguf(seed=3))
        registry.securectl("delete", "gone")
        end = time.monotonic() + 60
        while gone.exists():
            self.assertLess(time.monotonic(), end, "nothing was removed")
            registry.get("/livez")
        self.assertTrue(kept.exists())

    def test_retention(self):
        """Manifests that came lately stay, whatever the rules, and rules that cannot be read keep the server from starting"""
        registry = self.registry(repository_retention="team/*=untagged:1h", collection_interval_seconds="0")
        repository = Repository(registry, "team/model")
        model = Manifest(EMPTY, [Blob(tiny_model.gguf())])
        repository.push(model)
        for arguments in (["--dry-run"], []):
            run = registry.securectl("collect", *arguments, "--output", "json")
            self.assertEqual(run.returncode, 0, run.stderr)
            document = json.loads(run.stdout)
            self.assertEqual((document["manifests"], document["manifest_bytes"], document["blobs"]), (0, 0, 0))
        self.assertEqual(repository.request("HEAD", f"manifests/{model.digest}").status, 200)
        for rule in ("team/*", "team/*=untagged:7w", "team/*=untagged:0h"):
            with self.subTest(rule), self.assertRaisesRegex(RuntimeError, "ended with 78: .*repository_retention"):
                RunningRegistry({"repository_retention": rule}).__enter__()
