"""A registry that speaks TLS, with a certificate that an authority of the test signed."""

import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import time

import tiny_model
from running_registry import RunningRegistry

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]


def weights(megabytes):
    """A file of safetensors with one tensor, whose bytes do not repeat."""
    count = megabytes << 20
    header = json.dumps({"weights": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}}).encode()
    header += b" " * (-len(header) % 8)
    content = b"".join(random.Random(each).randbytes(1 << 20) for each in range(megabytes))
    return struct.pack("<Q", len(header)) + header + content


class Authority:
    """Signs certificates with `openssl`; `path` is what clients trust."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.path = self.directory / "ca.crt"
        self.key = self.directory / "ca.key"
        self.openssl("req", "-x509", "-subj", "/CN=Test Authority", "-days", "30", "-keyout", self.key, "-out",
                     self.path, *CURVE)

    def sign(self, name, hosts="DNS:localhost,IP:127.0.0.1", days=30):
        """- Returns: the paths of a certificate and its key."""
        request, names, key, certificate = (self.directory / f"{name}.{end}" for end in ("csr", "ext", "key", "pem"))
        self.openssl("req", "-new", "-subj", f"/CN={name}", "-keyout", key, "-out", request, *CURVE)
        names.write_text(f"subjectAltName={hosts}\n")
        self.openssl("x509", "-req", "-in", request, "-CA", self.path, "-CAkey", self.key, "-CAcreateserial",
                     "-days", days, "-extfile", names, "-out", certificate)
        key.chmod(0o600)
        return certificate, key

    def certificates(self, directory):
        """- Returns: a directory of the authority alone, as `--cert-dir` of skopeo, podman and buildah takes it."""
        path = pathlib.Path(directory)
        path.mkdir()
        shutil.copy(self.path, path / "ca.crt")
        return path

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class SecureRegistry(RunningRegistry):
    def __init__(self, settings=None, token=True, **certificate):
        super().__init__(settings, token)
        self.certificate = certificate

    def __enter__(self):
        self.secrets = tempfile.TemporaryDirectory(prefix="pratique-authority-")
        try:
            self.authority = Authority(self.secrets.name)
            certificate, key = self.authority.sign("server", **self.certificate)
            self.settings |= {"tls_certificate_path": certificate, "tls_key_path": key}
            return super().__enter__()
        except BaseException:
            self.secrets.cleanup()
            raise

    def __exit__(self, *error):
        super().__exit__(*error)
        self.secrets.cleanup()

    def renew(self, authority):
        """Puts a certificate of `authority` in place of the present one, and waits until it is shown."""
        certificate, key = authority.sign("renewed")
        os.replace(key, self.settings["tls_key_path"])
        os.replace(certificate, self.settings["tls_certificate_path"])
        self.authority = authority
        end = time.monotonic() + 60
        while True:
            try:
                return self.get("/health")
            except ssl.SSLCertVerificationError:
                assert time.monotonic() < end, "the renewed certificate is not shown"

    def context(self, *protocols):
        context = ssl.create_default_context(cafile=self.authority.path)
        if protocols:
            context.set_alpn_protocols(protocols)
        return context

    def connection(self):
        return http.client.HTTPSConnection(self.host, timeout=120, context=self.context())

    def connect(self, *protocols, receive_bytes=None):
        """- Returns: a socket under TLS."""
        host, port = self.host.split(":")
        plain = socket.socket()
        if receive_bytes:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        plain.settimeout(60)
        plain.connect((host, int(port)))
        return self.context(*protocols).wrap_socket(plain, server_hostname=host)

    def admit(self, name, content):
        """Takes a file in and promotes it.

        - Returns: the path of its blob.
        """
        digest = tiny_model.sha256(content)
        self.write_source(f"in/{name}.safetensors", content)
        for verb, fields in (("acquire", {"filename": f"in/{name}.safetensors", "sha256": digest}), ("promote", {})):
            answer = self.post(f"/v1/model/{verb}", {"name": name, **fields})
            assert answer.status == 201, answer.body
        return f"/v2/{name}/blobs/sha256:{digest}"

    def open_files(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def peak_memory(self):
        """Bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
        raise RuntimeError("no VmHWM")
