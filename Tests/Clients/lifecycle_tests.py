"""What becomes of an artifact, asked for with requests as clients of other registries send them."""

import concurrent.futures
import unittest

from running_registry import RunningRegistry
from tiny_model import gguf, pickle, safetensors, sha256


class LifecycleTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())

    def acquire(self, name, content=None):
        content = gguf() if content is None else content
        filename = f"in/{sha256(content)[:16]}"
        self.registry.write_source(filename, content)
        return self.registry.post(
            "/v1/model/acquire", {"name": name, "filename": filename, "sha256": sha256(content)})

    def promote(self, name, **fields):
        return self.registry.post("/v1/model/promote", {"name": name, **fields})

    def path(self, name):
        return self.registry.get(f"/v1/model/path?name={name}")

    def state(self, name):
        return self.registry.get(f"/v1/model?name={name}").json["state"]

    def events(self, name):
        return [row["event"]["event"] for row in self.registry.get(f"/v1/model/{name}/events").json]

    def test_whole_life(self):
        """An artifact goes from state to state, one event each, and is served in one state alone"""
        self.assertEqual(self.acquire("tiny").status, 201)
        self.assertEqual(self.path("tiny").status, 403)
        self.assertEqual(self.promote("tiny").status, 201)
        self.assertEqual(self.path("tiny").status, 200)
        self.assertEqual(self.registry.post("/v1/model/quarantine?name=tiny").json["status"], "quarantined")
        self.assertEqual(self.path("tiny").status, 403)
        self.assertEqual(self.promote("tiny").status, 201)
        self.assertEqual(self.registry.post("/v1/model/revoke?name=tiny").json["status"], "revoked")
        self.assertEqual(self.registry.post("/v1/model/revoke?name=tiny").json["status"], "already_revoked")
        self.assertEqual(self.promote("tiny").status, 201)
        self.assertEqual(self.registry.request("DELETE", "/v1/model/tiny").json["status"], "deleted")
        self.assertEqual(self.registry.request("DELETE", "/v1/model/delete?name=tiny").json["status"], "already_deleted")
        self.assertEqual(self.promote("tiny").code, "state_conflict")
        self.assertEqual(self.path("tiny").status, 403)
        self.assertEqual(
            self.events("tiny"),
            ["acquired", "quarantined", "inspected", "promoted", "quarantined", "promoted", "revoked", "quarantined",
             "promoted", "deleted"])

    def test_withdrawn_names(self):
        """A name that was withdrawn gets no bytes again, neither others nor the same"""
        for kind, withdraw in (
            ("revoked", lambda name: self.registry.post(f"/v1/model/revoke?name={name}")),
            ("deleted", lambda name: self.registry.request("DELETE", f"/v1/model/{name}")),
        ):
            with self.subTest(kind):
                self.acquire(kind)
                self.promote(kind)
                withdraw(kind)
                self.assertEqual(self.acquire(kind).code, "artifact_exists")
                self.assertEqual(self.acquire(kind, safetensors()).code, "artifact_exists")
                self.assertEqual(self.state(kind), kind)

    def test_replacing(self):
        """Other bytes may take a name only while nothing under it was ever trusted"""
        self.assertEqual(self.acquire("never").status, 201)
        self.assertEqual(self.acquire("never", safetensors()).status, 201)
        self.acquire("once")
        self.promote("once")
        self.registry.post("/v1/model/quarantine?name=once")
        answer = self.acquire("once", safetensors())
        self.assertEqual((answer.status, answer.code), (409, "artifact_exists"))

    def test_by_digest(self):
        """A revocation by digest withdraws the bytes under every name"""
        for name in ("a", "b/c", "d"):
            self.acquire(name, gguf() if name != "d" else safetensors())
            self.promote(name)
        answer = self.registry.post("/v1/model/revoke?name=a", {"digest": True, "reason": "poisoned"})
        self.assertEqual(sorted(answer.json["names"]), ["a", "b/c"])
        self.assertEqual([self.path(name).status for name in ("a", "b/c", "d")], [403, 403, 200])

    def test_refusals(self):
        """What policy refuses is refused with reasons, stands in the log, and is served to nobody"""
        self.acquire("pickle", pickle())
        answer = self.promote("pickle")
        self.assertEqual(answer.status, 422)
        self.assertIn("class-not-admitted", answer.json["detail"]["codes"])
        self.assertEqual(self.events("pickle")[-1], "refused")
        self.acquire("cut", safetensors()[:-4])
        self.assertEqual(self.promote("cut").code, "policy_refused")
        self.assertEqual([self.path(name).status for name in ("pickle", "cut")], [403, 403])

    def test_one_winner(self):
        """Of many promotes at a time each is told the truth, and the log has one"""
        self.acquire("tiny")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda _: self.promote("tiny").status, range(32)))
        self.assertIn(201, statuses)
        self.assertLessEqual(set(statuses), {201, 409})
        self.assertEqual(self.events("tiny").count("promoted"), 1)

    def test_condition(self):
        """A promote with the entity tag of an older record is refused"""
        self.acquire("tiny")
        tag = self.registry.get("/v1/model/tiny").headers["ETag"]
        self.registry.post("/v1/model/quarantine?name=tiny")
        answer = self.registry.post("/v1/model/promote", {"name": "tiny"}, headers={"If-Match": tag})
        self.assertEqual((answer.status, answer.code), (412, "precondition_failed"))
        tag = self.registry.get("/v1/model/tiny").headers["ETag"]
        answer = self.registry.post("/v1/model/promote", {"name": "tiny"}, headers={"If-Match": tag})
        self.assertEqual(answer.status, 201)

    def test_restart(self):
        """Everything is as it was after a restart, and after a kill"""
        self.acquire("tiny")
        self.promote("tiny")
        self.acquire("gone", safetensors())
        self.promote("gone")
        self.registry.post("/v1/model/revoke?name=gone")
        before = self.registry.get("/v1/models").json
        self.assertEqual(self.registry.stop(), 0)
        self.registry.start()
        self.assertEqual(self.registry.get("/v1/models").json, before)
        self.registry.process.kill()
        self.registry.stop()
        self.registry.start()
        self.assertEqual(self.registry.get("/v1/models").json, before)
        self.assertEqual([self.path(name).status for name in ("tiny", "gone")], [200, 403])


