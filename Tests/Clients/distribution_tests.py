"""What clients of the OCI distribution protocol pull: skopeo, and PyPI's oras."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import unittest

import tiny_model
from running_registry import RunningRegistry

try:
    import oras.client
except ImportError:
    oras = None


class TrustedRegistry(RunningRegistry):
    """A registry with two artifacts: a file, and a directory whose files lie in folders."""

    def __enter__(self):
        registry = super().__enter__()
        self.content = tiny_model.safetensors()
        self.write_source("in/model.safetensors", self.content)
        self.take_in("team/file", "in/model.safetensors", tiny_model.sha256(self.content))
        tiny_model.write(self.directory / "checkout", rows=8)
        (self.directory / "checkout/1_Pooling").mkdir()
        (self.directory / "checkout/1_Pooling/config.json").write_text('{"dimension": 2}\n')
        self.take_in("team/directory", "checkout", None)
        return registry

    def take_in(self, name, filename, digest):
        answer = self.post("/v1/model/acquire", {"name": name, "filename": filename, "sha256": digest})
        assert answer.status == 201, answer.body
        answer = self.post("/v1/model/promote", {"name": name})
        assert answer.status == 201, answer.body


@unittest.skipUnless(shutil.which("skopeo"), "skopeo is missing: scripts/setup")
class SkopeoTests(unittest.TestCase):
    def skopeo(self, registry, *arguments, status=0):
        run = subprocess.run(
            ["skopeo", *map(str, arguments)], env=registry.environment(), cwd=registry.home, capture_output=True,
            text=True, timeout=120)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run

    def test_copy(self):
        """skopeo copies an artifact, byte for byte, into a directory and into an OCI layout"""
        with TrustedRegistry() as registry:
            source = f"docker://{registry.host}/team/file"
            self.skopeo(registry, "copy", "--src-tls-verify=false", f"{source}:latest", "dir:copy")
            manifest = (registry.home / "copy/manifest.json").read_bytes()
            layer = json.loads(manifest)["layers"][0]["digest"].removeprefix("sha256:")
            self.assertEqual((registry.home / "copy" / layer).read_bytes(), registry.content)
            digest = hashlib.sha256(manifest).hexdigest()
            self.assertEqual(registry.get("/v1/model/team/file").json["digest"], f"sha256:{digest}")
            self.skopeo(registry, "copy", "--src-tls-verify=false", f"{source}@sha256:{digest}", "oci:layout:copy")
            self.assertEqual((registry.home / "layout/blobs/sha256" / digest).read_bytes(), manifest)

    def test_look(self):
        """skopeo lists the tags and shows the manifest"""
        with TrustedRegistry() as registry:
            source = f"docker://{registry.host}/team/directory"
            tags = self.skopeo(registry, "list-tags", "--tls-verify=false", source)
            self.assertEqual(json.loads(tags.stdout)["Tags"], ["latest"])
            raw = self.skopeo(registry, "inspect", "--raw", "--tls-verify=false", source)
            titles = {
                layer["annotations"]["org.opencontainers.image.title"] for layer in json.loads(raw.stdout)["layers"]}
            self.assertIn("1_Pooling/config.json", titles)

    def test_refused(self):
        """skopeo prints why an artifact that was revoked is not there for it"""
        with TrustedRegistry() as registry:
            registry.post("/v1/model/revoke?name=team/file", {"reason": "superseded"})
            run = self.skopeo(
                registry, "copy", "--src-tls-verify=false", f"docker://{registry.host}/team/file:latest", "dir:copy",
                status=1)
            self.assertIn("team/file is revoked, not trusted", run.stderr)

    def test_login(self):
        """Where reading takes the token, skopeo sends it as a password"""
        with TrustedRegistry({"bind_addr": "0.0.0.0:0"}) as registry:
            host = registry.host.replace("0.0.0.0", "127.0.0.1")
            source = f"docker://{host}/team/file:latest"
            refused = self.skopeo(registry, "inspect", "--raw", "--tls-verify=false", source, status=1)
            self.assertIn("unauthorized", refused.stderr.lower())
            self.skopeo(
                registry, "inspect", "--raw", "--tls-verify=false", "--creds", f"anybody:{registry.token}", source)


@unittest.skipUnless(oras, "PyPI's oras is missing: make python-tools")
class OrasTests(unittest.TestCase):
    def test_pull(self):
        """oras writes the files of an artifact under their own names, also into folders"""
        with TrustedRegistry() as registry:
            client = oras.client.OrasClient(hostname=registry.host, insecure=True)
            target = registry.home / "pulled"
            client.pull(target=f"{registry.host}/team/file:latest", outdir=str(target))
            self.assertEqual((target / "model.safetensors").read_bytes(), registry.content)
            client.pull(target=f"{registry.host}/team/directory:latest", outdir=str(target))
            for path in ("1_Pooling/config.json", "config.json"):
                self.assertEqual((target / path).read_bytes(), (registry.directory / "checkout" / path).read_bytes())
            self.assertEqual(client.get_tags(f"{registry.host}/team/file"), ["latest"])


class ResumeTests(unittest.TestCase):
    def test_resume(self):
        """A download that broke off goes on where it stood, with curl as with any client of ranges"""
        with TrustedRegistry() as registry:
            digest = tiny_model.sha256(registry.content)
            url = f"{registry.url}/v2/team/file/blobs/sha256:{digest}"
            part = registry.home / "part"
            part.write_bytes(registry.content[:50])
            subprocess.run(
                ["curl", "--silent", "--fail", "--continue-at", "-", "--output", part, url], check=True, timeout=60)
            self.assertEqual(part.read_bytes(), registry.content)
