"""Models, charts and signatures as their own tools push them."""

import unittest

from pushed_artifacts import chart, config, image, model_kit, model_pack, model_runner, ollama, tar
from repository_client import EMPTY, OCI_CONFIG, Blob, Index, Manifest, OpenRepositories, Repository, expect
from running_registry import CHECKOUT, RunningRegistry
from tiny_model import gguf


# Templates of prompts are code, and packed models archives: the built-in policy admits neither.
PACKED_MODELS = CHECKOUT / "Examples/policies/packed-models.yaml"


class RoundTrip(unittest.TestCase):
    def assert_served(self, repository, manifest, tag, **who):
        answer = repository.manifest(tag, headers={"Accept": manifest.media_type}, **who)
        self.assertEqual(expect(answer, 200).body, manifest.content)
        self.assertEqual(answer.headers["Content-Type"], manifest.media_type)
        for blob in manifest.blobs:
            self.assertEqual(expect(repository.get(f"blobs/{blob.digest}", **who), 200).body, blob.content)
        self.assertEqual(repository.tags(), [tag])


class EcosystemTests(RoundTrip):
    def start(self, settings=None):
        self.registry = self.enterContext(RunningRegistry(settings))

    def assert_round_trip(self, name, manifest, tag):
        """What is promoted comes back as it was pushed, by its own media type."""
        repository = Repository(self.registry, name)
        repository.push(manifest, tag)
        promoted = repository.promote(tag)
        self.assertEqual(promoted.status, 201, promoted.body)
        self.assert_served(repository, manifest, tag)
        return repository

    def start_with_packed_models(self):
        self.start({"policy_path": str(PACKED_MODELS)})

    def test_ollama(self):
        """A model of ollama goes in and out"""
        self.start_with_packed_models()
        self.assert_round_trip("library/tiny", ollama(), "latest")

    def test_ollama_parts(self):
        """ollama finds the way to the parts of a blob, and needs no credential there"""
        self.start_with_packed_models()
        manifest = ollama()
        repository = self.assert_round_trip("library/tiny", manifest, "latest")
        weights = manifest.blobs[1]
        # server/download.go asks for `Location` also of an answer that redirects nowhere.
        client = {"User-Agent": "ollama/0.12.0 (amd64 linux) Go/go1.24.0"}
        answer = expect(repository.get(f"blobs/{weights.digest}", headers=client), 200)
        self.assertTrue(answer.headers["Location"])
        location = repository.location(answer)
        part = self.registry.get(location, headers={"Range": "bytes=100-199"}, token=False)
        self.assertEqual(expect(part, 206).body, weights.content[100:200])

    def test_model_runner(self):
        """A model of Docker Model Runner goes in and out, and a pull goes on with an open range"""
        self.start()
        manifest = model_runner()
        repository = self.assert_round_trip("ai/tiny", manifest, "Q4_K_M")
        answer = repository.get(f"blobs/{manifest.blobs[1].digest}", headers={"Range": "bytes=200-"})
        self.assertEqual(expect(answer, 206).body, manifest.blobs[1].content[200:])
        self.assertTrue(answer.headers["Content-Range"].startswith("bytes 200-"))

    def test_model_pack(self):
        """A model of CNCF ModelPack goes in and out"""
        self.start()
        self.assert_round_trip("team/pack", model_pack(), "v1.0")

    def test_archives(self):
        """What is in archives is not let through the gate: a ModelKit of KitOps, a chart, an image"""
        self.start()
        for name, manifest in (("team/kit", model_kit()), ("team/chart", chart()), ("team/image", image())):
            with self.subTest(name):
                repository = Repository(self.registry, name)
                repository.push(manifest, "one")
                refused = repository.promote("one")
                self.assertEqual((refused.status, refused.code), (422, "policy_refused"))
                expect(repository.manifest("one"), 403)
        facts = expect(self.registry.get("/v1/model?name=team/kit:one"), 200).json["facts"]
        self.assertEqual((facts["kind"], facts["format"], facts["parameters"]), ("model", "safetensors", 10))

    def test_packed(self):
        """A policy may admit a ModelKit of KitOps and a packed ModelPack, and not one with a script in it"""
        self.start_with_packed_models()
        self.assert_round_trip("team/kit", model_kit(), "v1.0")
        kit = model_kit()
        layer = Blob(tar({"setup.py": b"import os\n"}), kit.blobs[1].descriptor["mediaType"])
        kit = Manifest(kit.blobs[0], [layer])
        repository = Repository(self.registry, "team/script")
        repository.push(kit, "one")
        self.assertEqual(repository.promote("one").code, "policy_refused")


