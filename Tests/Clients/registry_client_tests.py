"""`securectl` against registries of any make: docker-registry, ours, and one that misbehaves on purpose."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from other_registries import OCI_INDEX, CuttingProxy, DockerRegistry, RedirectingPort, SimulatedRegistry, basic, digest
from repository_client import EMPTY, Blob, GuardedRegistry, Manifest, Repository, expect
from running_registry import PROGRAMS
from secure_registry import SecureRegistry
from tiny_model import safetensors

MEBIBYTE = 1 << 20


class ClientTests(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pratique-client-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"}

    def securectl(self, *arguments, status=0):
        """- Returns: standard output and standard error, in one. A status of `None` is any failure."""
        run = subprocess.run(
            [PROGRAMS / "securectl", *map(str, arguments)], env=self.environment, capture_output=True, text=True,
            timeout=120)
        if status is None:
            self.assertNotEqual(run.returncode, 0, run.stdout)
        else:
            self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def document(self, *arguments, status=0):
        return json.loads(self.securectl(*arguments, "-o", "json", status=status))

    def log_in(self, host, user, password):
        folder = self.home / ".docker"
        folder.mkdir(exist_ok=True)
        auth = base64.b64encode(f"{user}:{password}".encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))

    def model(self, bytes_of_weights=40 * MEBIBYTE):
        """A directory with files of several kinds, one of them in several parts."""
        folder = self.home / "model"
        (folder / "sub").mkdir(parents=True)
        (folder / "config.json").write_text('{"a": 1}')
        (folder / "sub/README.md").write_text("# A model\n")
        (folder / "empty").write_bytes(b"")
        (folder / "weights.bin").write_bytes(os.urandom(bytes_of_weights))
        return folder

    def files(self, folder):
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@unittest.skipUnless(DockerRegistry.is_installed() or os.environ.get("CI"), "docker-registry is not installed")
class DockerRegistryTests(ClientTests):
    def setUp(self):
        super().setUp()
        self.peer = self.enterContext(DockerRegistry())

    def test_round(self):
        """A directory that is pushed to docker-registry comes back as it was, and a second pull fetches nothing"""
        folder, name = self.model(), f"{self.peer.host}/team/model:v1"
        pushed = self.document("push", folder, name)
        pulled = self.document("pull", name, self.home / "out")
        self.assertEqual(pulled["digest"], pushed["digest"])
        self.assertEqual(self.files(self.home / "out"), self.files(folder))
        inodes = [path.stat().st_ino for path in sorted((self.home / "out").rglob("*"))]
        self.securectl("pull", name, self.home / "out")
        self.assertEqual([path.stat().st_ino for path in sorted((self.home / "out").rglob("*"))], inodes)

    def test_tags(self):
        """Further tags name the same manifest, which is shown byte for byte; a digest takes all of them away"""
        name = f"{self.peer.host}/team/model"
        pushed = self.document("push", self.model(1000) / "config.json", f"{name}:v1")
        self.securectl("tag", f"{name}:v1", "v2", "latest")
        self.assertEqual(self.document("tags", name), ["latest", "v1", "v2"])
        shown = subprocess.run(
            [PROGRAMS / "securectl", "manifest", name], env=self.environment, capture_output=True, check=True).stdout
        self.assertEqual(digest(shown), pushed["digest"])
        described = self.document("manifest", f"{name}:v2", "--descriptor")
        self.assertEqual((described["digest"], described["size"]), (pushed["digest"], len(shown)))
        # This registry cannot delete a tag alone, and the client says so.
        self.assertIn("name the digest", self.securectl("delete", f"{name}:v1", status=65))
        self.securectl("delete", f"{name}@{pushed['digest']}")
        self.securectl("manifest", f"{name}:v1", status=66)

    def test_copy(self):
        """A copy between two registries keeps the digest, and one within a registry moves no bytes"""
        ours = self.enterContext(GuardedRegistry())
        self.log_in(ours.host, "anybody", ours.token)
        pushed = self.document("push", self.model(), f"{self.peer.host}/team/model:v1")
        copied = self.document("copy", f"{self.peer.host}/team/model:v1", f"{ours.host}/team/model")
        self.assertEqual((copied["digest"], copied["name"]), (pushed["digest"], f"{ours.host}/team/model:v1"))
        self.document("copy", f"{self.peer.host}/team/model:v1", f"{self.peer.host}/other/name:v7")
        mounted = self.peer.home / "data/docker/registry/v2/repositories/other/name/_layers/sha256"
        self.assertEqual(len(list(mounted.iterdir())), 5)
        self.assertEqual(self.document("tags", f"{self.peer.host}/other/name"), ["v7"])

    def test_layout(self):
        """An artifact is carried in an OCI image layout that skopeo reads, and arrives as it left"""
        name = f"{self.peer.host}/team/model:v1"
        pushed = self.document("push", self.model(), name)
        layout = self.home / "layout"
        exported = self.document("layout", "export", name, layout)
        self.assertEqual(exported["digest"], pushed["digest"])
        self.securectl("layout", "export", name, layout, "--name", "again")
        raw = subprocess.run(
            ["skopeo", "inspect", "--raw", f"oci:{layout}:v1"], capture_output=True, check=True).stdout
        self.assertEqual(digest(raw), pushed["digest"])
        imported = self.document("layout", "import", layout, f"{self.peer.host}/other/name", "--name", "v1")
        self.assertEqual(imported["digest"], pushed["digest"])
        self.securectl("pull", f"{self.peer.host}/other/name:v1", self.home / "out")
        self.assertEqual(self.files(self.home / "out"), self.files(self.home / "model"))

    def test_compared(self):
        """Artifacts of layouts and registries are compared with each other and with directories, and leave nothing"""
        folder, name = self.model(1000), f"{self.peer.host}/team/model"
        self.securectl("push", folder, f"{name}:v1")
        layout, temporary = self.home / "layout", self.home / "temporary"
        temporary.mkdir()
        self.environment["TMPDIR"] = str(temporary)
        self.securectl("layout", "export", f"{name}:v1", layout)
        self.assertIn("5 same", self.securectl("diff", layout, f"oci://{name}:v1"))
        (folder / "config.json").write_text('{"a": 2}')
        self.securectl("push", folder, f"{name}:v2")
        compared = json.loads(self.securectl("diff", layout, f"oci://{name}:v2", "-o", "json", status=1))
        changed = [row["path"] for row in compared["files"] if row["status"] != "same"]
        # What is pushed describes its files, too.
        self.assertEqual(changed, [".oci/config.json", "config.json"])
        compared = json.loads(self.securectl("diff", folder, f"oci://{name}:v2", "-o", "json", status=1))
        changed = {row["path"]: row["status"] for row in compared["files"] if row["status"] != "same"}
        self.assertEqual(changed, {".oci/config.json": "added"})
        self.securectl("layout", "export", f"{name}:v2", layout)
        self.assertIn("2 changed", self.securectl("diff", f"{layout}:v1", f"{layout}:v2", status=1))
        self.securectl("diff", layout, f"oci://{name}", status=64)
        self.securectl("diff", layout, f"oci://{name}:v3", status=66)
        self.assertEqual(list(temporary.iterdir()), [])

    def test_inspected_layout(self):
        """The files of a layout are inspected by their names, and a blob that is not what its digest says is refused"""
        name = f"{self.peer.host}/team/model"
        folder = self.home / "model"
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(safetensors())
        (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "other.safetensors"}}')
        self.securectl("push", folder, f"{name}:v1")
        layout = self.home / "layout"
        self.securectl("layout", "export", f"{name}:v1", layout)
        report = json.loads(self.securectl("inspect", layout, "-o", "json", status=10))
        self.assertEqual(
            [row["path"].removeprefix(f"{layout}/") for row in report["files"]],
            [".oci/config.json", "model.safetensors", "model.safetensors.index.json"])
        found = {finding["rule"] for row in report["files"] for finding in row["findings"]}
        self.assertEqual(found, {"repository.missing-shard", "repository.unlisted-shard"})
        blob = layout / "blobs" / digest(safetensors()).replace(":", "/")
        blob.write_bytes(blob.read_bytes()[:-1] + b"!")
        self.assertIn("is not what", self.securectl("inspect", f"{layout}:v1", status=11))

    def test_referrers(self):
        """What refers to an artifact goes along, and is found in a registry that keeps no list of it"""
        ours = self.enterContext(GuardedRegistry())
        self.log_in(ours.host, "anybody", ours.token)
        repository = Repository(ours, "team/model")
        subject = Manifest(EMPTY, [Blob(safetensors())])
        repository.push(subject, "v1")
        signature = Manifest(
            EMPTY, [Blob(b"{}", "application/vnd.dev.sigstore.bundle.v0.3+json")], subject=subject.descriptor,
            artifactType="application/vnd.dev.sigstore.bundle.v0.3+json")
        repository.push(signature)
        expect(ours.post("/v1/model/promote", {"name": "team/model:v1"}), 201)
        source, target = f"{ours.host}/team/model:v1", f"{self.peer.host}/team/model"
        for _ in range(2):
            self.securectl("copy", source, target, "--referrers")
        found = self.document("referrers", f"{target}:v1")
        self.assertEqual([row["digest"] for row in found], [signature.digest])
        self.assertEqual(found[0]["artifactType"], "application/vnd.dev.sigstore.bundle.v0.3+json")

    def test_damaged_layout(self):
        """A layout with an altered blob is refused, and what it would have been tagged is not there"""
        name = f"{self.peer.host}/team/model:v1"
        self.securectl("push", self.model(1000), name)
        layout = self.home / "layout"
        self.securectl("layout", "export", name, layout)
        weights = layout / "blobs" / digest((self.home / "model/weights.bin").read_bytes()).replace(":", "/")
        weights.write_bytes(bytes(1000))
        self.securectl("layout", "import", layout, f"{self.peer.host}/other/name:v1", status=65)
        self.securectl("tags", f"{self.peer.host}/other/name", status=66)
        # An export puts right what is wrong there.
        self.securectl("layout", "export", name, layout)
        self.securectl("layout", "import", layout, f"{self.peer.host}/other/name:v1")

    def test_broken_push(self):
        """A push whose connection breaks goes on with what the registry has, or from the start, and ends well"""
        for make in (lambda: self.peer.host, lambda: self.enterContext(GuardedRegistry())):
            target = make()
            host = target if isinstance(target, str) else target.host
            if not isinstance(target, str):
                shutil.rmtree(self.home / "model")
            folder = self.model()
            with self.subTest(type(target).__name__), CuttingProxy(host, 9 * MEBIBYTE, times=2) as proxy:
                if not isinstance(target, str):
                    self.log_in(proxy.host, "anybody", target.token)
                pushed = self.document("push", folder, f"{proxy.host}/team/model:v1")
                self.assertEqual(proxy.cuts, 2)
                self.assertEqual(self.document("tags", f"{proxy.host}/team/model"), ["v1"])
                self.assertEqual(pushed["files"], 4)


class OwnRegistryTests(ClientTests):
    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(GuardedRegistry())
        self.log_in(self.registry.host, "anybody", self.registry.token)

    def promote(self, name):
        environment = self.environment | {
            "REGISTRY_URL": f"http://{self.registry.host}", "SERVICE_TOKEN_PATH": str(self.registry.token_path)}
        run = subprocess.run(
            [PROGRAMS / "securectl", "promote", name], env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_gate(self):
        """What is pushed is refused until it is promoted, and then it is pulled by its tag"""
        (self.home / "model.safetensors").write_bytes(safetensors())
        name = f"{self.registry.host}/team/model:v1"
        pushed = self.document("push", self.home / "model.safetensors", name)
        self.assertIn("not trusted", self.securectl("pull", name, self.home / "out", status=77))
        self.promote("team/model:v1")
        pulled = self.document("pull", name, self.home / "out")
        self.assertEqual(pulled["digest"], pushed["digest"])
        self.assertEqual((self.home / "out/model.safetensors").read_bytes(), safetensors())

    def test_killed_push(self):
        """A push that was killed goes on where it stopped"""
        folder = self.model(300 * MEBIBYTE)
        proxy = self.enterContext(CuttingProxy(self.registry.host, 0, times=0))
        self.log_in(proxy.host, "anybody", self.registry.token)
        name = f"{proxy.host}/team/model:v1"
        process = subprocess.Popen(
            [PROGRAMS / "securectl", "push", folder, name], env=self.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        uploads = self.registry.directory / "store/uploads"
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end and self.size(uploads) < 64 * MEBIBYTE:
            pass
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL)
        before = proxy.received
        self.securectl("push", folder, name)
        self.assertLess(proxy.received - before, 250 * MEBIBYTE)
        self.assertGreater(proxy.received - before, MEBIBYTE)

    @staticmethod
    def size(folder):
        """Of files that come and go while they are looked at, without the gaps in them."""
        total = 0
        for path in folder.rglob("*"):
            with contextlib.suppress(OSError):
                total += path.stat().st_blocks * 512
        return total

    def test_tag_alone(self):
        """In our registry a tag goes alone"""
        (self.home / "model.safetensors").write_bytes(safetensors())
        name = f"{self.registry.host}/team/model"
        self.securectl("push", self.home / "model.safetensors", f"{name}:v1")
        self.promote("team/model:v1")
        self.securectl("tag", f"{name}:v1", "v2")
        self.securectl("delete", f"{name}:v1")
        self.assertEqual(self.document("tags", name), ["v2"])


class SecureRegistryTests(ClientTests):
    def test_authority(self):
        """A registry under TLS is spoken to once its authority is known, and never without TLS"""
        with SecureRegistry() as registry:
            self.log_in(registry.host, "anybody", registry.token)
            (self.home / "model.safetensors").write_bytes(safetensors())
            name = f"{registry.host}/team/model:v1"
            said = self.securectl("push", self.home / "model.safetensors", name, status=69)
            self.assertIn("authority", said)
            known = ("--ca-file", registry.authority.path)
            self.securectl("push", self.home / "model.safetensors", name, *known)
            self.environment["REGISTRY_CA_FILE"] = str(registry.authority.path)
            self.assertEqual(self.document("tags", f"{registry.host}/team/model"), ["v1"])
            self.assertIn("not trusted", self.securectl("pull", name, self.home / "out", status=77))
            self.assertNotEqual(self.securectl("tags", f"{registry.host}/team/model", "--plain-http", status=None), "")
            with RedirectingPort(registry.host) as port:
                self.log_in(port.host, "anybody", registry.token)
                self.assertEqual(self.document("tags", f"{port.host}/team/model"), ["v1"])


class PullTests(ClientTests):
    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(SimulatedRegistry())
        self.name = f"{self.registry.host}/team/model:v1"
        self.out = self.home / "out"

    def kill_a_pull(self):
        """Kills one when its first part is there and the others are not."""
        self.registry.held = threading.Event()
        process = subprocess.Popen(
            [PROGRAMS / "securectl", "pull", self.name, self.out], env=self.environment, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while time.monotonic() < end and not any(
                marks.read_bytes().endswith(b"1") for marks in self.out.glob(".pratique-*.parts")):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.registry.held.set()
        self.registry.held = None

    def test_parts(self):
        """A large file comes in parts, each byte of it once"""
        content = os.urandom(50 * MEBIBYTE + 5)
        self.registry.manifest([self.registry.file("weights.bin", content)])
        self.securectl("pull", self.name, self.out)
        self.assertEqual((self.out / "weights.bin").read_bytes(), content)
        self.assertEqual(os.listdir(self.out), ["weights.bin"])
        parts = sorted(
            tuple(map(int, request["headers"]["Range"].removeprefix("bytes=").split("-")))
            for request in self.registry.asked("/blobs/"))
        self.assertEqual(len(parts), 4)
        self.assertEqual(parts[0][0], 0)
        self.assertEqual(parts[-1][1], len(content) - 1)
        self.assertTrue(all(left[1] + 1 == right[0] for left, right in zip(parts, parts[1:])))

    def test_no_ranges(self):
        """A registry that gives nothing but whole blobs is asked once and believed"""
        content = os.urandom(50 * MEBIBYTE)
        self.registry.ranges = False
        self.registry.manifest([self.registry.file("weights.bin", content)])
        self.securectl("pull", self.name, self.out)
        self.assertEqual((self.out / "weights.bin").read_bytes(), content)
        self.assertEqual(len(self.registry.asked("/blobs/")), 1)

    def test_break_without_ranges(self):
        """A registry that gives nothing but whole blobs is asked again after a break"""
        content = os.urandom(20 * MEBIBYTE)
        self.registry.ranges = False
        self.registry.cut = [12 * MEBIBYTE]
        self.registry.manifest([self.registry.file("weights.bin", content)])
        self.securectl("pull", self.name, self.out)
        self.assertEqual((self.out / "weights.bin").read_bytes(), content)
        self.assertEqual(len(self.registry.asked("/blobs/")), 2)

    def test_breaks(self):
        """A connection that breaks is taken up at the byte where it broke"""
        content = os.urandom(20 * MEBIBYTE)
        self.registry.manifest([self.registry.file("weights.bin", content)])
        self.registry.cut = [12 * MEBIBYTE]
        self.securectl("pull", self.name, self.out)
        self.assertEqual((self.out / "weights.bin").read_bytes(), content)
        starts = [request["headers"]["Range"] for request in self.registry.asked("/blobs/")]
        self.assertEqual(len(starts), 3)
        self.assertTrue(any(start not in ("bytes=0-", "bytes=16777216-") for start in
                            (text.partition("-")[0] + "-" for text in starts)), starts)

    def test_killed(self):
        """A pull that was killed fetches what is missing, and the file has its name only when it is whole"""
        content = os.urandom(64 * MEBIBYTE)
        self.registry.manifest([self.registry.file("weights.bin", content)])
        self.kill_a_pull()
        self.assertFalse((self.out / "weights.bin").exists())
        self.registry.requests.clear()
        self.securectl("pull", self.name, self.out)
        self.assertEqual((self.out / "weights.bin").read_bytes(), content)
        self.assertFalse(any("bytes=0-" in request["headers"]["Range"] for request in self.registry.asked("/blobs/")))
        self.assertEqual(os.listdir(self.out), ["weights.bin"])

    def test_wrong_bytes(self):
        """Bytes that are not what the digest names are refused, and nothing of them stays"""
        self.registry.manifest([self.registry.file("weights.bin", os.urandom(1000))])
        self.registry.altered = True
        self.assertIn("Nothing of it was kept", self.securectl("pull", self.name, self.out, status=11))
        self.assertEqual(os.listdir(self.out), [])

    def test_wrong_parts(self):
        """Parts that an earlier attempt left and that are wrong, cut off or too long are fetched again"""
        content = os.urandom(40 * MEBIBYTE)
        self.registry.manifest([self.registry.file("weights.bin", content)])
        for damage in (lambda old: bytes(len(old)), lambda old: old[:1000], lambda old: b"", lambda old: old + old):
            with self.subTest(damage(b"x")):
                self.kill_a_pull()
                partial, = self.out.glob(".pratique-*.partial")
                partial.write_bytes(damage(partial.read_bytes()))
                self.securectl("pull", self.name, self.out)
                self.assertEqual((self.out / "weights.bin").read_bytes(), content)
                self.assertEqual(os.listdir(self.out), ["weights.bin"])
                shutil.rmtree(self.out)

    def test_part_refused(self):
        """A part that the registry refuses ends the pull, whatever the other parts do"""
        content = os.urandom(80 * MEBIBYTE)
        blob = self.registry.file("weights.bin", content)
        self.registry.manifest([blob])
        answer = self.registry.send_blob

        def refuse(handler, name):
            if "bytes=33554432-" in (handler.headers["Range"] or ""):
                return self.registry.send(handler, 403, {}, b'{"errors": [{"code": "DENIED", "message": "gone"}]}')
            return answer(handler, name)

        self.registry.send_blob = refuse
        self.assertIn("gone", self.securectl("pull", self.name, self.out, status=77))
        self.assertFalse((self.out / "weights.bin").exists())

    def test_sizes(self):
        """Sizes that no blob has are refused before a byte is fetched"""
        blob = self.registry.file("a", b"a")
        for sizes in ([2**63 - 1], [2**63 - 1, 2**63 - 1, 3], [2**44 + 1]):
            with self.subTest(sizes):
                layers = [
                    blob | {"size": size, "digest": "sha256:" + str(number) * 64}
                    for number, size in enumerate(sizes)]
                self.registry.manifest(layers)
                self.securectl("pull", self.name, self.out, status=65)
                self.securectl("layout", "export", self.name, self.home / "layout", status=65)
        self.assertEqual(self.registry.asked("/blobs/"), [])

    def test_work_names(self):
        """No layer takes the name of a file in the making"""
        self.registry.manifest([self.registry.file(".pratique-x/a", b"a")])
        self.securectl("pull", self.name, self.out, status=65)

    def test_wrong_manifest(self):
        """A manifest that is not what was named by digest is refused"""
        self.registry.manifest([self.registry.file("a", b"a")])
        other = "sha256:" + "0" * 64
        self.registry.manifests[other] = self.registry.manifests["v1"]
        self.securectl("pull", f"{self.registry.host}/team/model@{other}", self.out, status=11)

    def test_names(self):
        """No name of a layer leads out of the directory, or through a link in it"""
        self.registry.manifest([
            self.registry.file("../outside", b"1"), self.registry.file("/absolute", b"2"),
            self.registry.file("a/../../b", b"3"), self.registry.file("fine/file", b"4")])
        self.securectl("pull", self.name, self.out)
        self.assertEqual(
            sorted(self.files(self.out)), ["fine/file", "layers/0", "layers/1", "layers/2"])
        self.assertEqual(sorted(path.name for path in self.home.iterdir()), ["out"])
        shutil.rmtree(self.out / "fine")
        (self.home / "elsewhere").mkdir()
        (self.out / "fine").symlink_to(self.home / "elsewhere")
        self.securectl("pull", self.name, self.out, status=66)
        self.assertEqual(os.listdir(self.home / "elsewhere"), [])

    def test_present(self):
        """A file that is there and differs stays, unless it is to be replaced"""
        self.registry.manifest([self.registry.file("file", b"new"), self.registry.file("other", b"x")])
        self.out.mkdir()
        (self.out / "file").write_bytes(b"old")
        self.securectl("pull", self.name, self.out, status=13)
        self.assertEqual(self.files(self.out), {"file": b"old"})
        self.securectl("pull", self.name, self.out, "--overwrite")
        self.assertEqual(self.files(self.out), {"file": b"new", "other": b"x"})

    def test_index(self):
        """An index is not pulled: what it lists is named instead"""
        child = self.registry.manifest([self.registry.file("a", b"a")])
        size = len(self.registry.manifests[child][0])
        index = {
            "schemaVersion": 2, "mediaType": OCI_INDEX,
            "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": child, "size": size}]}
        self.registry.put(json.dumps(index).encode(), OCI_INDEX, "all")
        said = self.securectl("pull", f"{self.registry.host}/team/model:all", self.out, status=64)
        self.assertIn(f"{self.registry.host}/team/model@{child}", said)

    def test_no_registry(self):
        """A reference without a registry is refused, and one that nobody answers for is told apart"""
        self.securectl("pull", "team/model:v1", status=64)
        self.securectl("pull", "127.0.0.1:1/team/model:v1", self.out, status=69)
        self.assertIn("nothing of that name", self.securectl("tags", f"{self.registry.host}/other", status=66))

    def test_pages(self):
        """Tags are listed page by page, and a next page elsewhere is not asked for"""
        tags = "/v2/team/model/tags/list"
        self.registry.extra = {
            f"{tags}?n=1000": (200, {"Link": f'<{tags}?n=1000&last=b>; rel="next"'}, b'{"tags": ["a", "b"]}'),
            f"{tags}?n=1000&last=b": (200, {}, b'{"tags": ["c"]}')}
        self.assertEqual(self.document("tags", f"{self.registry.host}/team/model"), ["a", "b", "c"])
        self.registry.extra[f"{tags}?n=1000"] = (
            200, {"Link": '<http://127.0.0.2:9/v2/>; rel="next"'}, b'{"tags": ["a"]}')
        self.securectl("tags", f"{self.registry.host}/team/model", status=76)

    def test_referrers(self):
        """Referrers come from the registry's list, else from the tag under which clients keep one"""
        subject = self.registry.manifest([self.registry.file("a", b"a")])
        row = {
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + "1" * 64, "size": 5,
            "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json"}
        index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [row]}).encode()
        self.assertEqual(self.document("referrers", self.name), [])
        self.registry.put(index, OCI_INDEX, subject.replace(":", "-"))
        self.assertEqual([found["digest"] for found in self.document("referrers", self.name)], [row["digest"]])
        self.assertEqual(self.document("referrers", self.name, "--type", "application/vnd.other"), [])
        self.registry.extra[f"/v2/team/model/referrers/{subject}"] = (200, {}, index.replace(b"1111", b"2222"))
        self.assertEqual(
            [found["digest"] for found in self.document("referrers", self.name)], ["sha256:" + "2" * 64])

    def test_odd_referrers(self):
        """A line of a list of referrers that cannot be read is shown as one, and hides none of the others"""
        subject = self.registry.manifest([self.registry.file("a", b"a")])
        row = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + "1" * 64, "size": 5,
               "artifactType": "application/spdx+json"}
        odd = ["nothing", row | {"digest": "md5:1"}, row | {"size": -1}]
        listed = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [odd[0], row, *odd[1:]]}).encode()
        target = f"/v2/team/model/referrers/{subject}"
        self.registry.extra[target] = (200, {}, listed)
        for options in ([], ["--type", "application/spdx+json"]):
            found = self.document("referrers", self.name, *options, status=76)
            self.assertEqual([line["digest"] for line in found if "digest" in line], [row["digest"]])
            self.assertEqual([line["unreadable"] for line in found if "unreadable" in line], odd)
        self.assertEqual(
            [line.split()[0] for line in self.securectl("referrers", self.name, status=76).splitlines()[1:5]],
            ["unreadable", row["digest"], "unreadable", "unreadable"])
        self.registry.extra[target] = (200, {}, b'{"manifests": 1}')
        self.securectl("referrers", self.name, status=76)


