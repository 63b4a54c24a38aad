"""A registry of its own for one test: a temporary directory, a token, a port that the system chose."""

import http.client
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import time
import urllib.parse

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("BIN", CHECKOUT / ".build/release")).resolve()


class Answer:
    """What the registry answered, read to its end."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["code"]


class RunningRegistry:
    """Starts with `with`, and is gone with everything it stored at its end.

    `settings` are those of `pratique serve --set`. `token` is None for a registry without one.
    """

    startSeconds = 60

    def __init__(self, settings=None, token=True):
        self.settings = dict(settings or {})
        self.token = secrets.token_hex(32) if token else None

    def __enter__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pratique-clients-"))
        self.directory = self.home / "registry"
        self.directory.mkdir()
        self.token_path = self.home / "token"
        if self.token:
            self.token_path.touch(mode=0o600)
            self.token_path.write_text(self.token + "\n")
        self.process = None
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if self.process is not None:
                self.stop()
        finally:
            shutil.rmtree(self.home)

    def start(self):
        address = self.home / "address"
        address.unlink(missing_ok=True)
        settings = {
            "bind_addr": "127.0.0.1:0",
            "registry_dir": self.directory,
            "service_token_path": self.token_path if self.token else "",
            "registry_lock_path": self.home / "models.lock.yaml",
            "integrity_result_path": self.home / "integrity.json",
        } | self.settings
        command = [PROGRAMS / "pratique", "serve", "--address-file", address]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        self.log = open(self.home / "log", "ab")
        self.process = self.launch(command)
        self.url = self.wait_for(address)
        self.host = urllib.parse.urlsplit(self.url).netloc

    def launch(self, command):
        return subprocess.Popen(command, stderr=self.log, env=self.environment())

    def wait_for(self, address):
        end = time.monotonic() + self.startSeconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"pratique ended with {self.process.returncode}: {self.log_text()}")
            text = address.read_text() if address.exists() else ""
            if text.endswith("\n"):
                return text.strip()
            time.sleep(0.01)
        raise RuntimeError(f"pratique did not listen in {self.startSeconds} s: {self.log_text()}")

    def stop(self):
        """Ends the server as a service manager does.

        - Returns: its exit status.
        """
        self.process.terminate()
        try:
            status = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.log.close()
        return status

    def kill(self):
        """Ends the server as a crash does."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def kill_and_start(self):
        """As after a crash, at the same address."""
        self.kill()
        host = self.settings.get("bind_addr", "127.0.0.1:0").rpartition(":")[0]
        self.settings["bind_addr"] = f"{host}:{self.url.rpartition(':')[2]}"
        self.start()

    def signed_size(self):
        """Entries of the transparency log under its signed checkpoint."""
        answer = self.get("/log/checkpoint", token=False)
        return int(answer.body.split(b"\n")[1]) if answer.status == 200 else 0

    def wait_for_checkpoint(self, past):
        """A decision is under a signed checkpoint shortly after it was answered, not before."""
        end = time.monotonic() + self.startSeconds
        while self.signed_size() <= past:
            if time.monotonic() > end:
                raise RuntimeError(f"no checkpoint of more than {past} entries was signed: {self.log_text()}")
            time.sleep(0.01)

    def log_text(self):
        return (self.home / "log").read_text(errors="replace")

    def environment(self):
        """For programs that the test starts: nothing of the person's own settings."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
        }

    def client_environment(self):
        environment = self.environment() | {"REGISTRY_URL": self.url}
        if self.token:
            environment["SERVICE_TOKEN_PATH"] = str(self.token_path)
        return environment

    def securectl(self, *arguments, **options):
        """Runs `securectl` to its end."""
        return self.run_securectl(self.client_environment(), *arguments, **options)

    def run_securectl(self, environment, *arguments, **options):
        """The same in surroundings of its own."""
        return subprocess.run(
            [PROGRAMS / "securectl", *map(str, arguments)], env=environment, capture_output=True, text=True,
            timeout=120, **options)

    def request(self, method, path, body=None, headers=None, token=True):
        """One request.

        `body` is bytes, an iterator of bytes (sent in chunks, without a length), or a value that becomes JSON.
        """
        fields = dict(headers or {})
        if token and self.token:
            fields.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes) and not hasattr(body, "__next__"):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        connection = self.connection()
        try:
            connection.request(method, path, body=body, headers=fields)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def connection(self):
        return http.client.HTTPConnection(self.host, timeout=120)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def write_source(self, name, content):
        """Puts a file where `acquire` finds it."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path
