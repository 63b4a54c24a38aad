"""The transparency log read by a program that shares nothing with the registry: RFC 6962 and C2SP in a few lines.

The signature is checked by openssl.
"""

import base64
import hashlib
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

from running_registry import RunningRegistry
from tiny_model import safetensors, sha256

# SubjectPublicKeyInfo of an Ed25519 key, up to the key (RFC 8410).
SPKI = bytes.fromhex("302a300506032b6570032100")


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def root(hashes):
    """RFC 6962, 2.1."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


def entries(bundle):
    found = []
    while bundle:
        (length,) = struct.unpack(">H", bundle[:2])
        found.append(bundle[2:2 + length])
        bundle = bundle[2 + length:]
    return found


def verified_checkpoint(note, vkey):
    """C2SP signed-note and tlog-checkpoint: (origin, size, root)."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    name, key_hash, encoded = vkey.strip().split("+", 2)
    key = base64.b64decode(encoded)
    assert key[0] == 1, "the key is not Ed25519"
    assert hashlib.sha256(f"{name}\n".encode() + key).digest()[:4].hex() == key_hash
    line = next(line for line in signatures.splitlines() if line.startswith(f"\u2014 {name} "))
    signature = base64.b64decode(line.split(" ")[2])
    assert signature[:4].hex() == key_hash
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        (directory / "key").write_bytes(SPKI + key[1:])
        (directory / "signature").write_bytes(signature[4:])
        (directory / "text").write_bytes(text.encode())
        subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", directory / "key", "-rawin", "-in",
             directory / "text", "-sigfile", directory / "signature"], check=True, capture_output=True)
    origin, size, encoded_root = text.splitlines()[:3]
    return origin, int(size), base64.b64decode(encoded_root)


def resource(kind, index, size):
    """The path of a tile or bundle of a log of `size` entries."""
    width = min(256, size - index * 256)
    return f"/log/tile/{kind}/{index:03}" + ("" if width == 256 else f".p/{width}")


@unittest.skipUnless(shutil.which("openssl"), "openssl is missing: make setup")
class LogTests(unittest.TestCase):
    def fill(self, registry, changes):
        registry.write_source("model.safetensors", safetensors())
        body = {"name": "model", "filename": "model.safetensors", "sha256": sha256(safetensors())}
        self.assertEqual(registry.post("/v1/model/acquire", body).status, 201)
        for _ in range(changes):
            self.assertEqual(registry.post("/v1/model/promote", {"name": "model"}).status, 201)
            self.assertEqual(registry.post("/v1/model/revoke?name=model").status, 200)

    def checkpoint(self, registry, past):
        """The first signed checkpoint of more than `past` entries."""
        for _ in range(1000):
            note = registry.get("/log/checkpoint", token=False).body.decode()
            key = registry.get("/log/key", token=False).body.decode()
            checkpoint = verified_checkpoint(note, key)
            if checkpoint[1] > past:
                return checkpoint
        self.fail(f"no checkpoint of more than {past} entries was signed")

    def leaves(self, registry, size):
        found = []
        for index in range((size + 255) // 256):
            answer = registry.get(resource("entries", index, size), token=False)
            self.assertEqual(answer.status, 200)
            found += entries(answer.body)
        return found

    def test_root(self):
        """The signed root is that of the entries, by another implementation, through bundles and tiles"""
        with RunningRegistry() as registry:
            self.fill(registry, 90)
            last = registry.get("/v1/model/model").json["head_index"]
            origin, size, signed = self.checkpoint(registry, past=last)
            self.assertGreater(size, 256)
            self.assertEqual(registry.get("/log/key").body.decode().split("+")[0], origin)
            leaves = self.leaves(registry, size)
            self.assertEqual(len(leaves), size)
            hashes = [leaf_hash(leaf) for leaf in leaves]
            self.assertEqual(root(hashes), signed)
            tiles = b"".join(registry.get(resource(0, index, size)).body for index in range((size + 255) // 256))
            self.assertEqual(tiles, b"".join(hashes))
            self.assertEqual(registry.get("/log/tile/1/000.p/1").body, root(hashes[:256]))

    def test_events_are_leaves(self):
        """What the API tells of an event is the leaf, byte for byte"""
        with RunningRegistry() as registry:
            self.fill(registry, 2)
            last = registry.get("/v1/model/model").json["head_index"]
            _, size, _ = self.checkpoint(registry, past=last)
            told = [base64.b64decode(row["leaf"]) for row in registry.get("/v1/audit?limit=1000").json]
            self.assertEqual(told[:size], self.leaves(registry, size))

    def test_growth(self):
        """A later checkpoint contains an earlier one, over a restart too"""
        with RunningRegistry() as registry:
            self.fill(registry, 3)
            _, size, signed = self.checkpoint(registry, past=0)
            self.assertEqual(registry.stop(), 0)
            registry.start()
            registry.post("/v1/model/promote", {"name": "model"})
            last = registry.get("/v1/model/model").json["head_index"]
            _, later, _ = self.checkpoint(registry, past=last)
            self.assertGreater(later, size)
            hashes = [leaf_hash(leaf) for leaf in self.leaves(registry, later)]
            self.assertEqual(root(hashes[:size]), signed)
