"""Uploads as curl sends them."""

import shutil
import subprocess
import unittest
import urllib.parse

from running_registry import RunningRegistry
from tiny_model import gguf, safetensors, sha256


@unittest.skipUnless(shutil.which("curl"), "curl is missing: make setup")
class UploadTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.content = gguf(rows=200_000)
        self.file = self.registry.home / "model.gguf"
        self.file.write_bytes(self.content)

    def url(self, name="model", digest=None):
        query = urllib.parse.urlencode({"filename": "model.gguf", "sha256": digest or sha256(self.content)})
        return f"{self.registry.url}/v1/model/{name}/content?{query}"

    def curl(self, *arguments, input=None):
        """- Returns: the status and the header fields of the answer."""
        run = subprocess.run(
            ["curl", "--silent", "--show-error", "--dump-header", "-", "--output", "/dev/null", "--max-time", "60",
             "--header", f"Authorization: Bearer {self.registry.token}", *map(str, arguments)], input=input,
            capture_output=True)
        self.assertEqual(run.returncode, 0, run.stderr.decode())
        blocks = [block for block in run.stdout.decode().split("\r\n\r\n") if block]
        lines = blocks[-1].split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if line)
        return int(lines[0].split(" ")[1]), {name.lower(): value for name, value in fields.items()}

    def send(self, first, last, total=None):
        total = len(self.content) if total is None else total
        return self.curl(
            "--request", "PUT", "--data-binary", "@-", "--header", "Content-Type: application/octet-stream", "--header",
            f"Content-Range: bytes {first}-{last}/{total}", self.url(), input=self.content[first:last + 1])

    def stored(self):
        self.registry.post("/v1/model/promote", {"name": "model"})
        with open(self.registry.get("/v1/model/path?name=model").json["path"], "rb") as file:
            return file.read()

    def test_whole(self):
        """A file goes up with curl -T"""
        self.assertEqual(self.curl("--upload-file", self.file, self.url())[0], 201)
        self.assertEqual(self.stored(), self.content)

    def test_chunked(self):
        """A file goes up without its length being known"""
        status, _ = self.curl(
            "--request", "PUT", "--header", "Transfer-Encoding: chunked", "--upload-file", "-", self.url(),
            input=self.content)
        self.assertEqual(status, 201)
        self.assertEqual(self.stored(), self.content)

    def test_again(self):
        """Sending the same file again is no error and makes nothing new"""
        self.assertEqual(self.curl("--upload-file", self.file, self.url())[0], 201)
        head = self.registry.get("/v1/model/model").json["head_index"]
        self.assertEqual(self.curl("--upload-file", self.file, self.url())[0], 200)
        self.assertEqual(self.registry.get("/v1/model/model").json["head_index"], head)

    def test_parts(self):
        """A file goes up in parts, over a restart of the server, and is told where it stands"""
        end = len(self.content)
        self.assertEqual(self.curl("--head", self.url())[0], 404)
        status, fields = self.send(0, 999_999)
        self.assertEqual((status, fields["upload-offset"]), (202, "1000000"))
        self.assertEqual(self.registry.stop(), 0)
        self.registry.start()
        status, fields = self.curl("--head", self.url())
        self.assertEqual((status, fields["upload-offset"]), (204, "1000000"))
        self.assertEqual(self.send(1_000_000, end - 1)[0], 201)
        self.assertEqual(self.stored(), self.content)
        self.assertEqual(self.curl("--head", self.url())[0], 404)

    def test_gap(self):
        """A part that would leave a gap is refused"""
        self.send(0, 999)
        self.assertEqual(self.send(2_000, 2_999)[0], 409)

    def test_earlier_offset(self):
        """A part may be sent again from before where the upload stands"""
        end = len(self.content)
        self.send(0, 999_999)
        self.assertEqual(self.send(500_000, end - 1)[0], 201)
        self.assertEqual(self.stored(), self.content)

    def test_broken_connection(self):
        """What arrived before the connection broke is kept"""
        run = subprocess.run(
            ["curl", "--silent", "--limit-rate", "400k", "--max-time", "2", "--header",
             f"Authorization: Bearer {self.registry.token}", "--upload-file", self.file, self.url()])
        self.assertEqual(run.returncode, 28)
        offset = 0
        while not offset:
            status, fields = self.curl("--head", self.url())
            self.assertEqual(status, 204)
            offset = int(fields["upload-offset"])
        self.assertLess(offset, len(self.content))
        # The server may still be writing what the broken connection left.
        status = 409
        while status == 409:
            status, fields = self.curl("--head", self.url())
            status, _ = self.send(int(fields["upload-offset"]), len(self.content) - 1)
        self.assertEqual(status, 201)
        self.assertEqual(self.stored(), self.content)

    def test_other_bytes(self):
        """Bytes with another digest than was announced are not kept"""
        self.assertEqual(self.curl("--upload-file", self.file, self.url(digest=sha256(safetensors())))[0], 422)
        self.assertEqual(self.registry.get("/v1/model/model").status, 404)

    def test_given_up(self):
        """An upload that was given up is gone"""
        self.send(0, 999)
        self.assertEqual(self.curl("--request", "DELETE", self.url())[0], 204)
        self.assertEqual(self.curl("--head", self.url())[0], 404)
