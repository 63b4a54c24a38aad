"""Who may read what, and how guessing of tokens is slowed down."""

import http.client
import unittest
import urllib.parse

from running_registry import RunningRegistry
from tiny_model import gguf, sha256

WRONG = {"Authorization": "Bearer " + "0" * 64}


class LogAccessTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry({"bind_addr": "0.0.0.0:0"}))
        content = gguf()
        self.registry.write_source("a.gguf", content)
        self.registry.post(
            "/v1/model/acquire", {"name": "secret-name", "filename": "a.gguf", "sha256": sha256(content)})
        self.registry.wait_for_checkpoint(past=1)

    def test_entries(self):
        """Entries of the log take the credential of reads where reads take one; hashes do not"""
        size = self.registry.signed_size()
        self.assertEqual(self.registry.get("/v1/models", token=False).status, 401)
        for path in (f"tile/entries/000.p/{size}", "tile/entries/000.p/1"):
            answer = self.registry.get(f"/log/{path}", token=False)
            self.assertEqual((answer.status, answer.code), (401, "unauthorized"))
            self.assertEqual(self.registry.get(f"/log/{path}").status, 200)
        self.assertIn(b"secret-name", self.registry.get(f"/log/tile/entries/000.p/{size}").body)
        for path in (f"tile/0/000.p/{size}", "checkpoint", "key"):
            self.assertEqual(self.registry.get(f"/log/{path}", token=False).status, 200)

    def test_detours(self):
        """No other way of writing its path leads to an entry"""
        for path in (
            "/log/tile//entries/000.p/1", "/log//tile/entries/000.p/1", "/log/tile/%65ntries/000.p/1",
            "/log/tile/entries%2F000.p/1", "/log/tile/./entries/000.p/1", "/log/tile/0/../entries/000.p/1",
            "/log/tile/ENTRIES/000.p/1", "/log/tile/entries/000.p/1/", "/log/./tile/entries/000.p/1",
            "/log/tile;x/entries/000.p/1", "//log/tile/entries/000.p/1", "/log/tile/entries/000.p%2F1",
        ):
            with self.subTest(path):
                answer = self.registry.get(path, token=False)
                self.assertIn(answer.status, (400, 401, 404))
                self.assertNotIn(b"secret-name", answer.body)


class WrongTokenTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())

    def ask(self, source, headers):
        """One request from another address of this machine."""
        address = urllib.parse.urlsplit(self.registry.url)
        connection = http.client.HTTPConnection(
            address.hostname, address.port, timeout=60, source_address=(source, 0))
        try:
            connection.request("GET", "/v1/stats", headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def test_back_off(self):
        """After ten wrong tokens nothing from that address is looked at, and others do not notice"""
        right = {"Authorization": f"Bearer {self.registry.token}"}
        for _ in range(10):
            self.assertEqual(self.ask("127.0.0.2", WRONG)[0], 401)
        for headers in (WRONG, right):
            status, fields, body = self.ask("127.0.0.2", headers)
            self.assertEqual(status, 429)
            self.assertIn(b'"code":"too_many_attempts"', body)
            self.assertIn(int(fields["Retry-After"]), range(50, 62))
        self.assertEqual(self.ask("127.0.0.2", {})[0], 200)
        self.assertEqual(self.ask("127.0.0.3", right)[0], 200)
        self.assertEqual(self.ask("127.0.0.3", WRONG)[0], 401)
        metrics = self.registry.get("/metrics").body.decode()
        self.assertIn("\npratique_token_failures_total 11\n", metrics)
        self.assertEqual(self.registry.log_text().count("too many wrong tokens from one address"), 1)

    def test_malformed(self):
        """What is no bearer token is no guess"""
        for _ in range(30):
            self.assertEqual(self.ask("127.0.0.2", {"Authorization": "Basic eA=="})[0], 401)
        self.assertEqual(self.ask("127.0.0.2", WRONG)[0], 401)

    def test_no_limit(self):
        """Behind a proxy that limits guesses itself, there may be no limit"""
        with RunningRegistry({"token_failures_max": "0"}) as registry:
            for _ in range(30):
                self.assertEqual(registry.get("/v1/stats", headers=WRONG).status, 401)
            self.assertEqual(registry.get("/v1/stats").status, 200)
