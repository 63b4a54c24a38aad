"""What runtimes read at the trusted path, by the libraries that they read it with."""

import hashlib
import json
import pathlib
import stat
import subprocess
import unittest

import tiny_model
from running_registry import RunningRegistry

try:
    import gguf
    from safetensors import safe_open
except ImportError:
    gguf = None


@unittest.skipUnless(gguf, "PyPI's gguf and safetensors are missing: make python-tools")
class ReaderTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())

    def trusted(self, name, filename, digest=None):
        registry = self.registry
        body = {"name": name, "filename": filename, "sha256": digest}
        self.assertEqual(registry.post("/v1/model/acquire", body).status, 201)
        promoted = registry.post("/v1/model/promote", {"name": name})
        self.assertEqual(promoted.status, 201, promoted.body)
        return pathlib.Path(registry.get(f"/v1/model/path?name={name}").json["path"])

    def test_safetensors(self):
        """A safetensors file loads from the path, which ends in its own name and cannot be written"""
        content = tiny_model.safetensors()
        self.registry.write_source("in/model.safetensors", content)
        path = self.trusted("tiny", "in/model.safetensors", tiny_model.sha256(content))
        self.assertEqual(path.name, "model.safetensors")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o444)
        with safe_open(path, framework="np") as checkpoint:
            self.assertEqual(checkpoint.get_tensor("weights").shape, (4, 2))

    def test_gguf(self):
        """A GGUF file loads from the path, and its tensors hash to what the registry's manifest says"""
        content = tiny_model.gguf()
        self.registry.write_source("model.gguf", content)
        path = self.trusted("org/tiny", "model.gguf", tiny_model.sha256(content))
        reader = gguf.GGUFReader(path)
        digests = {tensor.name: hashlib.sha256(tensor.data.tobytes()).hexdigest() for tensor in reader.tensors}
        manifest = self.registry.get("/v1/model/org/tiny/tensor-manifest").json
        self.assertEqual(manifest["file_hash"], tiny_model.sha256(content))
        found = {tensor["name"]: tensor["hash"] for tensor in manifest["tensors"]}
        self.assertEqual(found, digests)

    def test_directory(self):
        """A directory is one artifact, known by the digest that coreutils give its listing"""
        tiny_model.write(self.registry.directory / "checkpoint", rows=8)
        (self.registry.directory / "checkpoint/1_Pooling").mkdir()
        (self.registry.directory / "checkpoint/1_Pooling/config.json").write_text('{"dimension": 2}\n')
        command = r"find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
        listing = subprocess.run(
            command, shell=True, cwd=self.registry.directory / "checkpoint", check=True, capture_output=True, text=True)
        digest = listing.stdout.split()[0]
        path = self.trusted("checkpoint", "checkpoint", digest)
        self.assertEqual(json.loads((path / "1_Pooling/config.json").read_text()), {"dimension": 2})
        with safe_open(path / "model.safetensors", framework="np") as checkpoint:
            self.assertEqual(checkpoint.get_tensor("bias").shape, (2,))

    def test_revocation(self):
        """When the answer to a revocation is here, the path is gone"""
        content = tiny_model.gguf()
        self.registry.write_source("model.gguf", content)
        path = self.trusted("tiny", "model.gguf", tiny_model.sha256(content))
        self.assertTrue(path.exists())
        self.assertEqual(self.registry.post("/v1/model/revoke?name=tiny").status, 200)
        self.assertFalse(path.exists())
        answer = self.registry.get("/v1/model/path?name=tiny")
        self.assertEqual((answer.status, answer.code), (403, "not_trusted"))
