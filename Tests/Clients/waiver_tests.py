"""Who may answer for what an inspection found, and what comes of it: with securectl, and as requests."""

import datetime
import hashlib
import json
import pathlib
import secrets
import struct
import time
import unittest

from running_registry import RunningRegistry
from tiny_model import sha256

RULE = "template.unknown-filter"


def odd_gguf():
    """A GGUF file whose chat template uses a filter that no inspection knows."""
    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    pairs = [("general.architecture", "llama"), ("tokenizer.chat_template", "{{ messages | shout }}")]
    content = b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs))
    for key, value in pairs:
        content += text(key) + struct.pack("<I", 8) + text(value)
    content += text("output.weight") + struct.pack("<IQIQ", 1, 32, 0, 0)
    content += b"\0" * (-len(content) % 32)
    return content + struct.pack("<32f", *range(32))


class WaivingRegistry(RunningRegistry):
    """A registry with a credential for each right that a test needs."""

    people = {"alice": (["waive"], ["**"]), "bob": (["waive"], ["other/*"]), "ci": (["pull", "push", "delete"], ["**"])}

    def start(self):
        if not hasattr(self, "secrets"):
            self.secrets = {name: secrets.token_urlsafe(32) for name in self.people}
            entries = [
                {"name": name, "rights": rights, "repositories": repositories,
                 "token_sha256": hashlib.sha256(self.secrets[name].encode()).hexdigest()}
                for name, (rights, repositories) in self.people.items()]
            path = self.home / "credentials.yaml"
            path.touch(mode=0o600)
            path.write_text(json.dumps({"version": 1, "credentials": entries}))
            for name, secret in self.secrets.items():
                file = self.home / name
                file.touch(mode=0o600)
                file.write_text(secret + "\n")
        self.settings["credentials_path"] = self.home / "credentials.yaml"
        super().start()

    def acquire(self, name, content):
        self.write_source(name.replace("/", "-") + ".gguf", content)
        return self.post(
            "/v1/model/acquire",
            {"name": name, "filename": name.replace("/", "-") + ".gguf", "sha256": sha256(content)}).json

    def as_person(self, name):
        return {"Authorization": f"Bearer {self.secrets[name]}"}

    def waive(self, digest, person="alice", **fields):
        body = {"rule": RULE, "digest": digest, "reason": "our own filter", "days": 30} | fields
        return self.post("/v1/waivers", body, headers=self.as_person(person))

    def events(self, name):
        return [row["event"] for row in self.get(f"/v1/model/{name}/events").json]


