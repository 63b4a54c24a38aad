"""Large files over TLS: in parts over HTTP/1.1 and over HTTP/2, and with either end killed on the way."""

import contextlib
import json
import signal
import subprocess
import time
import unittest

import tiny_model
from other_registries import HoldingProxy
from registry_client_tests import MEBIBYTE, ClientTests
from repository_client import BYTES, GuardedRegistry, Repository, digest, expect
from running_registry import PROGRAMS
from secure_registry import SecureRegistry, weights

PART = 16 * MEBIBYTE
# What client and registry say beside the file, and what TLS adds to it.
SLACK = 4 * MEBIBYTE
# After which the proxy holds what clients send: of four parts under way three or more are whole.
HELD = 120 * MEBIBYTE


class GuardedSecureRegistry(SecureRegistry, GuardedRegistry):
    """Where reading takes a credential."""


class SecureTransferTests(ClientTests):
    """A registry behind a proxy that counts, and a file that is large enough for parts."""

    @classmethod
    def setUpClass(cls):
        cls.content = weights(200)

    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(GuardedSecureRegistry())
        self.proxy = self.enterContext(HoldingProxy(self.registry.host, HELD))
        self.file = self.home / "weights.safetensors"
        self.file.write_bytes(self.content)
        self.name = f"{self.proxy.host}/team/model:v1"
        self.log_in(self.proxy.host, "anybody", self.registry.token)
        self.environment |= {
            "REGISTRY_CA_FILE": str(self.registry.authority.path), "REGISTRY_URL": f"https://{self.proxy.host}",
            "SERVICE_TOKEN_PATH": str(self.registry.token_path)}

    def requests(self, method, registry=None):
        lines = (registry or self.registry).log_text().splitlines()
        lines = (json.loads(line) for line in lines if line.startswith("{"))
        return [line for line in lines if line.get("method") == method and "/blobs/uploads/" in line["path"]]

    def assert_kept(self):
        """Its bytes are the file's, here and when they are pulled, and nothing of the upload is left."""
        folder = self.registry.directory / "store"
        name = digest(self.content)[7:]
        self.assertEqual((folder / "blobs/sha256" / name[:2] / name).read_bytes(), self.content)
        self.assertEqual(list((folder / "uploads").iterdir()), [])
        remembered = self.home / ".local/state/pratique/uploads"
        self.assertEqual(list(remembered.iterdir()) if remembered.exists() else [], [])
        self.securectl("promote", "team/model:v1")
        self.securectl("pull", self.name, self.home / "out")
        self.assertEqual((self.home / "out/weights.safetensors").read_bytes(), self.content)

    def begin(self, *arguments):
        """- Returns: the command under way, with the file half sent."""
        process = subprocess.Popen(
            [PROGRAMS / "securectl", *map(str, arguments)], env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertTrue(self.proxy.is_full.wait(60))
        return process

    def wait_for_parts(self):
        """Waits for the parts that the registry must have of what the proxy let pass."""
        end = time.monotonic() + 60
        while len(self.requests("PATCH")) < 3:
            self.assertLess(time.monotonic(), end)

    def kill_client(self, process):
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.proxy.go_on()

    def kill_server(self, process):
        """Kills and starts the registry, and lets the command come to its end: it waits for a start as long as that."""
        self.registry.kill_and_start()
        self.proxy.go_on()
        text, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, text)

    def assert_sent(self, most, before=0):
        """That clients sent no more than `most` bytes and what goes along with them."""
        self.assertLess(self.proxy.received - before, most + SLACK)


class PartTests(SecureTransferTests):
    """`securectl push FILE REFERENCE` and `securectl copy`: parts, over several connections."""

    def push(self):
        return self.begin("push", self.file, self.name)

    def push_again(self):
        self.securectl("push", self.file, self.name)

    def test_push(self):
        """A large file goes over TLS in parts over several connections, and comes back as it was"""
        self.proxy.go_on()
        self.push_again()
        self.assertEqual([line["status"] for line in self.requests("PATCH")], ["202"] * 13)
        self.assert_sent(len(self.content))
        self.assertGreaterEqual(len(self.proxy.greetings), 4)
        # Several streams of one connection of HTTP/2 would share one core.
        self.assertFalse(any(b"\x02h2" in greeting for greeting in self.proxy.greetings))
        self.assert_kept()

    def test_killed_server(self):
        """A push by TLS whose server is killed in the middle of parts waits for it and sends what is missing"""
        process = self.push()
        self.wait_for_parts()
        self.kill_server(process)
        self.assert_sent(HELD + len(self.content) - 3 * PART)
        self.assert_kept()

    def test_killed_client(self):
        """A push by TLS that is killed in the middle of parts is gone on with to the byte"""
        process = self.push()
        self.wait_for_parts()
        self.kill_client(process)
        self.push_again()
        self.assert_sent(HELD + len(self.content) - 3 * PART)
        self.assert_kept()


