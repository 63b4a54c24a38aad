"""What clients of repositories do with credentials: skopeo, PyPI's oras, curl, and docker's and Ollama's way as requests."""

import base64
import hashlib
import json
import re
import secrets
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from distribution_tests import TrustedRegistry

try:
    import oras.client
except ImportError:
    oras = None


def basic(secret, user="anybody"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def challenge(answer):
    """The parameters of a Bearer challenge, as Go's clients read them."""
    scheme, _, rest = answer.headers["WWW-Authenticate"].partition(" ")
    assert scheme == "Bearer", answer.headers["WWW-Authenticate"]
    return dict(re.findall(r'(\w+)="([^"]*)"', rest))


class CredentialedRegistry(TrustedRegistry):
    """A registry with two artifacts and credentials, on all addresses, so that reading takes one."""

    def __init__(self, settings=None, keys=None, further=None):
        super().__init__({"bind_addr": "0.0.0.0:0"} | (settings or {}))
        self.further = further or {}
        names = ("team", "other", "reviewer", *self.further)
        self.secrets = {name: secrets.token_urlsafe(32) for name in names}
        self.keys = keys or {}

    def start(self):
        entries = [
            {"name": "team", "rights": ["pull", "push"], "repositories": ["team/*"]},
            {"name": "other", "rights": ["pull", "push", "delete"], "repositories": ["other/*"]},
            {"name": "reviewer", "rights": ["pull", "review"], "repositories": ["**"]},
        ]
        for name, (rights, repositories) in self.further.items():
            entries.append({"name": name, "rights": rights, "repositories": repositories})
        for entry in entries:
            entry["token_sha256"] = hashlib.sha256(self.secrets[entry["name"]].encode()).hexdigest()
        entries += [
            {"name": name, "ed25519": key, "rights": ["pull", "push"], "repositories": ["team/*"]}
            for name, key in self.keys.items()]
        path = self.home / "credentials.yaml"
        # JSON is YAML.
        path.write_text(json.dumps({"version": 1, "credentials": entries}))
        path.chmod(0o600)
        self.settings["credentials_path"] = path
        super().start()
        self.host = self.host.replace("0.0.0.0", "127.0.0.1")

    def ask(self, path, headers=None, method="GET", body=None):
        return self.request(method, path, body, headers=headers, token=False)

    def issue(self, headers, *scopes):
        query = urllib.parse.urlencode([("service", self.host)] + [("scope", scope) for scope in scopes])
        return self.ask(f"/token?{query}", headers)


@unittest.skipUnless(shutil.which("skopeo"), "skopeo is missing: scripts/setup")
class SkopeoTests(unittest.TestCase):
    def skopeo(self, registry, *arguments, status=0, text=None):
        run = subprocess.run(
            ["skopeo", *map(str, arguments)], env=registry.environment(), cwd=registry.home, capture_output=True,
            text=True, timeout=120, input=text)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run

    def inspect(self, registry, name, *options, status=0):
        return self.skopeo(
            registry, "inspect", "--raw", "--tls-verify=false", *options, f"docker://{registry.host}/{name}:latest",
            status=status)

    def test_login(self):
        """skopeo logs in with a credential, and pulls what that may pull"""
        with CredentialedRegistry() as registry:
            login = ["login", "--tls-verify=false", "--authfile", "auth", "--username", "team", "--password-stdin"]
            self.skopeo(registry, *login, registry.host, text="wrong-" + registry.secrets["team"], status=1)
            self.inspect(registry, "team/file", status=1)
            self.skopeo(registry, *login, registry.host, text=registry.secrets["team"])
            manifest = self.inspect(registry, "team/file", "--authfile", "auth").stdout
            self.assertEqual(len(json.loads(manifest)["layers"]), 1)
            self.skopeo(
                registry, "copy", "--src-tls-verify=false", "--src-authfile", "auth",
                f"docker://{registry.host}/team/directory:latest", "dir:copy")

    def test_foreign(self):
        """skopeo is told that a credential is for other repositories"""
        with CredentialedRegistry() as registry:
            run = self.inspect(registry, "team/file", "--creds", f"x:{registry.secrets['other']}", status=1)
            self.assertIn("principal/other has no right of pull on team/file", run.stderr)

    def test_anonymous(self):
        """Where anybody may read, skopeo pulls without a login, and with one"""
        with CredentialedRegistry({"anonymous_read": "true"}) as registry:
            self.inspect(registry, "team/file")
            self.inspect(registry, "team/file", "--creds", f"x:{registry.secrets['team']}")
            self.inspect(registry, "team/file", "--creds", f"x:{registry.token}")


@unittest.skipUnless(oras, "PyPI's oras is missing: make python-tools")
class OrasTests(unittest.TestCase):
    def test_pull(self):
        """oras pulls with a credential, and without one where anybody may read"""
        for settings in ({}, {"anonymous_read": "true"}):
            with CredentialedRegistry(settings) as registry:
                # With a token of `/token`, and with the password at each request.
                for backend in ("token", "basic"):
                    client = oras.client.OrasClient(hostname=registry.host, insecure=True, auth_backend=backend)
                    client.auth.set_basic_auth("team", registry.secrets["team"])
                    target = registry.home / "pulled"
                    client.pull(target=f"{registry.host}/team/file:latest", outdir=str(target))
                    self.assertEqual((target / "model.safetensors").read_bytes(), registry.content)
                if settings:
                    client = oras.client.OrasClient(hostname=registry.host, insecure=True)
                    self.assertEqual(client.get_tags(f"{registry.host}/team/file"), ["latest"])


class DockerTests(unittest.TestCase):
    def test_flow(self):
        """docker's way: what /v2/ asks for, a token for the login, a token for the pull, and the pull"""
        with CredentialedRegistry() as registry:
            answer = registry.ask("/v2/")
            self.assertEqual(answer.status, 401)
            asked = challenge(answer)
            self.assertEqual(asked, {"realm": f"http://{registry.host}/token", "service": registry.host})
            path = "/token?account=team&client_id=docker&offline_token=true&service=" + registry.host
            login = registry.ask(path, basic(registry.secrets["team"]))
            self.assertEqual(login.status, 200)
            self.assertEqual(login.json["token"], login.json["access_token"])
            self.assertEqual(login.json["expires_in"], 300)
            self.assertNotIn("refresh_token", login.json)
            self.assertEqual(registry.ask("/v2/", bearer(login.json["token"])).status, 200)
            # That token is for no repository, and the challenge says what one would have to be for.
            refused = registry.ask("/v2/team/file/manifests/latest", bearer(login.json["token"]))
            self.assertEqual(refused.status, 401)
            asked = challenge(refused)
            self.assertEqual((asked["scope"], asked["error"]), ("repository:team/file:pull", "insufficient_scope"))
            token = registry.issue(basic(registry.secrets["team"]), asked["scope"]).json["token"]
            manifest = registry.ask("/v2/team/file/manifests/latest", bearer(token))
            self.assertEqual(manifest.status, 200)
            layer = manifest.json["layers"][0]["digest"]
            self.assertEqual(registry.ask(f"/v2/team/file/blobs/{layer}", bearer(token)).body, registry.content)
            self.assertEqual(registry.ask("/v2/team/directory/tags/list", bearer(token)).status, 401)
            # A credential that cannot help is told so.
            denied = registry.ask("/v2/team/file/tags/list", basic(registry.secrets["other"]))
            self.assertEqual((denied.status, denied.json["errors"][0]["code"]), (403, "DENIED"))

    def test_anonymous(self):
        """Where anybody may read, a client without a login gets a token to pull with, and no other"""
        with CredentialedRegistry({"anonymous_read": "true"}) as registry:
            asked = challenge(registry.ask("/v2/"))
            token = registry.issue({}, "repository:team/file:pull,push")
            self.assertEqual(token.status, 200)
            token = bearer(token.json["token"])
            self.assertEqual(registry.ask("/v2/", token).status, 200)
            self.assertEqual(registry.ask("/v2/team/file/tags/list", token).status, 200)
            refused = registry.ask("/v2/team/file/manifests/latest", token, method="DELETE")
            self.assertEqual(refused.status, 401)
            self.assertEqual(challenge(refused)["scope"], "repository:team/file:delete")
            self.assertEqual(asked["service"], registry.host)
        with CredentialedRegistry() as registry:
            self.assertEqual(registry.issue({}, "repository:team/file:pull").status, 401)

    def test_form(self):
        """containerd's way: the credential in a form, several scopes, and back to GET where there is no answer"""
        with CredentialedRegistry() as registry:
            fields = {
                "grant_type": "password", "service": registry.host, "client_id": "containerd-client",
                "username": "team", "password": registry.secrets["team"],
                "scope": "repository:team/file:pull repository:team/directory:pull,push"}
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = registry.ask("/token", form, "POST", urllib.parse.urlencode(fields).encode())
            self.assertEqual(answer.status, 200)
            for name in ("file", "directory"):
                read = registry.ask(f"/v2/team/{name}/tags/list", bearer(answer.json["access_token"]))
                self.assertEqual(read.status, 200)
            for grant in ("refresh_token", "authorization_code"):
                body = urllib.parse.urlencode(fields | {"grant_type": grant, "refresh_token": "x"}).encode()
                self.assertEqual(registry.ask("/token", form, "POST", body).status, 400)
            wrong = urllib.parse.urlencode(fields | {"password": "x" * 40}).encode()
            self.assertEqual(registry.ask("/token", form, "POST", wrong).status, 401)
            self.assertEqual(registry.ask("/token", {}, "POST", b"{}").status, 415)
            self.assertEqual(registry.ask("/token", form, "POST", b"x" * (65 << 10)).status, 413)

    def test_mount(self):
        """Who wants to mount a blob is told that the token has to be for both repositories, and mounts with it"""
        with CredentialedRegistry() as registry:
            team = basic(registry.secrets["team"])
            content = b"a layer of two repositories"
            digest = "sha256:" + hashlib.sha256(content).hexdigest()
            path = "/v2/team/{}/blobs/uploads/?{}"
            sent = registry.ask(path.format("from", f"digest={digest}"), team, "POST", content)
            self.assertEqual(sent.status, 201, sent.body)
            mount = path.format("to", f"mount={digest}&from=team/from")
            both = "repository:team/to:pull,push repository:team/from:pull"
            self.assertEqual(challenge(registry.ask(mount, method="POST", body=b""))["scope"], both)
            # A token for the target alone: its principal may pull from the source, so a better one helps.
            token = bearer(registry.issue(team, "repository:team/to:pull,push").json["token"])
            refused = registry.ask(mount, token, "POST", b"")
            self.assertEqual(refused.status, 401)
            asked = challenge(refused)
            self.assertEqual((asked["scope"], asked["error"]), (both, "insufficient_scope"))
            token = bearer(registry.issue(team, *asked["scope"].split()).json["token"])
            self.assertEqual(registry.ask(mount, token, "POST", b"").status, 201)
            # Who may not pull there sends the bytes: no token would help.
            foreign = path.format("to", f"mount={digest}&from=team/from").replace("/team/to/", "/other/to/")
            other = basic(registry.secrets["other"])
            token = bearer(registry.issue(other, "repository:other/to:pull,push repository:team/from:pull").json["token"])
            for headers in (token, other):
                self.assertEqual(registry.ask(foreign, headers, "POST", b"").status, 202)
            # A token to push with to the source, too, has always been enough.
            token = bearer(registry.issue(
                team, "repository:team/to:pull,push", "repository:team/from:push").json["token"])
            self.assertEqual(registry.ask(mount, token, "POST", b"").status, 201)
            for query in ("", "from=team/from", f"mount={digest}&from=Not/A/Name"):
                asked = challenge(registry.ask(path.format("to", query), method="POST", body=b""))
                self.assertEqual(asked["scope"], "repository:team/to:pull,push")

    def test_mount_from_anywhere(self):
        """Who may push everywhere mounts a blob without saying where from, with a token that says so"""
        rights = {"all": (["pull", "push"], ["**"]), "readall": (["pull"], ["**"])}
        with CredentialedRegistry(further=rights) as registry:
            everything, team = basic(registry.secrets["all"]), basic(registry.secrets["team"])
            content = b"a layer that is somewhere"
            digest = "sha256:" + hashlib.sha256(content).hexdigest()
            path = "/v2/team/{}/blobs/uploads/?{}"
            sent = registry.ask(path.format("from", f"digest={digest}"), team, "POST", content)
            self.assertEqual(sent.status, 201, sent.body)
            mount = path.format("to", f"mount={digest}")
            wanted = "repository:team/to:pull,push registry:catalog:*"
            self.assertEqual(challenge(registry.ask(mount, method="POST", body=b""))["scope"], wanted)
            token = bearer(registry.issue(everything, "repository:team/to:pull,push").json["token"])
            refused = registry.ask(mount, token, "POST", b"")
            self.assertEqual(refused.status, 401)
            asked = challenge(refused)
            self.assertEqual((asked["scope"], asked["error"]), (wanted, "insufficient_scope"))
            token = bearer(registry.issue(everything, *asked["scope"].split()).json["token"])
            for headers in (token, everything):
                self.assertEqual(registry.ask(mount, headers, "POST", b"").status, 201)
            # Who may push to some repositories sends the bytes, also where it could mount from one that it names.
            token = bearer(registry.issue(team, *wanted.split()).json["token"])
            for headers in (token, team):
                self.assertEqual(registry.ask(mount, headers, "POST", b"").status, 202)
            # To pull from everywhere is not enough to push.
            self.assertEqual(registry.ask(mount, basic(registry.secrets["readall"]), "POST", b"").status, 403)

    def test_library(self):
        """`library/NAME` reads NAME, for whoever may read that, where there is no such repository"""
        rights = {
            "plain": (["pull"], ["tiny"]), "library": (["pull", "push"], ["library/*"]),
            "both": (["pull"], ["tiny", "library/*"])}
        with CredentialedRegistry(further=rights) as registry:
            registry.take_in("tiny", "in/model.safetensors", hashlib.sha256(registry.content).hexdigest())
            held = {name: basic(registry.secrets[name]) for name in rights}
            path = "/v2/library/tiny/manifests/latest"
            scope = "repository:library/tiny:pull repository:tiny:pull"
            self.assertEqual(challenge(registry.ask(path))["scope"], scope)
            answers = {name: registry.ask(path, headers) for name, headers in held.items()}
            self.assertEqual({name: answer.status for name, answer in answers.items()},
                             {"plain": 200, "library": 404, "both": 200})
            wanted = registry.ask("/v2/tiny/manifests/latest", held["plain"])
            self.assertEqual(answers["plain"].body, wanted.body)
            layer = wanted.json["layers"][0]["digest"]
            for name in ("plain", "both"):
                token = bearer(registry.issue(held[name], *scope.split()).json["token"])
                blob = registry.ask(f"/v2/library/tiny/blobs/{layer}", token)
                self.assertEqual((blob.status, blob.body), (200, registry.content))
                self.assertEqual(registry.ask("/v2/library/tiny/tags/list", token).json["tags"], ["latest"])
                self.assertEqual(registry.ask("/v2/library/tiny/blobs/uploads/", token, "POST", b"").status, 403)
            # Nothing of the other repository is there for a push, and once there is something it is what is meant.
            head = registry.ask(f"/v2/library/tiny/blobs/{layer}", held["library"], "HEAD")
            self.assertEqual(head.status, 404)
            index = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
            headers = held["library"] | {"Content-Type": "application/vnd.oci.image.index.v1+json"}
            pushed = registry.ask(path, headers, "PUT", index)
            self.assertEqual(pushed.status, 201, pushed.body)
            self.assertEqual(registry.ask(path, held["both"]).status, 403)
            self.assertEqual(registry.ask(path, held["plain"]).status, 200)

    def test_proxy(self):
        """Clients are sent to the address that they used, by TLS where a proxy says so, or to the configured one"""
        with CredentialedRegistry() as registry:
            secure = registry.ask("/v2/", {"X-Forwarded-Proto": "https"})
            self.assertEqual(challenge(secure)["realm"], f"https://{registry.host}/token")
        with CredentialedRegistry({"external_url": "https://models.example:8443"}) as registry:
            asked = challenge(registry.ask("/v2/team/file/manifests/latest", method="PUT", body=b"{}"))
            self.assertEqual(asked["realm"], "https://models.example:8443/token")
            self.assertEqual(asked["service"], "models.example:8443")
            self.assertEqual(asked["scope"], "repository:team/file:pull,push")

    def test_curl(self):
        """curl shows a credential as a password or as a bearer token"""
        with CredentialedRegistry() as registry:
            url = f"http://{registry.host}/v2/team/file/tags/list"
            secret = registry.secrets["team"]
            for options in (["--user", f"x:{secret}"], ["--header", f"Authorization: Bearer {secret}"]):
                run = subprocess.run(
                    ["curl", "--silent", "--fail", *options, url], capture_output=True, check=True, timeout=60)
                self.assertEqual(json.loads(run.stdout)["tags"], ["latest"])

    def test_back_off(self):
        """Guesses at /token and beneath /v2 are counted together, and the address has to wait"""
        with CredentialedRegistry() as registry:
            for number in range(10):
                wrong = basic(f"{number}" * 40)
                answer = registry.issue(wrong) if number % 2 else registry.ask("/v2/", wrong)
                self.assertEqual(answer.status, 401)
            right = basic(registry.secrets["team"])
            for answer in (registry.issue(right), registry.ask("/v2/", right)):
                self.assertEqual(answer.status, 429)
                self.assertIn(int(answer.headers["Retry-After"]), range(50, 62))
                self.assertEqual(answer.json["errors"][0]["code"], "TOOMANYREQUESTS")


@unittest.skipUnless(shutil.which("openssl"), "openssl is missing: scripts/setup")
class OllamaTests(unittest.TestCase):
    """Ollama's own way, as its server/auth.go has it: the realm's host is compared, the query is sorted."""

    def setUp(self):
        self.folder = self.enterContext(TemporaryKey())

    def sign(self, asked, host):
        query = urllib.parse.urlencode(sorted(
            {"service": asked["service"], "scope": asked["scope"], "ts": str(int(time.time())),
             "nonce": secrets.token_urlsafe(16)}.items()))
        url = f"{asked['realm']}?{query}"
        nothing = base64.b64encode(hashlib.sha256(b"").hexdigest().encode()).decode()
        signature = self.folder.sign(f"GET,{url},{nothing}".encode())
        key = self.folder.line.split()[1]
        return f"/token?{query}", {"Authorization": f"{key}:{base64.b64encode(signature).decode()}", "Host": host}

    def test_pull(self):
        """A registered key gets a token for one request, and what it was refused before"""
        with CredentialedRegistry(keys={"workstation": self.folder.line}) as registry:
            path = "/v2/team/file/manifests/latest"
            asked = challenge(registry.ask(path))
            self.assertEqual(urllib.parse.urlsplit(asked["realm"]).netloc, registry.host)
            target, headers = self.sign(asked, registry.host)
            answer = registry.ask(target, headers)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(registry.ask(path, bearer(answer.json["token"])).status, 200)
            self.assertEqual(registry.ask(target, headers).status, 401)
            # For another address of this machine.
            target, headers = self.sign(asked | {"realm": "http://127.0.0.9/token"}, registry.host)
            self.assertEqual(registry.ask(target, headers).status, 401)

    def test_unknown(self):
        """A key that is not registered is told the line to register, and nothing is counted as a guess"""
        with CredentialedRegistry() as registry:
            asked = challenge(registry.ask("/v2/team/file/manifests/latest"))
            for _ in range(12):
                target, headers = self.sign(asked, registry.host)
                answer = registry.ask(target, headers)
                self.assertEqual(answer.status, 401)
                self.assertIn(self.folder.line, answer.json["errors"][0]["message"])


class TemporaryKey:
    """An Ed25519 key of openssl's, for as long as a test takes."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="pratique-key-")
        self.path = f"{self.folder.name}/key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.path], check=True, timeout=60)
        public = subprocess.run(
            ["openssl", "pkey", "-in", self.path, "-pubout", "-outform", "DER"], check=True, capture_output=True,
            timeout=60).stdout[-32:]
        algorithm = b"ssh-ed25519"
        blob = len(algorithm).to_bytes(4) + algorithm + len(public).to_bytes(4) + public
        self.line = "ssh-ed25519 " + base64.b64encode(blob).decode()
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def sign(self, message):
        path = f"{self.folder.name}/message"
        with open(path, "wb") as file:
            file.write(message)
        return subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-inkey", self.path, "-rawin", "-in", path], check=True,
            capture_output=True, timeout=60).stdout