class WaiverTests(unittest.TestCase):
    def test_story(self):
        """A person waives, the promote goes through, ending the waiver takes the model out of service"""
        with WaivingRegistry() as registry:
            registry.acquire("team/odd", odd_gguf())
            refused = registry.securectl("promote", "team/odd")
            self.assertEqual(refused.returncode, 10, refused.stderr)
            added = registry.securectl(
                "waiver", "add", "team/odd", "--rule", RULE, "--reason", "our own filter", "--expires", "30d",
                "--ticket", "SEC-1", "--token-file", registry.home / "alice", "--output", "json")
            self.assertEqual(added.returncode, 0, added.stderr)
            waiver = json.loads(added.stdout)[0]
            self.assertEqual(waiver["granted_by"], "principal/alice")
            self.assertEqual(waiver["ticket"], "SEC-1")
            promoted = registry.securectl("promote", "team/odd", "--output", "json")
            self.assertEqual(promoted.returncode, 0, promoted.stderr)
            shown = json.loads(promoted.stdout)
            self.assertEqual(shown["waivers"], [waiver["id"]])
            self.assertEqual(shown["valid_until"], waiver["expires"])
            path = pathlib.Path(registry.securectl("path", "team/odd").stdout.strip())
            self.assertEqual(path.read_bytes(), odd_gguf())
            explained = registry.securectl("policy", "explain", "team/odd")
            self.assertEqual(explained.returncode, 0, explained.stderr)
            self.assertIn(RULE, explained.stdout)
            self.assertIn("principal/alice", explained.stdout)
            listed = json.loads(registry.securectl("waiver", "list", "--output", "json").stdout)
            self.assertEqual([(row["id"], row["in_use"]) for row in listed], [(waiver["id"], True)])
            registry.kill_and_start()
            self.assertEqual(registry.securectl("path", "team/odd").returncode, 0)
            ended = registry.securectl(
                "waiver", "revoke", waiver["id"], "--reason", "no", "--token-file", registry.home / "alice")
            self.assertEqual(ended.returncode, 0, ended.stderr)
            self.assertFalse(path.exists())
            self.assertEqual(registry.get("/v1/model/path?name=team/odd").status, 403)
            self.assertEqual(
                [event["event"] for event in registry.events("team/odd")][-2:], ["quarantined", "waiver-ended"])
            self.assertEqual(registry.securectl("log", "verify", "--full").returncode, 0)

    def test_rights(self):
        """The service token, who pushes, and who may waive elsewhere grant nothing and end nothing"""
        with WaivingRegistry() as registry:
            digest = registry.acquire("team/odd", odd_gguf())["digest"]
            body = {"rule": RULE, "digest": digest, "reason": "x", "days": 1}
            self.assertEqual(registry.post("/v1/waivers", body).code, "access_denied")
            self.assertEqual(registry.post("/v1/waivers", body, token=False).status, 401)
            for person in ("ci", "bob"):
                self.assertEqual(registry.waive(digest, person).code, "access_denied")
            waiver = registry.waive(digest)
            self.assertEqual(waiver.status, 201)
            path = f"/v1/waivers/{waiver.json[0]['id']}"
            self.assertEqual(registry.request("DELETE", path).code, "access_denied")
            for person in ("ci", "bob"):
                self.assertEqual(
                    registry.request("DELETE", path, headers=registry.as_person(person)).code, "access_denied")
            # A token of /token carries no such right.
            issued = registry.get(
                "/token?scope=repository:team/odd:pull,push,waive", headers=registry.as_person("alice")).json["token"]
            refused = registry.request("DELETE", path, headers={"Authorization": f"Bearer {issued}"})
            self.assertEqual(refused.code, "access_denied")
            self.assertEqual(registry.request("DELETE", path, headers=registry.as_person("alice")).status, 200)
            self.assertEqual(
                registry.request("DELETE", path, headers=registry.as_person("alice")).code, "waiver_not_found")

    def test_refusals(self):
        """What the policy does not let anybody waive is refused, and says what it allows"""
        with WaivingRegistry() as registry:
            digest = registry.acquire("team/odd", odd_gguf())["digest"]
            blocked = registry.waive(digest, rule="pickle.dangerous-global")
            self.assertEqual((blocked.status, blocked.code), (422, "waiver_not_allowed"))
            self.assertIn("review", blocked.json["detail"]["reasons"][0])
            self.assertEqual(registry.waive(digest, days=91).code, "waiver_not_allowed")
            self.assertEqual(registry.waive(digest, rule="no.such").code, "invalid_field")
            self.assertEqual(registry.waive(digest, expires="2027-01-01T00:00:00Z").code, "invalid_field")
            self.assertEqual(registry.waive(digest, days=0).code, "invalid_field")
            self.assertEqual(registry.waive(digest, days=None, expires="2001-01-01T00:00:00Z").code, "invalid_field")
            self.assertEqual(registry.waive(digest, reason=" ").code, "invalid_field")
            self.assertEqual(registry.waive("sha256:" + "0" * 64).code, "artifact_not_found")
            self.assertEqual(registry.waive(digest, extra=1).code, "unknown_field")

    def test_expiry(self):
        """A waiver that expires takes the model out of service on time"""
        with WaivingRegistry() as registry:
            digest = registry.acquire("team/odd", odd_gguf())["digest"]
            # In whole seconds: times have milliseconds here.
            end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=4)
            waiver = registry.waive(digest, days=None, expires=end.isoformat())
            self.assertEqual(waiver.status, 201, waiver.body)
            self.assertEqual(registry.post("/v1/promote", {"name": "team/odd"}).status, 200)
            answer = registry.get("/v1/model/path?name=team/odd")
            path = pathlib.Path(answer.json["path"])
            while answer.status == 200:
                self.assertLess(datetime.datetime.now(datetime.timezone.utc), end + datetime.timedelta(seconds=1))
                answer = registry.get("/v1/model/path?name=team/odd")
            self.assertGreaterEqual(datetime.datetime.now(datetime.timezone.utc), end)
            self.assertEqual(answer.code, "not_trusted")
            limit = time.monotonic() + 30
            while path.exists() or registry.events("team/odd")[-1]["event"] != "waiver-ended":
                self.assertLess(time.monotonic(), limit)
            self.assertEqual(registry.events("team/odd")[-1]["cause"], "expired")
            self.assertEqual(registry.get("/v1/waivers").json, [])
