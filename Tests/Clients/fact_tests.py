"""What artifacts say of themselves: kind, format, architecture, quantization, parameters."""

import time
import unittest

from pushed_artifacts import FILEPATH, chart, image, model_kit, model_pack, model_runner, ollama
from repository_client import EMPTY, Blob, Manifest, Repository
from running_registry import RunningRegistry
from tiny_model import gguf, safetensors, sha256


class FactTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())

    def facts(self, name):
        answer = self.registry.get(f"/v1/model?name={name}")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["facts"]

    def push(self, name, manifest):
        """Pushes a manifest and waits until what it names was inspected, which is done beside serving."""
        Repository(self.registry, name).push(manifest, "latest")
        end = time.monotonic() + 60
        while "verdict" not in self.registry.get(f"/v1/model?name={name}:latest").json:
            self.assertLess(time.monotonic(), end, f"{name} was not inspected")
        return self.facts(f"{name}:latest")

    def test_acquired(self):
        """A model of the model API has them once it is acquired"""
        content = gguf()
        self.registry.write_source("a.gguf", content)
        acquired = self.registry.post(
            "/v1/model/acquire", {"name": "tiny", "filename": "a.gguf", "sha256": sha256(content)})
        self.assertEqual(acquired.status, 201, acquired.body)
        self.assertEqual(
            self.facts("tiny"),
            {"kind": "model", "format": "gguf", "architecture": "bert", "quantization": "F32", "parameters": 10})

    def test_ecosystems(self):
        """What other tools push is shown as what it is"""
        weights = {"architecture": "bert", "quantization": "F32", "parameters": 10, "format": "gguf"}
        for name, manifest, wanted in (
            ("library/ollama", ollama(), {"kind": "model", **weights}),
            ("team/runner", model_runner(), {"kind": "model", **weights}),
            ("team/pack", model_pack(), {"kind": "model", "format": "safetensors", "architecture": "tiny",
                                         "quantization": "F32", "parameters": 10}),
            ("team/kit", model_kit(), {"kind": "model", "format": "safetensors", "quantization": "F32", "parameters": 10}),
            ("team/chart", chart(), {"kind": "chart"}),
            ("team/image", image(), {"kind": "image"}),
        ):
            with self.subTest(name):
                self.assertEqual(self.push(name, manifest), wanted)

    def test_license(self):
        """A license that the manifest names is told where the files name none"""
        manifest = Manifest(
            EMPTY, [Blob(safetensors(), annotations={FILEPATH: "model.safetensors"})],
            annotations={"org.opencontainers.image.licenses": "Apache-2.0"})
        self.assertEqual(self.push("team/licensed", manifest)["license"], "Apache-2.0")

    def test_lists(self):
        """A list has them where it is asked for them, page by page, and securectl shows them"""
        for seed in range(3):
            self.push(f"team/{seed}", Manifest(EMPTY, [Blob(gguf(seed=seed), annotations={FILEPATH: "m.gguf"})]))
        plain = self.registry.get("/v1/models").json
        self.assertFalse([each for each in plain if "facts" in each])
        path, found = "/v1/models?facts=true&limit=2", []
        while path:
            answer = self.registry.get(path)
            self.assertEqual(answer.status, 200, answer.body)
            found += answer.json
            link = answer.headers["Link"]
            path = link[1:link.index(">")] if link else None
        self.assertEqual([each["name"] for each in found], [each["name"] for each in plain])
        self.assertEqual({each["facts"]["architecture"] for each in found}, {"bert"})
        for query in ("facts=yes", "facts=true&limit=1001", "facts=true&facts=true"):
            self.assertEqual(self.registry.get(f"/v1/models?{query}").status, 400, query)
        shown = self.registry.securectl("list", "--facts")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertRegex(shown.stdout, r"NAME +STATE +KIND +FORMAT +ARCHITECTURE +QUANTIZATION +PARAMETERS")
        self.assertRegex(shown.stdout, r"team/0@sha256:\w+ +acquired +model +gguf +bert +F32 +10 ")
        info = self.registry.securectl("info", "team/0:latest")
        self.assertRegex(info.stdout, r"Kind +model\n")
        self.assertRegex(info.stdout, r"Quantization +F32\n")
