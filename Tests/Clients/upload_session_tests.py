"""Uploads that outlive the token they began with, and that nobody else goes on with."""

import datetime
import hashlib
import json
import time
import unittest

from credential_tests import CredentialedRegistry, basic, bearer, challenge

CONTENT = bytes(range(256)) * 4096
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
SCOPE = "repository:team/a:pull,push"
PART = {"Content-Type": "application/octet-stream"}


class SessionRegistry(CredentialedRegistry):
    def __init__(self):
        super().__init__(further={"second": (["pull", "push"], ["team/*"])})

    def by(self, name):
        return basic(self.secrets[name])

    def let_expire(self, time):
        """Writes down when the credential `team` expires; never for None."""
        path = self.home / "credentials.yaml"
        document = json.loads(path.read_text())
        team = next(entry for entry in document["credentials"] if entry["name"] == "team")
        team.pop("expires", None)
        if time:
            team["expires"] = time.strftime("%Y-%m-%dT%H:%M:%SZ")
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(document))
        new.replace(path)

    def until(self, ask, isDone):
        """Asks until an answer is the one that is waited for."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            answer = ask()
            if isDone(answer):
                return answer
        raise AssertionError(f"{answer.status}: {answer.body}")

    def push_token(self):
        return bearer(self.issue(self.by("team"), SCOPE).json["token"])

    def begin(self, headers):
        begun = self.ask("/v2/team/a/blobs/uploads/", headers, "POST", b"")
        assert begun.status == 202, begun.body
        return begun.headers["Location"]


class UploadSessionTests(unittest.TestCase):
    def test_expired_token(self):
        """A token that stops to count in the middle of an upload is told so, and a fresh one ends the upload"""
        with SessionRegistry() as registry:
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
            registry.let_expire(end)
            issued = registry.until(
                lambda: registry.issue(registry.by("team"), SCOPE), lambda answer: answer.json["expires_in"] < 60)
            old = bearer(issued.json["token"])
            session = registry.begin(old)
            half = len(CONTENT) // 2
            sent = registry.ask(session, old | PART, "PATCH", CONTENT[:half])
            self.assertEqual(sent.status, 202, sent.body)
            # The token ends with its credential.
            registry.until(lambda: registry.ask(session, old), lambda answer: answer.status == 401)
            for method, target in (("PATCH", session), ("PUT", f"{session}?digest={DIGEST}")):
                refused = registry.ask(target, old | PART, method, CONTENT[half:])
                self.assertEqual(refused.status, 401)
                self.assertEqual(refused.json["errors"][0]["code"], "UNAUTHORIZED")
                asked = challenge(refused)
                self.assertEqual((asked["scope"], asked["realm"]), (SCOPE, f"http://{registry.host}/token"))
            self.assertEqual(registry.issue(registry.by("team"), SCOPE).status, 401)
            registry.let_expire(None)
            fresh = bearer(registry.until(
                lambda: registry.issue(registry.by("team"), SCOPE), lambda answer: answer.status == 200).json["token"])
            # The old token has expired, and goes on with what it began, and with nothing else.
            self.assertEqual(registry.ask("/v2/team/a/blobs/uploads/", old, "POST", b"").status, 401)
            self.assertEqual(registry.ask("/v2/team/a/tags/list", old).status, 401)
            for token in (old, fresh):
                stands = registry.ask(session, token)
                self.assertEqual((stands.status, stands.headers["Range"]), (204, f"0-{half - 1}"))
            rest = fresh | PART | {"Content-Range": f"{half}-{len(CONTENT) - 1}"}
            self.assertEqual(registry.ask(session, rest, "PATCH", CONTENT[half:]).status, 202)
            ended = registry.ask(f"{session}?digest={DIGEST}", fresh, "PUT", b"")
            self.assertEqual(ended.status, 201, ended.body)
            self.assertEqual(registry.ask(f"/v2/team/a/blobs/{DIGEST}", fresh, "HEAD").status, 200)

    def test_others(self):
        """Nobody but who began an upload goes on with it, also who may push to the same repository"""
        with SessionRegistry() as registry:
            token = registry.push_token()
            session = registry.begin(token)
            self.assertEqual(registry.ask(session, token | PART, "PATCH", CONTENT[:7]).status, 202)
            second = bearer(registry.issue(registry.by("second"), SCOPE).json["token"])
            for other in (registry.by("second"), second, bearer(registry.token)):
                for method, target in (("GET", session), ("PATCH", session), ("PUT", f"{session}?digest={DIGEST}"),
                                       ("DELETE", session)):
                    answer = registry.ask(target, other | PART, method, None if method == "GET" else CONTENT[7:])
                    self.assertEqual(answer.status, 404, method)
                    self.assertEqual(answer.json["errors"][0]["code"], "BLOB_UPLOAD_UNKNOWN")
            self.assertEqual(registry.ask(session).status, 401)
            # The same credential, shown in another way.
            stands = registry.ask(session, registry.by("team"))
            self.assertEqual((stands.status, stands.headers["Range"]), (204, "0-6"))
            ended = registry.ask(f"{session}?digest={DIGEST}", registry.push_token() | PART, "PUT", CONTENT[7:])
            self.assertEqual(ended.status, 201, ended.body)
