"""Bills of materials: what `securectl` writes is right to public validators, and it reads what public libraries write."""

import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import tiny_model
from running_registry import PROGRAMS

try:
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6, JsonV1Dot7
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
except ImportError:
    Bom = None
try:
    from spdx_tools.spdx.model import (
        Actor, ActorType, Checksum, ChecksumAlgorithm, CreationInfo, Document, File, Package, Relationship,
        RelationshipType, SpdxNoAssertion)
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    from spdx_tools.spdx.writer.write_anything import write_file
except ImportError:
    Document = None
try:
    from spdx_python_model import v3_0_1 as spdx3
except ImportError:
    spdx3 = None

MISSING = "a validator is missing: make python-tools"


class BillTests(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.model = self.home / "tiny"
        self.model.mkdir()
        (self.model / "model.gguf").write_bytes(tiny_model.gguf())
        (self.model / "sub").mkdir()
        (self.model / "sub/model.safetensors").write_bytes(tiny_model.safetensors())
        (self.model / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Tiny\n")

    def securectl(self, *arguments, status=0):
        run = subprocess.run(
            [PROGRAMS / "securectl", "sbom", *map(str, arguments)], capture_output=True, text=True, timeout=60,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "SOURCE_DATE_EPOCH": "1767323045"})
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run.stdout

    def check(self, path, *arguments, status=0):
        return json.loads(self.securectl("check", path, *arguments, "-o", "json", status=status))

    def generate(self, *arguments):
        path = self.home / "bill.json"
        self.securectl("generate", self.model, "--report", path, *arguments)
        return path

    @unittest.skipUnless(Bom, MISSING)
    def test_cyclonedx_validates(self):
        """The bill of a model is CycloneDX 1.6 to its public validator, and has every file by its digest"""
        path = self.generate("--name", "acme/tiny", "--model-version", "1")
        self.assertIsNone(JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text()))
        document = json.loads(path.read_text())
        self.assertEqual(document["metadata"]["component"]["modelCard"]["modelParameters"]["modelArchitecture"], "bert")
        self.assertEqual(document["metadata"]["timestamp"], "2026-01-02T03:04:05Z")
        self.assertEqual(
            {row["name"]: row["hashes"][0]["content"] for row in document["components"]},
            {str(file.relative_to(self.model)): hashlib.sha256(file.read_bytes()).hexdigest()
             for file in self.model.rglob("*") if file.is_file()})
        self.assertEqual(path.read_bytes(), self.generate("--name", "acme/tiny", "--model-version", "1").read_bytes())

    @unittest.skipUnless(spdx3, MISSING)
    def test_spdx3_validates(self):
        """The same bill as SPDX 3.0.1 is read by the specification's own model, with its files and hashes"""
        path = self.generate("--format", "spdx")
        objects = spdx3.SHACLObjectSet()
        with path.open("rb") as file:
            spdx3.JSONLDDeserializer().read(file, objects)
        files = list(objects.foreach_type(spdx3.software_File))
        self.assertEqual(len(files), 3)
        self.assertEqual(
            {each.verifiedUsing[0].hashValue for each in files},
            {hashlib.sha256(file.read_bytes()).hexdigest() for file in self.model.rglob("*") if file.is_file()})
        self.assertEqual(objects.missing_ids, set())
        self.assertEqual(self.check(path, "--for", self.model)["version"], "3.0.1")

    def test_link(self):
        """A bill is about files that it has by their digest, and a changed or added file is named"""
        for arguments in ([], ["--format", "spdx"]):
            path = self.generate(*arguments)
            found = self.check(path, "--for", self.model)
            self.assertEqual((found["status"], found["files"], found["missing"]), ("verified", 3, []))
            digest = hashlib.sha256((self.model / "model.gguf").read_bytes()).hexdigest()
            self.check(path, "--for", f"sha256:{digest}")
            self.check(path, "--for", self.model / "model.gguf")
            self.check(path, "--for", "sha256:" + "0" * 64, status=11)
        (self.model / "new.txt").write_text("x")
        (self.model / "README.md").write_text("changed")
        self.assertEqual(self.check(path, "--for", self.model, status=11)["missing"], ["README.md", "new.txt"])

    def test_refuses(self):
        """What is no bill, or of another version, is refused for its reason"""
        path = self.generate()
        text = path.read_text()
        for changed, status, reason in (
                (text.replace("SHA-256", "SHA-512"), 11, "sbom_malformed"),
                (text.replace('"bom-ref": "file-1"', '"bom-ref": "file-9"'), 11, "sbom_unresolved_reference"),
                (text.replace('"1.6"', '"1.5"'), 12, "sbom_unsupported_version"), ("{}", 12, "sbom_unknown_format"),
                (text[:-10], 11, "sbom_invalid_json")):
            self.assertNotEqual(changed, text)
            path.write_text(changed)
            self.assertEqual(self.check(path, status=status)["reason"], reason)
        # Without a person who may look, nothing is written about what could not be inspected.
        os.symlink("model.gguf", self.model / "link")
        self.securectl("generate", self.model, status=12)

    @unittest.skipUnless(Bom, MISSING)
    def test_reads_cyclonedx(self):
        """What the public library writes as CycloneDX 1.6 and 1.7 is read"""
        part = Component(name="b", type=ComponentType.LIBRARY, bom_ref="b")
        main = Component(
            name="a", version="1", type=ComponentType.MACHINE_LEARNING_MODEL, bom_ref="a",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content="ab" * 32)])
        bill = Bom(components=[main, part])
        bill.register_dependency(main, [part])
        for version in (JsonV1Dot6, JsonV1Dot7):
            path = self.home / "theirs.json"
            path.write_text(version(bill).output_as_string(indent=2))
            found = self.check(path, "--for", "sha256:" + "ab" * 32)
            self.assertEqual((found["format"], found["components"]), ("CycloneDX", 2))

    @unittest.skipUnless(Document, MISSING)
    def test_reads_spdx2(self):
        """What the public tools write and validate as SPDX 2.3 is read"""
        document = Document(
            CreationInfo(
                "SPDX-2.3", "SPDXRef-DOCUMENT", "tiny", "https://example.org/tiny", [Actor(ActorType.TOOL, "test")],
                datetime.datetime(2026, 1, 2)))
        document.packages = [Package("SPDXRef-model", "tiny", SpdxNoAssertion(), files_analyzed=False)]
        document.files = [File(
            "./model.gguf", "SPDXRef-file", [
                Checksum(ChecksumAlgorithm.SHA1, "cd" * 20), Checksum(ChecksumAlgorithm.SHA256, "ab" * 32)])]
        document.relationships = [
            Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, "SPDXRef-model"),
            Relationship("SPDXRef-DOCUMENT", RelationshipType.DESCRIBES, "SPDXRef-file")]
        self.assertEqual(validate_full_spdx_document(document), [])
        path = self.home / "theirs.spdx.json"
        write_file(document, str(path))
        found = self.check(path, "--for", "sha256:" + "ab" * 32)
        self.assertEqual((found["format"], found["version"], found["components"]), ("SPDX", "2.3", 2))
        self.assertEqual(len(parse_file(str(path)).files), 1)