class CopyTests(PartTests):
    """The same from one registry to another, each with an authority of its own."""

    def setUp(self):
        super().setUp()
        self.source = self.enterContext(SecureRegistry())
        self.log_in_to(self.source.host, self.source.token)
        both = self.home / "authorities.pem"
        both.write_bytes(self.registry.authority.path.read_bytes() + self.source.authority.path.read_bytes())
        self.environment["REGISTRY_CA_FILE"] = str(both)
        self.origin = f"{self.source.host}/team/origin:v1"
        self.securectl("push", self.file, self.origin)
        answer = Repository(self.source, "team/origin").promote("v1")
        self.assertEqual(answer.status, 201, answer.body)

    def log_in_to(self, host, token):
        path = self.home / ".docker/config.json"
        known = json.loads(path.read_text())["auths"]
        self.log_in(host, "anybody", token)
        path.write_text(json.dumps({"auths": known | json.loads(path.read_text())["auths"]}))

    def push(self):
        return self.begin("copy", self.origin, self.name)

    def push_again(self):
        self.securectl("copy", self.origin, self.name)

    def test_push(self):
        """A large file is copied over TLS in parts over several connections, and comes back as it was"""
        super().test_push()

    def test_killed_server(self):
        """A copy by TLS whose target is killed in the middle of parts waits for it and sends what is missing"""
        super().test_killed_server()

    def test_killed_client(self):
        """A copy by TLS that is killed in the middle of parts is gone on with to the byte"""
        super().test_killed_client()


class StreamTests(SecureTransferTests):
    """`securectl push FILE --as NAME`: one stream of HTTP/2."""

    def push(self):
        return self.begin("push", self.file, "--as", "team/model", "--promote")

    def push_again(self):
        self.securectl("push", self.file, "--as", "team/model", "--promote")

    def wait_for_bytes(self):
        end = time.monotonic() + 60
        while self.size(self.registry.directory / "store/uploads") < HELD - 2 * PART:
            self.assertLess(time.monotonic(), end)

    @staticmethod
    def size(folder):
        """Of files that come and go while they are looked at."""
        total = 0
        for path in folder.rglob("*"):
            with contextlib.suppress(OSError):
                total += path.stat().st_blocks * 512
        return total

    def assert_trusted(self):
        path = self.securectl("path", "team/model").strip()
        with open(path, "rb") as file:
            self.assertEqual(file.read(), self.content)
        self.securectl("pull", f"{self.proxy.host}/team/model", self.home / "out")
        self.assertEqual((self.home / "out/weights.safetensors").read_bytes(), self.content)

    def test_push(self):
        """A large file goes over TLS as one stream of HTTP/2, each byte of it once"""
        self.proxy.go_on()
        self.push_again()
        self.assert_sent(len(self.content))
        # The server takes HTTP/2 from whoever offers it.
        self.assertTrue(all(b"\x02h2" in greeting for greeting in self.proxy.greetings))
        self.assertGreater(len(self.proxy.greetings), 0)
        self.assert_trusted()

    def test_killed_server(self):
        """A stream of HTTP/2 whose server is killed goes on where it was"""
        process = self.push()
        self.wait_for_bytes()
        self.kill_server(process)
        self.assert_sent(HELD + len(self.content) - (HELD - 2 * PART))
        self.assert_trusted()

    def test_killed_client(self):
        """A stream of HTTP/2 whose client is killed is gone on with where it was"""
        process = self.push()
        self.wait_for_bytes()
        self.kill_client(process)
        self.push_again()
        self.assert_sent(HELD + len(self.content) - (HELD - 2 * PART))
        self.assert_trusted()