class LoginTests(ClientTests):
    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(SimulatedRegistry())
        self.registry.manifest([self.registry.file("file", b"content")])
        self.name = f"{self.registry.host}/team/model:v1"

    def configure(self, **members):
        folder = self.home / ".docker"
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(members))

    def helper(self, answer, status=0):
        programs = self.home / "programs"
        programs.mkdir(exist_ok=True)
        program = programs / "docker-credential-test"
        program.write_text(
            f"#!/bin/sh\nread host\necho \"$1 $host\" >> {self.home}/asked\nprintf '%s' '{answer}'\nexit {status}\n")
        program.chmod(0o755)
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"

    def test_basic(self):
        """A name and password of docker's file open a registry that asks for them, and others stay closed"""
        self.registry.challenge, self.registry.accepted = 'Basic realm="x"', [basic("me", "pass:word")]
        self.assertIn("does not let us in", self.securectl("pull", self.name, self.home / "out", status=77))
        self.log_in(self.registry.host, "me", "wrong")
        self.securectl("pull", self.name, self.home / "out", status=77)
        self.log_in(self.registry.host, "me", "pass:word")
        self.securectl("pull", self.name, self.home / "out")

    def test_bearer(self):
        """A token service is asked with what is known for the registry, once for each scope"""
        service = f"http://{self.registry.host}/token"
        self.registry.challenge = f'Bearer realm="{service}",service="svc",scope="repository:team/model:pull"'
        self.registry.accepted = ["Bearer abc"]
        self.registry.extra["/token"] = (200, {}, b'{"access_token": "abc", "expires_in": 300}')
        self.log_in(self.registry.host, "me", "password")
        self.securectl("pull", self.name, self.home / "out")
        asked = self.registry.asked("/token")
        self.assertEqual(len(asked), 1, asked)
        self.assertEqual(asked[0]["target"], "/token?service=svc&scope=repository%3Ateam%2Fmodel%3Apull")
        self.assertEqual(asked[0]["headers"]["Authorization"], basic("me", "password"))

    def test_refresh_token(self):
        """An identity token is exchanged by POST, and never sent to the registry"""
        service = f"http://{self.registry.host}/token"
        self.registry.challenge, self.registry.accepted = f'Bearer realm="{service}",service="svc"', ["Bearer abc"]
        self.registry.extra["/token"] = (200, {}, b'{"token": "abc"}')
        self.configure(auths={self.registry.host: {"identitytoken": "secret/one"}})
        self.securectl("pull", self.name, self.home / "out")
        asked = self.registry.asked("/token")
        self.assertEqual([request["method"] for request in asked], ["POST"])
        self.assertIn("grant_type=refresh_token", asked[0]["body"])
        self.assertIn("refresh_token=secret%2Fone", asked[0]["body"])
        self.assertFalse(any("secret" in str(request["headers"]) for request in self.registry.requests))

    def test_helper(self):
        """A credential helper is asked about the registry, and what it does not know is nobody"""
        self.registry.challenge, self.registry.accepted = 'Basic realm="x"', [basic("kept", "secret")]
        self.helper(json.dumps({"ServerURL": "", "Username": "kept", "Secret": "secret"}))
        self.configure(credHelpers={self.registry.host: "test"})
        self.securectl("pull", self.name, self.home / "out")
        self.assertEqual((self.home / "asked").read_text(), f"get {self.registry.host}\n")
        self.helper("credentials not found in native keychain", status=1)
        self.securectl("pull", self.name, self.home / "out", status=77)
        self.helper("broken", status=3)
        self.assertIn("docker-credential-test failed", self.securectl("pull", self.name, self.home / "out", status=78))
        self.configure(credsStore="../evil")
        self.securectl("pull", self.name, self.home / "out", status=78)
        self.configure(credsStore="absent")
        self.assertIn("docker-credential-absent", self.securectl("pull", self.name, self.home / "out", status=78))

    def test_elsewhere(self):
        """Bytes may come from another server, which hears no credential"""
        other = self.enterContext(SimulatedRegistry())
        other.blobs = self.registry.blobs
        self.registry.elsewhere = f"http://{other.host}"
        self.registry.challenge, self.registry.accepted = 'Basic realm="x"', [basic("me", "password")]
        self.log_in(self.registry.host, "me", "password")
        self.securectl("pull", self.name, self.home / "out")
        self.assertEqual((self.home / "out/file").read_bytes(), b"content")
        self.assertTrue(other.requests)
        self.assertFalse(any("Authorization" in request["headers"] for request in other.requests))

    def test_elsewhere_asks(self):
        """A server that the registry sends us to gets no credential for asking, nor does a token service that it names"""
        other = self.enterContext(SimulatedRegistry())
        other.blobs = self.registry.blobs
        other.challenge, other.accepted = f'Bearer realm="http://{other.host}/token"', ["Bearer abc"]
        other.extra["/token"] = (200, {}, b'{"token": "abc"}')
        self.registry.elsewhere = f"http://{other.host}"
        self.registry.challenge, self.registry.accepted = 'Basic realm="x"', [basic("me", "password")]
        self.log_in(self.registry.host, "me", "password")
        self.securectl("pull", self.name, self.home / "out", status=77)
        self.assertEqual(other.asked("/token"), [])
        self.assertFalse(any("Authorization" in request["headers"] for request in other.requests))

    def test_two_registries(self):
        """The token of a file is not shown to two registries"""
        (self.home / "token").write_text("secret\n")
        other = self.enterContext(SimulatedRegistry())
        self.securectl("copy", self.name, f"{other.host}/team/model", "--token-file", self.home / "token", status=64)
        self.assertEqual(other.requests + self.registry.requests, [])

    def test_round_about(self):
        """Redirects without an end are an error"""
        self.registry.elsewhere = f"http://{self.registry.host}"
        self.securectl("pull", self.name, self.home / "out", status=76)

    def test_token_file(self):
        """A token of a file is sent as it is, and one that is wrong is not sent again"""
        self.registry.challenge, self.registry.accepted = 'Basic realm="x"', ["Bearer from-a-file"]
        (self.home / "token").write_text("from-a-file\n")
        self.securectl("pull", self.name, self.home / "out", "--token-file", self.home / "token")
        (self.home / "token").write_text("a-wrong-one\n")
        self.securectl("manifest", self.name, "--token-file", self.home / "token", status=77)
        sent = [request["headers"]["Authorization"] for request in self.registry.asked("/manifests/")]
        self.assertEqual(sent, ["Bearer from-a-file", "Bearer a-wrong-one"])

    def test_broken_file(self):
        """A file of credentials that cannot be read is an error, not nobody"""
        (self.home / ".docker").mkdir()
        for text in ("{", "[]", json.dumps({"auths": {self.registry.host: {"auth": "%%%"}}})):
            with self.subTest(text):
                (self.home / ".docker/config.json").write_text(text)
                self.securectl("pull", self.name, self.home / "out", status=78)