class OpenRepositoryTests(RoundTrip):
    """Repositories without the gate."""

    def assert_plain(self, name, manifest, tag):
        """What is pushed can be pulled at once."""
        repository = Repository(self.enterContext(OpenRepositories()), name)
        repository.push(manifest, tag)
        self.assert_served(repository, manifest, tag)

    def test_model_kit(self):
        """A ModelKit of KitOps goes in and out"""
        self.assert_plain("images/kit", model_kit(), "v1.0")

    def test_helm(self):
        """A chart of helm goes in and out, its version's + as _"""
        self.assert_plain("images/charts/tiny", chart(), "1.2.3_build.4")

    def test_image(self):
        """An image goes in and out"""
        self.assert_plain("images/tiny", image(), "latest")


class SignatureTests(unittest.TestCase):
    """What cosign leaves beside what it signs."""

    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/signed")
        self.model = model_pack()
        self.repository.push(self.model, "one")

    def bundle(self, text=b"{}", artifact_type="application/vnd.dev.sigstore.bundle.v0.3+json", **fields):
        return Manifest(
            EMPTY, [Blob(text, artifact_type)], artifactType=artifact_type, subject=self.model.descriptor, **fields)

    def referrers(self, query=""):
        answer = expect(self.repository.get(f"referrers/{self.model.digest}{query}"), 200)
        self.assertEqual(answer.headers["Content-Type"], "application/vnd.oci.image.index.v1+json")
        return answer

    def test_tag(self):
        """An older cosign pushes a signature under a tag made of the digest"""
        signature = Manifest(
            config(OCI_CONFIG, architecture="", os="", rootfs={"type": "layers", "diff_ids": []}),
            [Blob(
                b'{"critical":{}}', "application/vnd.dev.cosign.simplesigning.v1+json",
                {"dev.cosignproject.cosign/signature": "c2ln"})])
        tag = self.model.digest.replace(":", "-") + ".sig"
        self.repository.push(signature, tag)
        self.assertEqual(self.repository.tags(), ["one", tag])
        self.assertEqual(self.repository.promote(tag).status, 201)
        self.assertEqual(expect(self.repository.manifest(tag), 200).body, signature.content)

    def test_referrer(self):
        """A newer cosign pushes a manifest with a subject, which is listed at once"""
        signature = self.bundle(annotations={"dev.sigstore.bundle.content": "dsse-envelope"})
        answer = self.repository.push(signature)
        self.assertEqual(answer.headers["OCI-Subject"], self.model.digest)
        listed = self.referrers().json
        self.assertEqual(
            listed["manifests"],
            [signature.descriptor | {
                "artifactType": signature.fields["artifactType"], "annotations": signature.fields["annotations"]}])
        self.assertEqual(self.repository.tags(), ["one"])

    def test_filter(self):
        """Referrers are chosen by their type, and the answer says so"""
        first = self.bundle()
        second = self.bundle(b"<sbom/>", "application/spdx+xml")
        for manifest in (first, second):
            self.repository.push(manifest)
        self.assertEqual({row["digest"] for row in self.referrers().json["manifests"]}, {first.digest, second.digest})
        answer = self.referrers("?artifactType=application/spdx%2Bxml")
        self.assertEqual([row["digest"] for row in answer.json["manifests"]], [second.digest])
        self.assertEqual(answer.headers["OCI-Filters-Applied"], "artifactType")

    def test_subject_later(self):
        """A signature may arrive before what it signs"""
        later = Manifest(EMPTY, [Blob(gguf(seed=7))])
        signature = Manifest(EMPTY, [Blob(b"{}")], artifactType="application/vnd.example", subject=later.descriptor)
        self.assertEqual(self.repository.push(signature).headers["OCI-Subject"], later.digest)
        listed = expect(self.repository.get(f"referrers/{later.digest}"), 200).json["manifests"]
        self.assertEqual([row["digest"] for row in listed], [signature.digest])

    def test_deleted(self):
        """A referrer that is deleted is no longer listed"""
        signature = self.bundle()
        self.repository.push(signature)
        expect(self.repository.request("DELETE", f"manifests/{signature.digest}"), 202)
        self.assertEqual(self.referrers().json["manifests"], [])

    def test_fallback(self):
        """What clients of registries without referrers keep under a tag is listed, too"""
        signature = self.bundle()
        self.repository.push(signature)
        other = self.bundle(b"other")
        self.repository.push(other)
        left = Index([signature], annotations={"left": "by an older client"})
        expect(self.repository.put(self.model.digest.replace(":", "-"), left.content, left.media_type), 201)
        self.assertEqual(
            {row["digest"] for row in self.referrers().json["manifests"]}, {signature.digest, other.digest})