class GoneTests(SecureTransferTests):
    def test_gone(self):
        """A server that does not come back is told from one that never was, and what arrived is kept"""
        one = self.begin("push", self.file, self.name)
        first, self.proxy = self.proxy, self.enterContext(HoldingProxy(self.registry.host, HELD))
        as_other = ("push", self.file, "--as", "team/other", "--server", f"https://{self.proxy.host}")
        other = self.begin(*as_other)
        self.registry.kill()
        for proxy in (first, self.proxy):
            proxy.go_on()
        for process in (one, other):
            text, _ = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 69, text)
            # The proxy takes connections and drops them, before or after the first words of TLS.
            self.assertRegex(text, "cannot be reached any more|The connection broke")
            self.assertNotIn("SSL", text)
            self.assertRegex(text, "[Gg]ive the same command again")
        self.registry.kill_and_start()
        self.securectl("push", self.file, self.name)
        self.securectl(*as_other)
        for proxy in (first, self.proxy):
            self.assertLess(proxy.received, HELD + len(self.content) - 3 * PART + SLACK)


class SharedConnectionTests(SecureTransferTests):
    """Parts as streams of one connection of HTTP/2, by curl."""

    def setUp(self):
        super().setUp()
        self.repository = Repository(self.registry, "team/model")
        self.location = f"https://{self.proxy.host}{self.repository.start()}"

    def send(self, parts):
        """- Returns: curl, sending parts side by side."""
        lines = []
        for number, first in enumerate(parts):
            content = self.content[first:first + PART]
            path = self.home / f"part-{first}"
            path.write_bytes(content)
            lines += ["next"] if number else ["parallel", "parallel-max = 4", "no-progress-meter"]
            lines += [
                "http2", f'cacert = "{self.registry.authority.path}"', "request = PATCH", f'url = "{self.location}"',
                f'header = "Authorization: Bearer {self.registry.token}"', f'header = "Content-Type: {BYTES}"',
                f'header = "Content-Range: bytes {first}-{first + len(content) - 1}/{len(self.content)}"',
                f'upload-file = "{path}"', r'write-out = "%{http_version} %{http_code}\n"']
        process = subprocess.Popen(
            ["curl", "--config", "-"], env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        process.stdin.write("\n".join(lines))
        process.stdin.close()
        return process

    def missing(self):
        """Where the parts begin of which something is missing."""
        answer = expect(self.repository.get(self.location.partition(self.proxy.host)[2]), 204)
        ranges = [text.split("-") for text in answer.headers.get("Pratique-Upload-Ranges", "").split(",") if text]
        present = [(int(first), int(last) + 1) for first, last in ranges]
        return [
            first for first in range(0, len(self.content), PART)
            if not any(start <= first and min(first + PART, len(self.content)) <= end for start, end in present)]

    def finish(self):
        path = self.location.partition(self.proxy.host)[2]
        expect(self.repository.finish(path, digest(self.content)), 201)
        kept = self.registry.directory / "store/blobs/sha256" / tiny_model.sha256(self.content)[:2]
        self.assertEqual((kept / tiny_model.sha256(self.content)).read_bytes(), self.content)

    def test_parts(self):
        """Parts of a blob are streams of one connection, side by side"""
        self.proxy.go_on()
        process = self.send(self.missing())
        self.assertEqual(process.stdout.read().split("\n"), ["2 202"] * 13 + [""])
        self.assertEqual((process.wait(), len(self.proxy.greetings)), (0, 1))
        self.assert_sent(len(self.content))
        self.assertEqual(self.missing(), [])
        self.finish()

    def test_killed_server(self):
        """Parts that were answered on a connection of HTTP/2 before the server was killed are there after it"""
        process = self.send(self.missing())
        self.assertTrue(self.proxy.is_full.wait(60))
        self.registry.kill_and_start()
        self.proxy.go_on()
        answered = process.stdout.read().count("2 202")
        process.wait()
        missing = self.missing()
        self.assertGreater(len(missing), 0)
        self.assertLessEqual(len(missing), 13 - answered)
        self.assertEqual(self.send(missing).stdout.read().split("\n"), ["2 202"] * len(missing) + [""])
        self.finish()


del SecureTransferTests
