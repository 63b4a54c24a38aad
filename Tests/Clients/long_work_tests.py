"""Operations that read every byte tell how far they are, and are done whether or not anybody waits for them."""

import concurrent.futures
import hashlib
import http.client
import json
import os
import pty
import subprocess
import time
import unittest

import tiny_model
from running_registry import PROGRAMS, RunningRegistry


def events(body):
    """- Returns: (name, data) of each event, and the comments between them."""
    found, comments = [], 0
    for block in body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
        elif block.startswith(":"):
            comments += 1
    return found, comments


class LongWorkTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())

    def source(self, name="model.gguf", rows=4, seed=1):
        content = tiny_model.gguf(seed=seed, rows=rows)
        self.registry.write_source(name, content)
        return tiny_model.sha256(content)

    def large_source(self):
        """A file without holes for whoever reads it, and without blocks for whoever keeps it."""
        size = 800 << 20
        with open(self.registry.write_source("large.bin", b""), "r+b") as file:
            file.truncate(size)
        digest, zeros = hashlib.sha256(), bytes(1 << 20)
        for _ in range(size >> 20):
            digest.update(zeros)
        return digest.hexdigest(), size

    def stream(self, path, body=None):
        """- Returns: the progress reports, and the status and document of the last event."""
        answer = self.registry.post(path, body, headers={"Accept": "text/event-stream"})
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"), answer.body)
        found, _ = events(answer.body)
        self.assertEqual({name for name, _ in found[:-1]} - {"progress"}, set())
        self.assertEqual(found[-1][0], "answer")
        return [data for _, data in found[:-1]], found[-1][1]["status"], found[-1][1]["document"]

    def logged(self, path):
        """- Returns: the statuses of the log's lines about requests to a path."""
        lines = [json.loads(line) for line in self.registry.log_text().splitlines()]
        return [int(line["status"]) for line in lines if line["message"] == "request" and line["path"] == path]

    def test_log(self):
        """The log has one line for each streamed operation, with the status of its last event"""
        sha256 = self.source()
        missing = {"name": "a", "filename": "nothing.gguf", "sha256": sha256}
        _, status, document = self.stream("/v1/model/acquire", missing)
        self.assertEqual(status, 422)
        self.assertIn("nothing.gguf", document["error"])
        self.stream("/v1/model/acquire", missing | {"filename": "model.gguf"})
        self.registry.post("/v1/model/acquire", missing)
        self.assertEqual(self.logged("/v1/model/acquire"), [422, 201, 422])
        self.stream("/v1/model/promote", {"name": "b"})
        self.assertEqual(self.logged("/v1/model/promote"), [404])
        self.registry.post("/v1/models/verify-all", headers={"Accept": "text/event-stream"})
        self.assertEqual(self.logged("/v1/models/verify-all"), [200])

    def test_same_answers(self):
        """The last event is the status and the document of the plain answer"""
        body = {"name": "a", "filename": "model.gguf", "sha256": self.source()}
        _, status, document = self.stream("/v1/model/acquire", body)
        self.assertEqual(status, 201)
        again = self.registry.post("/v1/model/acquire", body)
        self.assertEqual((again.status, again.json), (200, document))
        _, status, document = self.stream("/v1/model/verify?name=a")
        self.assertEqual((status, document), (200, self.registry.post("/v1/model/verify?name=a").json))
        _, status, document = self.stream("/v1/model/promote", {"name": "a", "dry_run": True})
        self.assertEqual((status, document["outcome"]), (200, "admitted"))
        _, status, document = self.stream("/v1/model/promote", {"name": "a"})
        self.assertEqual(status, 201)
        self.assertEqual(document, self.registry.post("/v1/model/promote", {"name": "a"}).json)
        _, status, document = self.stream("/v1/model/quarantine?name=a")
        self.assertEqual((status, document), (200, {"name": "a", "status": "quarantined"}))

    def test_refusals(self):
        """A refusal is the last event too; what is wrong with the request itself is said at once"""
        self.registry.write_source("convert.py", b"print(1)\n")
        body = {"name": "script", "filename": "convert.py", "sha256": tiny_model.sha256(b"print(1)\n")}
        self.stream("/v1/model/acquire", body)
        _, status, document = self.stream("/v1/model/promote", {"name": "script"})
        plain = self.registry.post("/v1/model/promote", {"name": "script"})
        self.assertEqual((status, document["code"]), (422, "policy_refused"))
        self.assertEqual((plain.status, plain.json["error"]), (status, document["error"]))
        _, status, document = self.stream("/v1/model/acquire", body | {"filename": "nothing"})
        self.assertEqual((status, document["code"]), (422, "source_not_found"))
        answer = self.registry.post("/v1/model/acquire", {"name": "x"}, headers={"Accept": "text/event-stream"})
        self.assertEqual((answer.status, answer.code), (400, "missing_field"))

    def test_damage(self):
        """Bytes that are not the admitted ones are an answer with their document"""
        digest = self.source()
        self.stream("/v1/model/acquire", {"name": "a", "filename": "model.gguf", "sha256": digest})
        blob = self.registry.directory / "store/blobs/sha256" / digest[:2] / digest
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes()[:-1] + b"\1")
        _, status, document = self.stream("/v1/model/verify?name=a")
        self.assertEqual((status, document["status"]), (409, "failed"))

    def test_progress(self):
        """Reports name the phase and the file, count its bytes, and come a few times a second"""
        digest, size = self.large_source()
        start = time.monotonic()
        reports, status, _ = self.stream(
            "/v1/model/acquire", {"name": "a", "filename": "large.bin", "sha256": digest})
        elapsed = time.monotonic() - start
        self.assertEqual(status, 201)
        self.assertLessEqual(len(reports), 10 * elapsed + 2)
        phases = [report["phase"] for report in reports]
        self.assertEqual(set(phases) - {"waiting", "copying", "inspecting", "hashing", "deciding"}, set())
        counted = [report for report in reports if report["bytes_total"]]
        self.assertTrue(counted, reports)
        for report in counted:
            self.assertEqual((report["file"], report["bytes_total"]), ("large.bin", size))
            self.assertLessEqual(report["bytes_done"], size)
        for phase in ("copying", "hashing"):
            done = [report["bytes_done"] for report in counted if report["phase"] == phase]
            self.assertEqual(done, sorted(done))

    def test_client_leaves(self):
        """A client that goes away does not undo what it asked for, and gets the answer when it asks again"""
        body = {"name": "a", "filename": "model.gguf", "sha256": self.source(rows=6_000_000)}
        for path, state in (("/v1/model/acquire", "acquired"), ("/v1/model/promote", "trusted")):
            connection = http.client.HTTPConnection(self.registry.host, timeout=60)
            connection.request(
                "POST", path, json.dumps(body if state == "acquired" else {"name": "a"}),
                {"Authorization": f"Bearer {self.registry.token}", "Accept": "text/event-stream",
                 "Content-Type": "application/json"})
            response = connection.getresponse()
            self.assertTrue(response.readline().startswith(b"event: "))
            connection.sock.close()
            response.close()
            connection.close()
            end = time.monotonic() + 60
            while self.registry.get("/v1/model?name=a").json.get("state") != state:
                self.assertLess(time.monotonic(), end)
            head = self.registry.get("/v1/model?name=a").json["head_index"]
            again = self.registry.post(path, body if state == "acquired" else {"name": "a"})
            self.assertIn(again.status, (200, 201))
            self.assertEqual(again.json["head_index"], head)

    def test_at_the_same_time(self):
        """The same promote, asked for again while the first is under way, has the same answer"""
        body = {"name": "a", "filename": "model.gguf", "sha256": self.source(rows=6_000_000)}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda _: self.registry.post("/v1/model/promote", body), range(4)))
        self.assertEqual({answer.status for answer in answers}, {201})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_terminal(self):
        """On a terminal securectl shows what the registry works on, and leaves nothing of it behind"""
        digest, _ = self.large_source()
        ours, theirs = pty.openpty()
        with open(ours, "rb", buffering=0) as terminal:
            process = subprocess.Popen(
                [PROGRAMS / "securectl", "acquire", "a", "large.bin", "--sha256", digest],
                env=self.registry.client_environment() | {"TERM": "xterm"}, stdout=subprocess.PIPE, stderr=theirs)
            os.close(theirs)
            shown = b""
            while True:
                try:
                    piece = terminal.read(4096)
                except OSError:
                    break
                if not piece:
                    break
                shown += piece
            with process.stdout:
                self.assertIn(b"acquired", process.stdout.read())
            self.assertEqual(process.wait(), 0)
        self.assertRegex(shown.decode(), "(copying|hashing) large.bin .* [0-9.]+ [kMG]B")
        self.assertTrue(shown.endswith(b"\r\x1b[K"))
