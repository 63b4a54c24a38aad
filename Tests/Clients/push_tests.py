"""What clients of the OCI distribution protocol push: skopeo, podman, buildah, and PyPI's oras."""

import json
import os
import shutil
import subprocess
import unittest

from pushed_artifacts import image, model_pack
from repository_client import (
    EMPTY, OCI_INDEX, OCI_MANIFEST, Blob, GuardedRegistry, Manifest, OpenRepositories, Repository, expect)
from running_registry import RunningRegistry
from tiny_model import gguf, safetensors

try:
    import oras.client
    import oras.oci
except ImportError:
    oras = None


def write_layout(directory, manifest, tag):
    """An OCI image layout, as the `oci:` of skopeo reads it."""
    for blob in (manifest, *manifest.blobs):
        path = directory / "blobs" / blob.digest.replace(":", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(blob.content)
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    entry = manifest.descriptor | {"annotations": {"org.opencontainers.image.ref.name": tag}}
    (directory / "index.json").write_text(
        json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}))


class PushingClient(unittest.TestCase):
    kind = GuardedRegistry

    def setUp(self):
        self.registry = self.enterContext(self.kind())
        self.addCleanup(self.free_images)
        self.credentials = f"anybody:{self.registry.token}"

    def address(self, name, tag):
        return f"{self.registry.host}/{name}:{tag}"

    def run_client(self, *arguments, status=0):
        run = subprocess.run(
            [*map(str, arguments)], env=self.environment(), cwd=self.registry.home, capture_output=True, text=True,
            timeout=300)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run

    def environment(self):
        """What is remembered of registries goes with the test."""
        home = self.registry.home
        (home / "runtime").mkdir(mode=0o700, exist_ok=True)
        return self.registry.environment() | {
            "BUILDAH_ISOLATION": "chroot", "TMPDIR": str(home), "XDG_RUNTIME_DIR": str(home / "runtime")}

    def storage(self):
        """Where podman and buildah keep images: without mounts, so that anybody may run them."""
        home = self.registry.home
        return ["--root", home / "images", "--runroot", home / "run", "--storage-driver", "vfs"]

    def free_images(self):
        """Layers of images have directories that only root may remove otherwise."""
        for directory, _, _ in os.walk(self.registry.home / "images"):
            os.chmod(directory, 0o700)

    def promote(self, name, tag):
        answer = Repository(self.registry, name).promote(tag)
        self.assertEqual(answer.status, 201, answer.body)


class SkopeoClient(PushingClient):
    def copy(self, source, target, *arguments, status=0):
        options = []
        for side, place in (("src", source), ("dest", target)):
            if place.startswith("docker:"):
                options += [f"--{side}-tls-verify=false", f"--{side}-creds", self.credentials]
        return self.run_client("skopeo", "copy", *options, *arguments, source, target, status=status)

    def remote(self, name, tag):
        return f"docker://{self.address(name, tag)}"

    def ask(self, command, place, *arguments, status=0):
        return self.run_client(
            "skopeo", command, "--tls-verify=false", "--creds", self.credentials, *arguments, place, status=status)