class CredentialTests(unittest.TestCase):
    def test_without_token(self):
        """Without a configured token nothing can be changed, and the answer says why"""
        with RunningRegistry(token=False) as registry:
            answer = registry.post("/v1/model/promote", {"name": "tiny"})
            self.assertEqual((answer.status, answer.code), (403, "mutations_disabled"))

    def test_wrong_token(self):
        """A missing, a wrong and a malformed token are refused before anything else is looked at"""
        with RunningRegistry() as registry:
            for value in (None, "Bearer x", "Basic Zm9vOmJhcg==", "Bearer"):
                fields = {} if value is None else {"Authorization": value}
                answer = registry.post("/v1/model/promote", b"{", headers=fields, token=False)
                self.assertEqual((answer.status, answer.code), (401, "unauthorized"), value)
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])

    def test_beyond_loopback(self):
        """Bound beyond loopback, reads take the token, entries of the log too; health and hashes do not"""
        with RunningRegistry(settings={"bind_addr": "0.0.0.0:0"}) as registry:
            registry.write_source("tiny.gguf", gguf())
            registry.post("/v1/model/acquire", {"name": "t", "filename": "tiny.gguf", "sha256": sha256(gguf())})
            for path in ("/v1/models", "/v1/audit", "/v1/model/t/events", "/metrics", "/log/tile/entries/000.p/1"):
                self.assertEqual(registry.get(path, token=False).status, 401, path)
                self.assertEqual(registry.get(path).status, 200, path)
            for path in ("/health", "/livez", "/log/key", "/log/checkpoint", "/log/tile/0/000.p/1"):
                self.assertEqual(registry.get(path, token=False).status, 200, path)
        with RunningRegistry(settings={"bind_addr": "0.0.0.0:0", "anonymous_read": "true"}) as registry:
            self.assertEqual(registry.get("/v1/models", token=False).status, 200)
            self.assertEqual(registry.post("/v1/model/revoke?name=t", token=False).status, 401)

    def test_large_requests(self):
        """Headers and bodies beyond the limits are refused, and the server goes on"""
        with RunningRegistry() as registry:
            try:
                self.assertIn(registry.get("/health", headers={"X-Filler": "x" * 40_000}).status, (400, 431))
            except ConnectionError:
                pass
            try:
                many = {f"X-{number}": "x" for number in range(200)}
                self.assertIn(registry.get("/health", headers=many).status, (400, 431))
            except ConnectionError:
                pass
            try:
                answer = registry.post("/v1/model/promote", b" " * (2 << 20), headers={"Content-Type": "application/json"})
                self.assertEqual((answer.status, answer.code), (413, "body_too_large"))
            except ConnectionError:
                pass
            self.assertEqual(registry.get("/health").status, 200)

    def test_web_pages(self):
        """Requests of web pages and for foreign hosts are refused"""
        with RunningRegistry() as registry:
            self.assertEqual(registry.get("/v1/models", headers={"Origin": "http://evil.example"}).status, 403)
            self.assertEqual(registry.get("/v1/models", headers={"Origin": "null"}).status, 403)
            self.assertEqual(registry.get("/v1/models", headers={"Host": "evil.example"}).status, 421)
            self.assertEqual(registry.get("/v1/models", headers={"Host": "localhost"}).status, 200)

    def test_token_is_secret(self):
        """The token stands neither in the server's log nor anywhere in the store"""
        with RunningRegistry() as registry:
            registry.write_source("tiny.gguf", gguf())
            registry.post("/v1/model/acquire", {"name": "t", "filename": "tiny.gguf", "sha256": sha256(gguf())})
            registry.get("/v1/models", headers={"Authorization": f"Bearer {registry.token}x"})
            registry.stop()
            self.assertNotIn(registry.token, registry.log_text())
            for path in registry.directory.rglob("*"):
                if path.is_file():
                    self.assertNotIn(registry.token.encode(), path.read_bytes(), path)
            registry.start()
