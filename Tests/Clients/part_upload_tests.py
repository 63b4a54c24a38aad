"""Parts of one blob over several connections: by plain HTTP, and as `securectl` sends them."""

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import time
import unittest

from other_registries import CuttingProxy, DockerRegistry
from registry_client_tests import MEBIBYTE, ClientTests
from repository_client import BYTES, GuardedRegistry, Repository, digest, error, expect
from running_registry import PROGRAMS, RunningRegistry


class PartTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.repository = Repository(self.registry, "team/model")
        self.content = os.urandom(5 * MEBIBYTE + 77)
        self.digest = digest(self.content)
        self.location = self.repository.start()

    def part(self, first, end, content=None, total=None):
        content = (content or self.content)[first:end]
        fields = {"Content-Range": f"bytes {first}-{end - 1}/{total or len(self.content)}", "Content-Type": BYTES}
        return self.repository.request("PATCH", self.location, content, fields)

    def ranges(self):
        """What is there of an upload that takes parts."""
        answer = expect(self.repository.get(self.location), 204)
        ranges = answer.headers["Pratique-Upload-Ranges"]
        ends = [[int(end) for end in text.split("-")] for text in ranges.split(",") if text]
        prefix = ends[0][1] if ends and ends[0][0] == 0 else 0
        self.assertEqual(answer.headers["Range"], f"0-{prefix}")
        return ranges

    def finish(self):
        return self.repository.finish(self.location, self.digest)

    def assert_received(self):
        expect(self.finish(), 201)
        path = self.registry.directory / "store/blobs/sha256" / self.digest[7:9] / self.digest[7:]
        self.assertEqual(path.read_bytes(), self.content)
        self.assertEqual(list((self.registry.directory / "store/uploads").iterdir()), [])

    def cut(self, size=MEBIBYTE):
        return [(first, min(first + size, len(self.content))) for first in range(0, len(self.content), size)]

    def test_offer(self):
        """An upload that was begun says how long parts had best be, and one whose bytes come in order no longer does"""
        answer = expect(self.repository.request("POST", "blobs/uploads/", b""), 202)
        self.assertEqual(answer.headers["Pratique-Upload-Part-Length"], str(16 * MEBIBYTE))
        answer = expect(self.repository.request("PATCH", self.location, b"12"), 202)
        self.assertNotIn("Pratique-Upload-Part-Length", answer.headers)
        self.assertEqual(expect(self.part(0, 10), 416).headers["Range"], "0-1")
        expect(self.repository.request("PATCH", self.location, b"3", {"Content-Range": "2-2"}), 202)

    def test_at_once(self):
        """Parts that come backwards, several at a time, become the blob"""
        with concurrent.futures.ThreadPoolExecutor(6) as senders:
            for answer in senders.map(lambda part: self.part(*part), reversed(self.cut())):
                expect(answer, 202)
        self.assertEqual(self.ranges(), f"0-{len(self.content) - 1}")
        self.assert_received()

    def test_gap(self):
        """An upload ends when the last gap is closed, and says where it is before"""
        for first, end in self.cut()[1:]:
            expect(self.part(first, end), 202)
        answer = expect(self.finish(), 416)
        self.assertEqual((answer.headers["Range"], error(answer)), ("0-0", "BLOB_UPLOAD_INVALID"))
        self.assertEqual(answer.headers["Pratique-Upload-Ranges"], f"{MEBIBYTE}-{len(self.content) - 1}")
        expect(self.part(0, MEBIBYTE), 202)
        self.assert_received()

    def test_repeated(self):
        """Parts that overlap or come again change nothing, whatever they bring"""
        expect(self.part(1_000, 3_000), 202)
        other = bytes(len(self.content))
        expect(self.part(1_000, 3_000, other), 202)
        expect(self.part(1_500, 2_000, other), 202)
        expect(self.part(0, MEBIBYTE), 202)
        expect(self.part(0, len(self.content)), 202)
        self.assert_received()

    def test_length(self):
        """The length is the same with each part, no part reaches behind it, and what is written otherwise is refused"""
        expect(self.part(0, 10), 202)
        expect(self.part(10, 20, total=len(self.content) + 1), 400)
        for field in ("bytes 10-19/*", "bytes 10-19/", "bytes 10-19/19", "bytes 19-10/100", "bytes */100",
                      "bytes 10-19", "items 10-19/100", "10-19/100", "bytes 10-19/99999999999999999999"):
            with self.subTest(field):
                answer = self.repository.request("PATCH", self.location, bytes(10), {"Content-Range": field})
                expect(answer, 400)
        short = self.repository.request(
            "PATCH", self.location, iter([bytes(5)]), {"Content-Range": f"bytes 10-19/{len(self.content)}"})
        self.assertEqual(error(expect(short, 400)), "SIZE_INVALID")
        self.assertEqual(self.ranges(), "0-14")

    def test_plain(self):
        """Bytes in order and an end with bytes are refused once parts came, and nothing is lost by that"""
        expect(self.part(0, 10), 202)
        for method, location, fields in (
                ("PATCH", self.location, {}), ("PATCH", self.location, {"Content-Range": "10-19"}),
                ("PUT", self.repository.closing(self.location, self.digest), {})):
            with self.subTest(method + str(fields)):
                expect(self.repository.request(method, location, self.content[10:20], fields), 400)
        answer = self.repository.request(
            "PUT", self.repository.closing(self.location, self.digest), self.content,
            {"Content-Range": f"bytes 0-{len(self.content) - 1}/{len(self.content)}"})
        expect(answer, 400)
        self.assertEqual(self.ranges(), "0-9")
        expect(self.part(10, len(self.content)), 202)
        self.assert_received()

    def test_wrong_digest(self):
        """Of bytes that hash to something else nothing stays"""
        self.content = self.content[:-1] + bytes([self.content[-1] ^ 1])
        for first, end in self.cut(3 * MEBIBYTE):
            expect(self.part(first, end), 202)
        self.assertEqual(error(expect(self.finish(), 400)), "DIGEST_INVALID")
        expect(self.repository.get(self.location), 404)
        self.assertFalse(self.repository.has_blob(self.digest))
        self.assertEqual(list((self.registry.directory / "store/uploads").iterdir()), [])
        self.assertEqual(list((self.registry.directory / "store/staging").iterdir()), [])

    def test_given_up(self):
        """An upload that was given up is gone with its files"""
        expect(self.part(0, MEBIBYTE), 202)
        expect(self.repository.request("DELETE", self.location), 204)
        expect(self.part(MEBIBYTE, 2 * MEBIBYTE), 404)
        self.assertEqual(list((self.registry.directory / "store/uploads").iterdir()), [])

    def break_off(self, first, end, count):
        """Sends the beginning of a part and closes the connection."""
        head = (
            f"PATCH {self.location} HTTP/1.1\r\nHost: {self.registry.host}\r\nContent-Length: {end - first}\r\n"
            f"Authorization: Bearer {self.registry.token}\r\n"
            f"Content-Range: bytes {first}-{end - 1}/{len(self.content)}\r\n\r\n")
        host, port = self.registry.host.split(":")
        connection = socket.create_connection((host, int(port)))
        connection.sendall(head.encode() + self.content[first:first + count])
        return connection

    def wait_for(self, ranges):
        end = time.monotonic() + 60
        while self.ranges() != ranges:
            self.assertLess(time.monotonic(), end, f"{self.ranges()} instead of {ranges}")

    def test_broken(self):
        """Of parts that break off what arrived is kept, to the byte, and two clients share the rest"""
        expect(self.part(0, 10), 202)
        connections = [self.break_off(MEBIBYTE, 2 * MEBIBYTE, 5_000), self.break_off(3 * MEBIBYTE, 4 * MEBIBYTE, 77)]
        for connection in connections:
            connection.close()
        self.wait_for(f"0-9,{MEBIBYTE}-{MEBIBYTE + 4_999},{3 * MEBIBYTE}-{3 * MEBIBYTE + 76}")
        # Two who both send everything: what one is sending the other is refused, and tries again.
        with concurrent.futures.ThreadPoolExecutor(2) as clients:
            list(clients.map(self.send_all, range(2)))
        self.assert_received()

    def send_all(self, number):
        end = time.monotonic() + 60
        for part in self.cut(MEBIBYTE + number * 1_000):
            while (answer := self.part(*part)).status != 202:
                self.assertEqual(answer.status, 409, answer.body)
                self.assertLess(time.monotonic(), end)

    def test_busy(self):
        """While a part is being sent nobody else sends it, and nobody ends the upload or gives it up"""
        expect(self.part(MEBIBYTE, len(self.content)), 202)
        connection = self.break_off(0, MEBIBYTE, 100)
        end = time.monotonic() + 60
        while (answer := self.finish()).status != 409:
            self.assertEqual(answer.status, 416)
            self.assertLess(time.monotonic(), end)
        self.assertEqual(error(answer), "DENIED")
        expect(self.part(0, 50), 409)
        expect(self.repository.request("DELETE", self.location), 409)
        connection.close()
        self.wait_for(f"0-99,{MEBIBYTE}-{len(self.content) - 1}")
        expect(self.part(100, MEBIBYTE), 202)
        self.assert_received()

    def test_killed_server(self):
        """A server that was killed between parts and in one knows the parts that it had"""
        expect(self.part(MEBIBYTE, 2 * MEBIBYTE), 202)
        connection = self.break_off(3 * MEBIBYTE, 4 * MEBIBYTE, MEBIBYTE // 2)
        self.registry.kill_and_start()
        connection.close()
        self.assertEqual(self.ranges(), f"{MEBIBYTE}-{2 * MEBIBYTE - 1}")
        for first, end in self.cut():
            expect(self.part(first, end), 202)
        self.registry.kill_and_start()
        self.assertEqual(self.ranges(), f"0-{len(self.content) - 1}")
        self.assert_received()

    def test_sha512(self):
        """Parts may end as another digest than the upload was begun for"""
        self.digest = digest(self.content, "sha512")
        for first, end in self.cut(2 * MEBIBYTE):
            expect(self.part(first, end), 202)
        expect(self.finish(), 201)
        self.assertTrue(self.repository.has_blob(self.digest))

    def test_others(self):
        """Parts go into the repository that the upload was begun in"""
        self.location = self.location.replace("/team/model/", "/team/other/")
        expect(self.part(0, 10), 404)


class LimitTests(unittest.TestCase):
    def test_quota(self):
        """What would not fit into the repository is refused with its first part, before it is sent"""
        registry = self.enterContext(RunningRegistry({"repository_quotas": "team/*=1MiB"}))
        repository = Repository(registry, "team/model")
        location = repository.start()
        fields = {"Content-Range": f"bytes 0-9/{2 * MEBIBYTE}"}
        answer = expect(repository.request("PATCH", location, bytes(10), fields), 403)
        self.assertEqual(answer.json["errors"][0]["detail"]["code"], "quota_exceeded")
        self.assertEqual(list((registry.directory / "store/uploads").iterdir()), [])

    def test_disk(self):
        """What would not fit on the disk is refused with its first part, and is no upload any more"""
        registry = self.enterContext(RunningRegistry())
        repository = Repository(registry, "team/model")
        location = repository.start()
        status = os.statvfs(registry.directory)
        fields = {"Content-Range": f"bytes 0-9/{status.f_blocks * status.f_frsize}"}
        expect(repository.request("PATCH", location, bytes(10), fields), 507)
        expect(repository.get(location), 404)
        self.assertEqual(list((registry.directory / "store/uploads").iterdir()), [])


class SecurectlTests(ClientTests):
    """A blob that is large enough for parts."""

    def setUp(self):
        super().setUp()
        self.registry = self.enterContext(GuardedRegistry())
        self.proxy = self.enterContext(CuttingProxy(self.registry.host, 0, times=0))
        self.log_in(self.proxy.host, "anybody", self.registry.token)
        self.name = f"{self.proxy.host}/team/model:v1"
        self.file = self.home / "weights.bin"
        self.content = os.urandom(MEBIBYTE) * 200 + b"the end"
        self.file.write_bytes(self.content)

    def requests(self, method):
        lines = (json.loads(line) for line in self.registry.log_text().splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("method") == method and "/blobs/uploads/" in line["path"]]

    def assert_kept(self):
        name = digest(self.content)[7:]
        self.assertEqual(
            (self.registry.directory / "store/blobs/sha256" / name[:2] / name).read_bytes(), self.content)
        self.assertEqual(list((self.registry.directory / "store/uploads").iterdir()), [])
        remembered = self.home / ".local/state/pratique/uploads"
        self.assertEqual(list(remembered.iterdir()) if remembered.exists() else [], [])

    def test_parts(self):
        """A large blob goes in parts, each byte of it once, and a small one in one piece"""
        self.securectl("push", self.file, self.name)
        self.assertEqual([line["status"] for line in self.requests("PATCH")], ["202"] * 13)
        self.assertLess(self.proxy.received, len(self.content) + MEBIBYTE)
        self.assert_kept()
        self.file.write_bytes(self.content[:60 * MEBIBYTE])
        self.securectl("push", self.file, self.name)
        self.assertEqual(len(self.requests("PATCH")), 13)

    def start(self):
        """- Returns: a push that sent some of the parts."""
        process = subprocess.Popen(
            [PROGRAMS / "securectl", "push", self.file, self.name], env=self.environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        end = time.monotonic() + 60
        while len(self.requests("PATCH")) < 3:
            self.assertLess(time.monotonic(), end)
            self.assertIsNone(process.poll())
        return process

    def test_killed_client(self):
        """A push that was killed goes on with what is missing"""
        process = self.start()
        process.send_signal(signal.SIGKILL)
        self.assertEqual(process.wait(), -signal.SIGKILL)
        before = self.proxy.received
        self.securectl("push", self.file, self.name)
        self.assertLess(self.proxy.received - before, len(self.content) - 3 * 16 * MEBIBYTE + MEBIBYTE)
        self.assert_kept()

    def test_killed_server(self):
        """A push whose server is killed and started again goes on with what is missing"""
        process = self.start()
        self.registry.kill_and_start()
        _, text = process.communicate(timeout=120)
        if process.returncode:
            # The start took longer than the client tries.
            before = self.proxy.received
            self.securectl("push", self.file, self.name)
            self.assertLess(self.proxy.received - before, len(self.content) - 3 * 16 * MEBIBYTE + MEBIBYTE)
        else:
            self.assertLess(self.proxy.received, 2 * len(self.content))
        self.assert_kept()

    def test_breaks(self):
        """Connections that break cost what was on its way in them"""
        proxy = self.enterContext(CuttingProxy(self.registry.host, 40 * MEBIBYTE, times=2))
        self.log_in(proxy.host, "anybody", self.registry.token)
        try:
            self.securectl("push", self.file, f"{proxy.host}/team/model:v1")
        except AssertionError as error:
            # A break outside of an upload ends the push; the next one goes on.
            self.assertIn("69 != 0", str(error))
            self.securectl("push", self.file, f"{proxy.host}/team/model:v1")
        self.assertEqual(proxy.cuts, 2)
        self.assertLess(proxy.received, len(self.content) + 64 * MEBIBYTE)
        self.assert_kept()

    @unittest.skipUnless(DockerRegistry.is_installed() or os.environ.get("CI"), "docker-registry is not installed")
    def test_copy(self):
        """A copy from a registry that gives ranges sends parts as well, and docker-registry gets none"""
        peer = self.enterContext(DockerRegistry())
        source = f"{peer.host}/team/model:v1"
        self.securectl("push", self.file, source)
        self.securectl("copy", source, self.name)
        self.assertEqual([line["status"] for line in self.requests("PATCH")], ["202"] * 13)
        self.assertLess(self.proxy.received, len(self.content) + MEBIBYTE)
        self.assert_kept()
        self.securectl("copy", self.name, f"{peer.host}/team/again:v1", status=77)
