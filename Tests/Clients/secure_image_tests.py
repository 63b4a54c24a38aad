"""Images over TLS: podman and buildah with an authority of the test's own, logged in by podman."""

import json
import pathlib
import shutil
import unittest

from push_tests import ImageClient
from repository_client import OpenRepositories
from secure_registry import Authority, SecureRegistry

TOOLS = ("podman", "buildah")
UNKNOWN = "certificate signed by unknown authority"


class SecureImages(SecureRegistry, OpenRepositories):
    """Where reading takes a credential, and `images` has no gate."""


@unittest.skipUnless(shutil.which("podman") and shutil.which("buildah"), "podman or buildah is missing: scripts/setup")
class SecureImageTests(ImageClient):
    kind = SecureImages

    def setUp(self):
        super().setUp()
        self.known = self.registry.authority.certificates(self.registry.home / "known")

    def other_authority(self, name):
        folder = pathlib.Path(self.registry.secrets.name) / name
        folder.mkdir()
        return Authority(folder)

    def log_in(self, certificates, status=0):
        return self.podman(
            "login", "--cert-dir", certificates, "--username", "anybody", "--password", self.registry.token,
            self.registry.host, status=status)

    @property
    def login(self):
        """What podman has kept is all that is shown."""
        return ["--cert-dir", self.known]

    def run_tool(self, tool, *arguments, **options):
        return getattr(self, tool)(*arguments, **options)

    def push(self, tool, address, **options):
        return self.run_tool(tool, "push", *self.login, "document", f"docker://{address}", **options)

    def pull(self, tool, address, **options):
        """- Returns: what was printed; in good case that is the image's digest."""
        # Else buildah is content with an image of that name that is here.
        anew = ["--policy", "always"] if tool == "buildah" else []
        return self.run_tool(tool, "pull", "--quiet", *anew, *self.login, address, **options)

    def build_document(self, kind="document"):
        """An image of a configuration alone, which holds no archive.

        - Returns: its digest.
        """
        (self.registry.home / "Containerfile").write_text(f'FROM scratch\nLABEL kind={kind}\nCMD ["/none"]\n')
        built = self.buildah("build", "--quiet", "--layers", "--tag", "document", "--file", "Containerfile", ".")
        return built.stdout.strip()

    def requests(self):
        """How many the server answered, its health aside."""
        lines = (json.loads(line) for line in self.registry.log_text().splitlines() if line.startswith("{"))
        return sum("method" in line and line["path"] != "/health" for line in lines)

    def test_gate(self):
        """podman and buildah push by TLS, are refused, and pull the same once securectl promoted it"""
        self.log_in(self.known)
        for tool in TOOLS:
            with self.subTest(tool):
                built = self.build_document(tool)
                address = self.address(f"team/{tool}", "1")
                self.push(tool, address)
                self.assertIn("is acquired, not trusted", self.pull(tool, address, status=125).stderr)
                promoted = self.registry.securectl(
                    "promote", f"team/{tool}:1", "--ca-file", self.registry.authority.path)
                self.assertEqual(promoted.returncode, 0, promoted.stderr)
                self.buildah("rmi", "--all", "--force")
                self.assertEqual(self.pull(tool, address).stdout.strip(), built)

    def test_layers(self):
        """What buildah built and pushed by TLS podman pulls, pushes elsewhere, and buildah pulls from there"""
        self.log_in(self.known)
        built = self.push_built("images/tiny").strip()
        self.buildah("rmi", "--all", "--force")
        first, second = self.address("images/tiny", "1"), self.address("images/second", "2")
        self.assertEqual(self.pull("podman", first).stdout.strip(), built)
        self.podman("push", *self.login, first, second)
        self.podman("rmi", "--all", "--force")
        self.assertEqual(self.pull("buildah", second).stdout.strip(), built)

    def assert_all_refused(self, address, reason):
        for tool in TOOLS:
            for verb in (self.push, self.pull):
                with self.subTest(tool, verb=verb.__name__):
                    self.assertIn(reason, verb(tool, address, status=125).stderr.lower())

    def test_credentials(self):
        """Without a login, and after podman forgot it, neither of them pushes or pulls"""
        self.build_document()
        address = self.address("images/document", "1")
        self.assert_all_refused(address, "unauthorized")
        self.log_in(self.known)
        self.push("buildah", address)
        self.pull("podman", address)
        self.podman("logout", self.registry.host)
        self.assert_all_refused(address, "unauthorized")

    def test_wrong_authority(self):
        """With another authority, or none, nothing is asked, nor is the password shown"""
        self.build_document()
        self.log_in(self.known)
        address = self.address("images/document", "1")
        self.push("podman", address)
        none = self.registry.home / "none"
        none.mkdir()
        before = self.requests()
        self.assertGreater(before, 0)
        for self.known in (self.other_authority("other").certificates(self.registry.home / "wrong"), none):
            refused = self.log_in(self.known, status=125)
            self.assertIn(UNKNOWN, refused.stderr)
            self.assert_all_refused(address, UNKNOWN)
        self.assertEqual(self.requests(), before)

    def test_renewal(self):
        """A certificate that was renewed is shown to the next connection, and the server runs on"""
        built = self.build_document()
        self.log_in(self.known)
        address = self.address("images/document", "1")
        self.push("podman", address)
        process = self.registry.process.pid
        renewed = self.other_authority("renewed")
        self.registry.renew(renewed)
        self.assert_all_refused(address, UNKNOWN)
        self.known = renewed.certificates(self.registry.home / "renewed")
        for tool in TOOLS:
            self.push(tool, self.address("images/document", tool))
            self.assertEqual(self.pull(tool, address).stdout.strip(), built)
        self.assertEqual((self.registry.process.poll(), self.registry.process.pid), (None, process))
