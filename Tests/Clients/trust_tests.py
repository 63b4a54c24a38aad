"""The trusted root: from a repository of The Update Framework, kept until it expires, or pinned."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from running_registry import CHECKOUT, PROGRAMS, RunningRegistry
from tuf_repository import Key, RepositoryServer, TUFRepository

TRUSTED_ROOT = json.dumps({
    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "tlogs": [], "certificateAuthorities": [], "ctlogs": [], "timestampAuthorities": [],
}).encode()


class TrustTests(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pratique-trust-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.repository = TUFRepository(self.home / "repository")
        self.repository.add("trusted_root.json", TRUSTED_ROOT)
        self.repository.publish("targets", "snapshot", "timestamp")
        self.cache = self.home / "trust"
        self.server = RepositoryServer(self.repository.home)

    def settings(self):
        return {
            "trust_repository_url": self.server.address, "trust_anchor_path": str(self.repository.anchor),
            "trust_cache_path": str(self.cache),
        }

    def trust(self, command, settings=None, time=None):
        arguments = [PROGRAMS / "pratique", "trust", command]
        for name, value in (self.settings() if settings is None else settings).items():
            arguments += ["--set", f"{name}={value}"]
        if time is not None:
            arguments = ["faketime", time, *arguments]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=60)

    def update(self):
        done = self.trust("update")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done

    def test_update_show_check(self):
        """An update keeps what shows and checks without the repository"""
        with self.server:
            self.assertRegex(self.update().stdout, r"^usable until \S+Z, when \w+ expires: sha256:[0-9a-f]{64}\n$")
            asked = list(self.server.requests)
            self.assertEqual(asked[:4], ["/2.root.json", "/timestamp.json", "/2.snapshot.json", "/2.targets.json"])
            self.assertTrue(asked[4].startswith("/targets/") and asked[4].endswith(".trusted_root.json"))
            self.update()
            self.assertEqual(self.server.requests[5:], ["/2.root.json", "/timestamp.json"])
        for command in ("show", "check"):
            done = self.trust(command)
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        shown = dict(line.split("  ", 1) for line in self.trust("show").stdout.splitlines())
        self.assertEqual(shown["target"].strip(), "trusted_root.json, named by targets")
        self.assertRegex(shown["timestamp"], r"version 2, expires ")
        self.assertEqual(self.trust("update").returncode, 69)
        self.assertEqual((self.cache / "content/trusted_root.json").read_bytes(), TRUSTED_ROOT)

    @unittest.skipUnless(shutil.which("faketime"), "faketime is missing: scripts/setup")
    def test_expired(self):
        """What has expired is refused, and no setting makes it count"""
        with self.server:
            self.update()
        for command in ("show", "check"):
            done = self.trust(command, time="+8 days")
            self.assertEqual((done.returncode, done.stdout), (11, ""), command)
            self.assertIn("[tuf_expired]", done.stderr)
        self.assertEqual(self.trust("check", time="+6 days").returncode, 0)

    def test_refused(self):
        """What nobody signed changes nothing, and says what is wrong"""
        with self.server:
            self.update()
            timestamp = self.repository.home / "timestamp.json"
            signed = timestamp.read_text()
            timestamp.write_text(signed.replace('"version": 2', '"version": 3'))
            done = self.trust("update")
            self.assertEqual(done.returncode, 11)
            self.assertIn("[tuf_threshold_not_met]", done.stderr)
            self.assertEqual(self.trust("check").returncode, 0)
            timestamp.write_text(signed)
            self.repository.keys["root"] = Key(self.home / "other.pem")
            self.repository.publish("root")
            self.assertIn("[tuf_threshold_not_met]", self.trust("update").stderr)

    def test_changed_cache(self):
        """Whoever changes the cache gets refusals, and no trust"""
        self.assertEqual(self.trust("check").returncode, 12)
        with self.server:
            self.update()
        (self.cache / "content/trusted_root.json").write_bytes(TRUSTED_ROOT + b" ")
        # Bytes that are not those of the target are as good as none.
        self.assertIn("[tuf_target_absent]", self.trust("check").stderr)
        with self.server_again():
            self.update()
        (self.cache / "targets.json").write_text("{}")
        done = self.trust("check")
        self.assertEqual(done.returncode, 12)
        self.assertIn("[tuf_absent]", done.stderr)

    def server_again(self):
        self.server = RepositoryServer(self.repository.home)
        return self.server

    def test_pinned(self):
        """A pinned trusted root is used as it is, and says so"""
        path = self.home / "pinned.json"
        path.write_bytes(TRUSTED_ROOT)
        settings = {"trusted_root_path": str(path)}
        self.assertRegex(self.trust("check", settings).stdout, r"^usable: pinned, sha256:[0-9a-f]{64}\n$")
        self.assertIn("nothing is fetched, and nothing expires", self.trust("show", settings).stdout)
        path.write_text("{}")
        self.assertEqual(self.trust("check", settings).returncode, 78)

    def test_configuration(self):
        """Settings that leave open what is trusted are refused"""
        self.assertEqual(self.trust("check", {}).returncode, 78)
        for changes, name in [
            ({"trusted_root_path": "/a"}, "trusted_root_path"), ({"trust_anchor_path": ""}, "trust_anchor_path"),
            ({"trust_repository_url": "http://tuf.example"}, "trust_repository_url"),
            ({"trust_repository_url": "tuf.example"}, "trust_repository_url"),
            ({"trust_cache_path": "here"}, "trust_cache_path"),
            ({"trust_anchor_path": str(self.home / "none")}, "trust_anchor_path"),
        ]:
            with self.subTest(changes):
                done = self.trust("update", self.settings() | changes)
                self.assertEqual(done.returncode, 78)
                self.assertIn(name, done.stderr)

    def test_server(self):
        """The server keeps the trusted root fresh by itself"""
        with self.server, RunningRegistry(self.settings()):
            end = time.monotonic() + 30
            while not (self.cache / "content/trusted_root.json").exists():
                self.assertLess(time.monotonic(), end, "no update within 30 seconds")
                time.sleep(0.05)


class ConformanceClientTests(unittest.TestCase):
    """The protocol of tuf-conformance, as its suite speaks it."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pratique-tuf-"))
        self.addCleanup(shutil.rmtree, self.home)
        self.repository = TUFRepository(self.home / "repository")
        self.repository.add("file.txt", b"content")
        self.repository.publish("targets", "snapshot", "timestamp")
        for name in ("metadata", "downloads"):
            (self.home / name).mkdir()

    def client(self, *arguments):
        environment = os.environ | {"SECURECTL": str(PROGRAMS / "securectl")}
        command = [CHECKOUT / "Tools/conformance/tuf-client", "--metadata-dir", self.home / "metadata", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, timeout=60).returncode

    def test_protocol(self):
        """init, refresh and download end with 0 or 1 and leave what the protocol says"""
        self.assertEqual(self.client("init", self.home / "none"), 1)
        self.assertEqual(self.client("init", self.repository.anchor), 0)
        with RepositoryServer(self.repository.home) as server:
            address = ["--metadata-url", server.address]
            self.assertEqual(self.client(*address, "refresh"), 0)
            names = {path.name for path in (self.home / "metadata").iterdir() if path.suffix == ".json"}
            self.assertEqual(names, {"root.json", "timestamp.json", "snapshot.json", "targets.json"})
            download = [
                *address, "--target-base-url", server.address + "/targets", "--target-dir", self.home / "downloads",
                "--target-name", "file.txt",
            ]
            self.assertEqual(self.client(*download, "download"), 0)
            self.assertEqual((self.home / "downloads/file.txt").read_bytes(), b"content")
            self.assertEqual(self.client(*download, "--target-name", "none", "download"), 1)
            self.assertEqual(self.client("--metadata-url", server.address + "/none", "refresh"), 1)
