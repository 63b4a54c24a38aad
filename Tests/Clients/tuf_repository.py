"""A repository of The Update Framework for one test, signed with keys of its own by openssl, and a server for it."""

import datetime
import hashlib
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading

ROLES = ("root", "timestamp", "snapshot", "targets")


class Key:
    """Ed25519. What it signs is signed by openssl, so that the program under test does not check itself."""

    def __init__(self, path):
        self.path = path
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, capture_output=True)
        public = subprocess.run(
            ["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        self.json = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": public[-32:].hex()}}
        self.identifier = hashlib.sha256(canonical(self.json)).hexdigest()

    def sign(self, message):
        with tempfile.NamedTemporaryFile() as file:
            file.write(message)
            file.flush()
            command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", file.name]
            return subprocess.run(command, check=True, capture_output=True).stdout.hex()


def canonical(value):
    """OLPC's form, for texts without quotes, backslashes and control characters."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class TUFRepository:
    """The files are below `home`, as a server gives them. `publish` makes new versions."""

    def __init__(self, home):
        self.home = pathlib.Path(home)
        (self.home / "targets").mkdir(parents=True)
        self.keys = {role: Key(self.home / f"{role}.pem") for role in ROLES}
        self.versions = dict.fromkeys(ROLES, 0)
        self.days = dict.fromkeys(ROLES, 7)
        self.targets = {}
        self.publish(*ROLES)
        self.anchor = self.home / "anchor.json"
        self.anchor.write_bytes((self.home / "1.root.json").read_bytes())

    def add(self, path, content):
        digest = hashlib.sha256(content).hexdigest()
        (self.home / "targets" / f"{digest}.{path}").write_bytes(content)
        self.targets[path] = {"length": len(content), "hashes": {"sha256": digest}}

    def publish(self, *roles):
        for role in sorted(roles, key=("root", "targets", "snapshot", "timestamp").index):
            self.versions[role] += 1
            expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=self.days[role])
            signed = {
                "_type": role, "spec_version": "1.0.34", "version": self.versions[role],
                "expires": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
            } | self.content(role)
            signature = {"keyid": self.keys[role].identifier, "sig": self.keys[role].sign(canonical(signed))}
            name = "timestamp.json" if role == "timestamp" else f"{self.versions[role]}.{role}.json"
            (self.home / name).write_text(json.dumps({"signatures": [signature], "signed": signed}, indent=1))

    def content(self, role):
        if role == "root":
            return {
                "consistent_snapshot": True,
                "keys": {key.identifier: key.json for key in self.keys.values()},
                "roles": {
                    name: {"keyids": [key.identifier], "threshold": 1} for name, key in self.keys.items()
                },
            }
        if role == "targets":
            return {"targets": self.targets}
        listed = {"timestamp": "snapshot", "snapshot": "targets"}[role]
        return {"meta": {f"{listed}.json": {"version": self.versions[listed]}}}


class RepositoryServer:
    """Serves a directory on a loopback port while `with` lasts, and remembers what was asked for."""

    def __init__(self, home):
        self.requests = []
        requests = self.requests

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(home))

            def do_GET(self):
                requests.append(self.path)
                super().do_GET()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
