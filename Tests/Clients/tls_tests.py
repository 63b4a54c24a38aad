"""TLS as real clients speak it: curl, skopeo, Python, and bytes that a test writes itself."""

import http.client
import shutil
import socket
import ssl
import subprocess
import time
import unittest
import urllib.parse

import tiny_model
from push_tests import write_layout
from pushed_artifacts import image
from running_registry import PROGRAMS, RunningRegistry
from secure_registry import Authority, SecureRegistry, weights


def read_to_end(connection):
    """- Returns: what came, and whether the end was announced as TLS demands."""
    received = b""
    try:
        while data := connection.recv(1 << 16):
            received += data
    except ssl.SSLEOFError:
        return received, False
    except ConnectionResetError:
        return received, False
    return received, True


class ConnectionTests(unittest.TestCase):
    def request(self, registry, path, *fields):
        lines = [f"GET {path} HTTP/1.1", f"Host: {registry.host}", f"Authorization: Bearer {registry.token}", *fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def settled(self, registry, files):
        """Waits until the server has no more files open than it had."""
        end = time.monotonic() + 30
        while registry.open_files() > files and time.monotonic() < end:
            self.assertEqual(registry.get("/health").status, 200)
        self.assertLessEqual(registry.open_files(), files)

    def test_pipelining(self):
        """Requests that are sent in one go are answered in their order on one connection, files too"""
        content = weights(3)
        with SecureRegistry() as registry:
            blob = registry.admit("large", content)
            with registry.connect("http/1.1") as connection:
                connection.sendall(
                    self.request(registry, "/v1/model/none") + self.request(registry, blob)
                    + self.request(registry, blob, "Range: bytes=100000-299999")
                    + self.request(registry, "/v1/model/other", "Connection: close"))
                received, _ = read_to_end(connection)
            parts = received.split(b"\r\n\r\n", 1)
            self.assertTrue(parts[0].startswith(b"HTTP/1.1 404"))
            place = received.index(b"HTTP/1.1 200")
            start = received.index(b"\r\n\r\n", place) + 4
            self.assertEqual(received[start:start + len(content)], content)
            rest = received[start + len(content):]
            self.assertTrue(rest.startswith(b"HTTP/1.1 206"))
            start = rest.index(b"\r\n\r\n") + 4
            self.assertEqual(rest[start:start + 200_000], content[100_000:300_000])
            self.assertTrue(rest[start + 200_000:].startswith(b"HTTP/1.1 404"))
            self.assertIn(b"other", rest[start + 200_000:])

    def test_versions(self):
        """TLS 1.2 and 1.3 are spoken, with ciphers that keep what was said secret, and nothing older"""
        with SecureRegistry() as registry:
            context = registry.context()
            for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
                context.minimum_version = context.maximum_version = version
                connection = http.client.HTTPSConnection(registry.host, timeout=60, context=context)
                connection.request("GET", "/health")
                self.assertEqual(connection.sock.version(), name)
                self.assertEqual(connection.getresponse().status, 200)
                connection.close()
            for refused in (["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"], ["-tls1_2", "-cipher", "AES128-SHA"]):
                run = subprocess.run(
                    ["openssl", "s_client", "-connect", registry.host, *refused], capture_output=True, input=b"",
                    timeout=60)
                self.assertNotEqual(run.returncode, 0, run.stdout)

    def test_slow_head(self):
        """A head that does not end in time ends the connection, and one that takes its time after a pause does not"""
        with SecureRegistry({"request_head_seconds": 1}) as registry:
            with registry.connect("http/1.1") as connection:
                connection.sendall(b"GET /health HTTP/1.1\r\nHost:")
                self.assertEqual(read_to_end(connection)[0], b"")
            with registry.connect("http/1.1") as connection:
                time.sleep(1.5)
                connection.sendall(self.request(registry, "/health", "Connection: close"))
                self.assertTrue(read_to_end(connection)[0].startswith(b"HTTP/1.1 200"))

    def test_idle(self):
        """A connection without a request is closed, and the client is told that nothing was cut off"""
        with SecureRegistry({"idle_connection_seconds": 1}) as registry, registry.connect("http/1.1") as connection:
            connection.sendall(self.request(registry, "/health"))
            received, is_whole = read_to_end(connection)
            self.assertTrue(received.startswith(b"HTTP/1.1 200"))
            self.assertTrue(is_whole)

    def test_slow_reader(self):
        """A client that takes nothing of its answer is cut off, and costs little memory until then"""
        with SecureRegistry({"stalled_client_seconds": 1}) as registry:
            blob = registry.admit("large", weights(64))
            registry.get("/health")
            (files, before) = (registry.open_files(), registry.peak_memory())
            readers = [registry.connect("http/1.1", receive_bytes=4096) for _ in range(8)]
            for reader in readers:
                reader.sendall(self.request(registry, blob))
            for reader in readers:
                self.assertGreater(len(reader.recv(100)), 0)
            self.settled(registry, files)
            self.assertLess(registry.peak_memory() - before, 24 << 20)
            for reader in readers:
                self.assertLess(len(read_to_end(reader)[0]), 32 << 20)
                reader.close()

    def test_broken_downloads(self):
        """Clients that go away in the middle of a file leave nothing open"""
        with SecureRegistry() as registry:
            blob = registry.admit("large", weights(64))
            registry.get("/health")
            files = registry.open_files()
            for number in range(30):
                reader = registry.connect("http/1.1", receive_bytes=4096)
                reader.sendall(self.request(registry, blob))
                self.assertGreater(len(reader.recv(1 + number * 1000)), 0)
                # With a reset, with the end of TCP alone, and in good order.
                if number % 3 == 0:
                    reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                elif number % 3 == 1:
                    reader.shutdown(socket.SHUT_RDWR)
                else:
                    reader.settimeout(1)
                    try:
                        reader.unwrap()
                    except (ssl.SSLError, OSError):
                        pass
                reader.close()
            self.settled(registry, files)

    def test_large_download(self):
        """A download is served in constant memory, by either version"""
        content = weights(512)
        with SecureRegistry() as registry:
            blob = registry.admit("large", content)
            for version in ("--http1.1", "--http2"):
                run = subprocess.run(
                    ["curl", "-sS", version, "--cacert", registry.authority.path, "-H",
                     f"Authorization: Bearer {registry.token}", "-o", "/dev/null", "-w", "%{size_download}",
                     registry.url + blob], capture_output=True, text=True, timeout=120)
                self.assertEqual(run.stdout, str(len(content)), run.stderr)
            self.assertLess(registry.peak_memory(), 160 << 20)


@unittest.skipUnless(shutil.which("skopeo"), "skopeo is missing: scripts/setup")
class SkopeoTests(unittest.TestCase):
    def test_copy(self):
        """skopeo pulls by TLS with the authority in a directory, and refuses without it"""
        content = tiny_model.safetensors()
        with SecureRegistry({"allowed_hosts": "localhost"}) as registry:
            registry.admit("small", content)
            home = registry.home
            (home / "certificates").mkdir()
            shutil.copy(registry.authority.path, home / "certificates/ca.crt")
            source = f"docker://{registry.host}/small:latest"
            credentials = ["--src-creds", f"anybody:{registry.token}"]
            for arguments, status in (([], 1), (["--src-cert-dir", str(home / "certificates")], 0)):
                run = subprocess.run(
                    ["skopeo", "copy", *credentials, *arguments, source, f"dir:{home / 'copy'}"],
                    env=registry.environment(), cwd=home, capture_output=True, text=True, timeout=120)
                self.assertEqual(run.returncode, status, run.stdout + run.stderr)
            digest = tiny_model.sha256(content)
            self.assertEqual((home / "copy" / digest).read_bytes(), content)

    def test_push(self):
        """skopeo pushes by TLS, and every address that it is sent to is one of TLS"""
        with SecureRegistry() as registry:
            home = registry.home
            (home / "certificates").mkdir()
            shutil.copy(registry.authority.path, home / "certificates/ca.crt")
            manifest = image()
            write_layout(home / "layout", manifest, "new")
            run = subprocess.run(
                ["skopeo", "copy", "--dest-creds", f"anybody:{registry.token}", "--dest-cert-dir",
                 str(home / "certificates"), "--preserve-digests", "oci:layout:new",
                 f"docker://{registry.host}/team/image:new"],
                env=registry.environment(), cwd=home, capture_output=True, text=True, timeout=120)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            tags = registry.get("/v2/team/image/tags/list").json["tags"]
            self.assertEqual(tags, ["new"])


class SecurectlTests(unittest.TestCase):
    def run_securectl(self, registry, *arguments, status=0, **environment):
        run = subprocess.run(
            [PROGRAMS / "securectl", *map(str, arguments)], env=registry.client_environment() | environment,
            cwd=registry.home, capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run

    def test_authority(self):
        """securectl trusts the authority that it is told of, in each of three ways, and no other"""
        with SecureRegistry() as registry:
            authority = registry.authority.path
            refused = self.run_securectl(registry, "status", status=69)
            self.assertIn("an authority that this machine does not trust", refused.stderr)
            self.run_securectl(registry, "status", "--ca-file", authority)
            self.run_securectl(registry, "status", REGISTRY_CA_FILE=str(authority))
            (registry.home / "other").mkdir()
            other = Authority(registry.home / "other").path
            refused = self.run_securectl(registry, "status", "--ca-file", other, status=69)
            self.assertIn("none of the authorities that were named", refused.stderr)
            self.run_securectl(
                registry, "login", "--server", registry.url, "--token-file", registry.token_path, "--ca-file", authority)
            environment = registry.environment()
            run = subprocess.run(
                [PROGRAMS / "securectl", "status"], env=environment, capture_output=True, text=True, timeout=120)
            self.assertEqual(run.returncode, 0, run.stderr)
            # What was stored is for that registry alone.
            run = subprocess.run(
                [PROGRAMS / "securectl", "status", "--server", registry.url.replace("127.0.0.1", "localhost")],
                env=environment, capture_output=True, text=True, timeout=120)
            self.assertEqual(run.returncode, 69, run.stderr)

    def test_useless_files(self):
        """securectl says what is wrong with a file of authorities"""
        with SecureRegistry() as registry:
            run = self.run_securectl(registry, "status", "--ca-file", registry.token_path, status=78)
            self.assertIn("holds no certificates in PEM", run.stderr)
            run = self.run_securectl(
                registry, "status", "--server", "http://127.0.0.1:1", "--ca-file", registry.authority.path, status=78)
            self.assertIn("of no use without https", run.stderr)

    def test_no_tls(self):
        """securectl says that a registry does not speak TLS"""
        with RunningRegistry() as registry:
            run = self.run_securectl(registry, "status", "--server", f"https://{registry.host}", status=69)
            self.assertIn("cannot be reached: it does not speak TLS", run.stderr)

    def test_other_name(self):
        """securectl says that a certificate is for another name"""
        with SecureRegistry(hosts="DNS:registry.example") as registry:
            run = self.run_securectl(registry, "status", "--ca-file", registry.authority.path, status=69)
            self.assertIn("its certificate is for another name than 127.0.0.1", run.stderr)

    def test_expired(self):
        """securectl says that a certificate has expired"""
        with SecureRegistry(days=-1) as registry:
            run = self.run_securectl(registry, "status", "--ca-file", registry.authority.path, status=69)
            self.assertIn("its certificate has expired", run.stderr)

    def test_upload(self):
        """securectl uploads and promotes by TLS"""
        with SecureRegistry() as registry:
            path = registry.home / "model.safetensors"
            path.write_bytes(weights(9))
            authority = registry.authority.path
            self.run_securectl(registry, "push", path, "--as", "team/model", "--promote", "--ca-file", authority)
            run = self.run_securectl(registry, "path", "team/model", "--ca-file", authority)
            self.assertTrue(run.stdout.strip().endswith("model.safetensors"), run.stdout)

    def test_any_registry(self):
        """securectl pulls from a registry with an authority of its own, and says why it does not without it"""
        content = tiny_model.safetensors()
        with SecureRegistry() as registry:
            registry.admit("small", content)
            reference = f"{registry.host}/small:latest"
            token = ["--token-file", registry.token_path]
            refused = self.run_securectl(registry, "pull", reference, registry.home / "none", *token, status=69)
            self.assertIn("an authority that this machine does not trust", refused.stderr)
            self.run_securectl(
                registry, "pull", reference, registry.home / "pulled", *token, "--ca-file", registry.authority.path)
            files = [path for path in (registry.home / "pulled").rglob("*") if path.is_file()]
            self.assertEqual([path.read_bytes() for path in files], [content])


class StreamedUploadTests(unittest.TestCase):
    def test_unknown_length(self):
        """A body whose length nobody announced is taken whole, by HTTP/1.1 in chunks and by HTTP/2 as it ends"""
        content = weights(3)
        digest = tiny_model.sha256(content)
        with SecureRegistry() as registry:
            for version in ("--http1.1", "--http2"):
                with self.subTest(version):
                    started = registry.request("POST", f"/v2/team/streamed{version[6]}/blobs/uploads/", b"")
                    self.assertEqual(started.status, 202, started.body)
                    location = urllib.parse.urljoin(f"https://{registry.host}/", started.headers["Location"])
                    answers = []
                    for method, address, body in (
                        ("PATCH", location, content), ("PUT", f"{location}?digest=sha256:{digest}", b""),
                    ):
                        run = subprocess.run(
                            ["curl", "--silent", version, "--cacert", registry.authority.path, "--request", method,
                             "--header", f"Authorization: Bearer {registry.token}", "--upload-file", "-",
                             "--write-out", "%{http_version} %{http_code}", address],
                            input=body, capture_output=True, timeout=60)
                        answers.append(run.stdout.decode())
                    self.assertEqual(answers, [f"{version[6:]} 202", f"{version[6:]} 201"])