@unittest.skipUnless(shutil.which("skopeo"), "skopeo is missing: scripts/setup")
class SkopeoPushTests(SkopeoClient):
    def setUp(self):
        super().setUp()
        self.model = model_pack()
        self.first = Repository(self.registry, "team/first")

    def test_layout(self):
        """skopeo pushes a model out of an OCI layout, and pulls it as it was"""
        write_layout(self.registry.home / "layout", self.model, "one")
        self.copy("oci:layout:one", self.remote("team/first", "one"))
        refused = self.copy(self.remote("team/first", "one"), "dir:copy", status=1)
        self.assertIn("is acquired, not trusted", refused.stderr)
        self.promote("team/first", "one")
        self.copy(self.remote("team/first", "one"), "dir:copy")
        self.assertEqual((self.registry.home / "copy/manifest.json").read_bytes(), self.model.content)
        for blob in self.model.blobs:
            path = self.registry.home / "copy" / blob.digest.removeprefix("sha256:")
            self.assertEqual(path.read_bytes(), blob.content)

    def test_directory(self):
        """skopeo pushes out of a directory that it pulled into"""
        write_layout(self.registry.home / "layout", self.model, "one")
        self.copy("oci:layout:one", "dir:copy")
        self.copy("dir:copy", self.remote("team/first", "one"))
        self.promote("team/first", "one")
        self.assertEqual(expect(self.first.manifest("one"), 200).body, self.model.content)

    def test_between_repositories(self):
        """skopeo copies between two repositories, and the version is as trusted in the second"""
        self.first.push(self.model, "one")
        self.promote("team/first", "one")
        self.copy(self.remote("team/first", "one"), self.remote("team/second", "two"))
        second = Repository(self.registry, "team/second")
        self.assertEqual(second.tags(), ["two"])
        self.assertEqual(expect(second.manifest("two"), 200).body, self.model.content)

    def test_look(self):
        """skopeo lists the tags of what was pushed and shows the manifest"""
        self.first.push(self.model, "one")
        self.promote("team/first", "one")
        tags = self.ask("list-tags", self.remote("team/first", "one").removesuffix(":one"))
        self.assertEqual(json.loads(tags.stdout)["Tags"], ["one"])
        shown = self.ask("inspect", self.remote("team/first", "one"), "--raw")
        self.assertEqual(shown.stdout.encode(), self.model.content)

    def test_delete(self):
        """skopeo deletes the version behind a tag"""
        self.first.push(self.model, "one")
        self.first.push(Manifest(EMPTY, [Blob(gguf())]), "two")
        self.promote("team/first", "one")
        self.ask("delete", self.remote("team/first", "one"))
        self.assertEqual(self.first.tags(), ["two"])

    def test_wrong_password(self):
        """skopeo says that a password is wrong, and nothing is pushed"""
        write_layout(self.registry.home / "layout", self.model, "one")
        self.credentials = "anybody:" + "0" * 64
        refused = self.copy("oci:layout:one", self.remote("team/first", "one"), status=1)
        self.assertIn("unauthorized", refused.stderr.lower())
        self.assertEqual(self.first.get("tags/list").status, 404)


@unittest.skipUnless(shutil.which("skopeo"), "skopeo is missing: scripts/setup")
class OpenReadsTests(SkopeoClient):
    """Where reading takes no credential, as on loopback."""

    kind = RunningRegistry

    def test_push(self):
        """skopeo shows its credentials where a push takes them and reading does not"""
        manifest = model_pack()
        write_layout(self.registry.home / "layout", manifest, "one")
        self.copy("oci:layout:one", self.remote("team/model", "one"))
        self.promote("team/model", "one")
        self.assertEqual(expect(Repository(self.registry, "team/model").manifest("one"), 200).body, manifest.content)

    def test_pull(self):
        """skopeo pulls without credentials what is trusted"""
        Repository(self.registry, "team/model").push(model_pack(), "one")
        self.promote("team/model", "one")
        self.run_client("skopeo", "copy", "--src-tls-verify=false", self.remote("team/model", "one"), "dir:copy")


class ImageClient(PushingClient):
    """Images hold archives, which no policy lets through the gate."""

    def buildah(self, *arguments, **options):
        return self.run_client("buildah", *self.storage(), *arguments, **options)

    def podman(self, *arguments, **options):
        return self.run_client(
            "podman", *self.storage(), "--tmpdir", self.registry.home / "tmp", "--cgroup-manager", "cgroupfs",
            *arguments, **options)

    def push_built(self, name):
        """- Returns: the digest of the image, as buildah prints it."""
        (self.registry.home / "hello").write_text("hello\n")
        container = self.buildah("from", "scratch").stdout.strip()
        self.buildah("copy", container, "hello", "/hello")
        built = self.buildah("commit", "--quiet", "--rm", container, "tiny:1").stdout
        self.buildah("push", *self.login, "tiny:1", f"docker://{self.address(name, '1')}")
        return built

    @property
    def login(self):
        return ["--tls-verify=false", "--creds", self.credentials]


class ImageGateTests(ImageClient):
    @unittest.skipUnless(shutil.which("buildah"), "buildah is missing: scripts/setup")
    def test_buildah(self):
        """buildah pushes an image that it built, and says why it does not get it through the gate"""
        self.push_built("team/tiny")
        self.assertEqual(Repository(self.registry, "team/tiny").tags(), ["1"])
        refused = self.buildah("pull", *self.login, self.address("team/tiny", "1"), status=125)
        self.assertRegex(refused.stderr, "team/tiny.* is (acquired|quarantined), not trusted")

    @unittest.skipUnless(shutil.which("podman"), "podman is missing: scripts/setup")
    def test_podman(self):
        """podman says why it does not get an image through the gate"""
        Repository(self.registry, "team/image").push(image(), "one")
        refused = self.podman("pull", *self.login, self.address("team/image", "one"), status=125)
        self.assertRegex(refused.stderr, "team/image.* is (acquired|quarantined), not trusted")


