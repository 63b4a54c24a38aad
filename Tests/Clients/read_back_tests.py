"""Publishers read back what they pushed before it is trusted, by whichever way they show who they are."""

import hashlib
import json
import shutil
import subprocess
import unittest

from credential_tests import CredentialedRegistry, basic, bearer
from running_registry import PROGRAMS
from tiny_model import gguf

CONTENT = gguf()
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class ReadBackRegistry(CredentialedRegistry):
    """Two who may push to the same repositories, one who may do nothing but that, and one who may only read."""

    def __init__(self, settings=None):
        super().__init__(settings, further={
            "second": (["pull", "push"], ["team/*"]),
            "writer": (["push"], ["team/*"]),
            "reader": (["pull"], ["team/*"])})

    def by(self, name):
        return basic(self.secrets[name])

    def push(self, name, repository, content):
        """Pushes a manifest of one layer; its digest and the layer's."""
        layers = {}
        for part in (b"{}", content):
            digest = "sha256:" + hashlib.sha256(part).hexdigest()
            sent = self.ask(f"/v2/{repository}/blobs/uploads/?digest={digest}", self.by(name), "POST", part)
            assert sent.status == 201, sent.body
            layers[part] = digest
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.cncf.model.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": layers[b"{}"], "size": 2},
            "layers": [{"mediaType": "application/vnd.cncf.model.weight.v1.raw", "digest": layers[content],
                        "size": len(content), "annotations": {"org.cncf.model.filepath": "model.safetensors"}}],
        }).encode()
        headers = self.by(name) | {"Content-Type": MANIFEST}
        put = self.ask(f"/v2/{repository}/manifests/v1", headers, "PUT", manifest)
        assert put.status == 201, put.body
        return "sha256:" + hashlib.sha256(manifest).hexdigest(), layers[content]

    def read(self, headers, repository, version, layer):
        """The status of each way in which manifest and layer are read."""
        paths = [f"manifests/{version}", "manifests/v1", f"blobs/{layer}"]
        return [self.ask(f"/v2/{repository}/{path}", headers, method).status
                for path in paths for method in ("GET", "HEAD")]

    def entries(self):
        """The leaves of the log, all of them: a start signs what was written before."""
        self.stop()
        self.start()
        size = int(self.get("/log/checkpoint").body.split(b"\n")[1])
        return self.get(f"/log/tile/entries/000.p/{size}").body


class ReadBackTests(unittest.TestCase):
    def test_own_version(self):
        """Whoever pushed a version reads it, with the password or a token to pull with; others do not"""
        with ReadBackRegistry() as registry:
            version, layer = registry.push("team", "team/own", CONTENT)
            target = ("team/own", version, layer)
            self.assertEqual(registry.read(registry.by("team"), *target), [200] * 6)
            for scope in ("pull", "pull,push"):
                token = registry.issue(registry.by("team"), f"repository:team/own:{scope}").json["token"]
                self.assertEqual(registry.read(bearer(token), *target), [200] * 6, scope)
            got = registry.ask(f"/v2/team/own/blobs/{layer}", registry.by("team") | {"Range": "bytes=1-4"})
            self.assertEqual((got.status, got.body), (206, CONTENT[1:5]))
            refused = [403] * 6
            # Whoever may push is told what is there, and is given nothing.
            told = [403, 200] * 3
            self.assertEqual(registry.read(registry.by("second"), *target), told)
            self.assertEqual(registry.read(registry.by("writer"), *target), told)
            self.assertEqual(registry.read(bearer(registry.token), *target), told)
            self.assertEqual(registry.read(registry.by("reader"), *target), refused)
            self.assertEqual(registry.read({}, *target), [401] * 6)
            self.assertEqual(registry.read(registry.by("reviewer"), *target), [200] * 6)

    def test_anonymous(self):
        """Where anybody may read, who shows nothing is not given what somebody pushed"""
        with ReadBackRegistry({"anonymous_read": "true"}) as registry:
            target = ("team/own", *registry.push("team", "team/own", CONTENT))
            self.assertEqual(registry.read({}, *target), [403] * 6)
            token = registry.issue({}, "repository:team/own:pull").json["token"]
            self.assertEqual(registry.read(bearer(token), *target), [403] * 6)
            self.assertEqual(registry.read(registry.by("team"), *target), [200] * 6)

    def test_restart(self):
        """Who pushed what is known after a restart and a rebuild of the index, and of a second publisher too"""
        with ReadBackRegistry() as registry:
            target = ("team/own", *registry.push("team", "team/own", CONTENT))
            registry.push("second", "team/copy", CONTENT)
            registry.stop()
            rebuilt = subprocess.run(
                [PROGRAMS / "pratique", "rebuild-index", "--registry-dir", registry.directory],
                env=registry.environment(), capture_output=True, text=True, timeout=120)
            self.assertEqual(rebuilt.returncode, 0, rebuilt.stderr)
            registry.start()
            self.assertEqual(registry.read(registry.by("team"), *target), [200] * 6)
            self.assertEqual(registry.read(registry.by("second"), "team/copy", *target[1:]), [200] * 6)

    def test_written_down(self):
        """That somebody read what is not trusted stands in the log, once for a version"""
        with ReadBackRegistry() as registry:
            target = ("team/own", *registry.push("team", "team/own", CONTENT))
            for _ in range(3):
                registry.read(registry.by("team"), *target)
            entries = registry.entries()
            self.assertEqual(entries.count(b'"event":"reviewed"'), 1)
            self.assertIn(b'"actor":"principal/team"', entries)

    def test_withdrawn(self):
        """What was put into quarantine or revoked is not read back"""
        for action in ("quarantine", "revoke"):
            with self.subTest(action), ReadBackRegistry() as registry:
                target = ("team/own", *registry.push("team", "team/own", CONTENT))
                self.assertEqual(registry.read(registry.by("team"), *target), [200] * 6)
                done = registry.post(f"/v1/model/{action}?name=team/own@{target[1]}")
                self.assertEqual(done.status, 200, done.body)
                self.assertEqual(registry.read(registry.by("team"), *target), [403, 200] * 3)

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is missing: scripts/setup")
    def test_skopeo(self):
        """skopeo copies what its user pushed, and not what others did"""
        with ReadBackRegistry() as registry:
            registry.push("team", "team/own", CONTENT)
            for name, status in (("team", 0), ("second", 1)):
                run = subprocess.run(
                    ["skopeo", "copy", "--src-tls-verify=false", "--src-creds", f"x:{registry.secrets[name]}",
                     f"docker://{registry.host}/team/own:v1", f"oci:{registry.home / name}:v1"],
                    env=registry.environment(), capture_output=True, text=True, timeout=120)
                self.assertEqual(run.returncode, status, run.stdout + run.stderr)
            self.assertIn("is acquired, not trusted", run.stderr)