class OpenImageTests(ImageClient):
    """Repositories without the gate."""

    kind = OpenRepositories

    @unittest.skipUnless(shutil.which("buildah"), "buildah is missing: scripts/setup")
    def test_buildah(self):
        """buildah pushes an image that it built, and pulls the same"""
        built = self.push_built("images/tiny")
        self.buildah("rmi", "--all", "--force")
        pulled = self.buildah("pull", "--quiet", *self.login, self.address("images/tiny", "1"))
        self.assertEqual(pulled.stdout, built)

    @unittest.skipUnless(shutil.which("podman"), "podman is missing: scripts/setup")
    def test_podman(self):
        """podman logs in, pulls an image, and pushes it under another name"""
        manifest = image()
        Repository(self.registry, "images/first").push(manifest, "one")
        self.podman(
            "login", "--tls-verify=false", "--username", "anybody", "--password", self.registry.token,
            self.registry.host)
        first, second = self.address("images/first", "one"), self.address("images/second", "two")
        self.podman("pull", "--tls-verify=false", first)
        self.podman("tag", first, second)
        self.podman("push", "--tls-verify=false", "--format", "oci", second)
        pushed = Repository(self.registry, "images/second")
        self.assertEqual(pushed.tags(), ["two"])
        config = json.loads(expect(pushed.manifest("two"), 200).body)["config"]
        self.assertEqual(config["digest"], manifest.blobs[0].digest)


@unittest.skipUnless(oras, "PyPI's oras is missing: make python-tools")
class OrasPushTests(PushingClient):
    def setUp(self):
        super().setUp()
        self.client = oras.client.OrasClient(hostname=self.registry.host, insecure=True, auth_backend="basic")
        self.client.auth.set_basic_auth("anybody", self.registry.token)
        self.file = self.registry.home / "model.safetensors"
        self.file.write_bytes(safetensors(rows=1_000))

    def push(self, target, *files, **options):
        return self.client.push(
            target=target, files=[*map(str, files)], disable_path_validation=True, quiet=True, **options)

    def test_push(self):
        """oras pushes a file and pulls it again"""
        target = self.address("team/file", "one")
        self.push(target, f"{self.file}:application/vnd.example.weights")
        with self.assertRaises(ValueError) as refused:
            self.client.pull(target=target, outdir=str(self.registry.home / "early"))
        self.assertIn("Forbidden", str(refused.exception))
        self.promote("team/file", "one")
        self.client.pull(target=target, outdir=str(self.registry.home / "pulled"))
        pulled = self.registry.home / "pulled/model.safetensors"
        self.assertEqual(pulled.read_bytes(), self.file.read_bytes())
        self.assertEqual(self.client.get_tags(f"{self.registry.host}/team/file"), ["one"])

    def test_chunks(self):
        """oras pushes a file in parts"""
        target = self.address("team/file", "one")
        self.push(target, f"{self.file}:application/vnd.example.weights", do_chunked=True, chunk_size=1_000)
        self.promote("team/file", "one")
        digest = Blob(self.file.read_bytes()).digest
        answer = Repository(self.registry, "team/file").get(f"blobs/{digest}")
        self.assertEqual(expect(answer, 200).body, self.file.read_bytes())

    def test_attach(self):
        """oras attaches a file to what it pushed before"""
        target = self.address("team/file", "one")
        self.push(target, f"{self.file}:application/vnd.example.weights")
        repository = Repository(self.registry, "team/file")
        head = self.registry.get("/v1/models").json[0]["digest"]
        self.promote("team/file", "one")
        size = len(expect(repository.manifest("one"), 200).body)
        note = self.registry.home / "note.txt"
        note.write_text("checked\n")
        subject = oras.oci.Subject(OCI_MANIFEST, head, size)
        self.push(self.address("team/file", "note"), f"{note}:text/plain", subject=subject)
        listed = expect(repository.get(f"referrers/{head}"), 200).json["manifests"]
        self.assertEqual(len(listed), 1)
        self.promote("team/file", "note")
        self.assertEqual(listed[0]["digest"], repository.manifest("note").headers["Docker-Content-Digest"])
