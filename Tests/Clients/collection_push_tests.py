"""Pushes while what nothing needs is removed every second: what was acknowledged is never among it."""

import http.client
import os
import random
import subprocess
import threading
import time
import unittest

from repository_client import BYTES, EMPTY, OCI_MANIFEST, Blob, Manifest, Repository, digest, expect
from running_registry import PROGRAMS, RunningRegistry

# At length: COLLECTION_IMAGES=10000.
IMAGES = int(os.environ.get("COLLECTION_IMAGES", "1200"))
WORKERS = 8
REPOSITORIES = 20
SHARED_LAYERS = 100
ATTEMPTS = 100


class Pushes:
    """Images with half of their layers shared, a third of which are deleted again, by several connections."""

    def __init__(self, registry, count):
        self.registry = registry
        self.count = count
        self.shared = [Blob(bytes([number]) * 300) for number in range(SHARED_LAYERS)]
        self.lock = threading.Lock()
        # What was acknowledged and not taken back since, by number: a repository and a manifest.
        self.kept = {}
        self.handled = 0
        self.faults = []
        self.threads = [threading.Thread(target=self.work, args=(number,)) for number in range(WORKERS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()

    def wait_for(self, part):
        """Until so much of all was handled."""
        while self.handled < self.count * part and any(thread.is_alive() for thread in self.threads):
            time.sleep(0.01)

    def work(self, worker):
        chance = random.Random(worker)
        connection = Connection(self.registry)
        for number in range(worker, self.count, WORKERS):
            try:
                self.push(number, chance, connection)
            except Exception as error:  # pylint: disable=broad-except
                with self.lock:
                    self.faults.append(f"{number}: {error!r}")
            with self.lock:
                self.handled += 1

    def push(self, number, chance, connection):
        layers = [
            chance.choice(self.shared) if chance.random() < 0.5 else Blob(chance.randbytes(200), BYTES)
            for _ in range(2)]
        manifest = Manifest(EMPTY, layers, annotations={"number": str(number)})
        repository = f"team/r{number % REPOSITORIES}"
        for attempt in range(ATTEMPTS):
            for blob in manifest.blobs:
                connection.upload(repository, blob, isCertain=attempt > 0)
            status, body = connection.request(
                "PUT", f"/v2/{repository}/manifests/t{number}", manifest.content, OCI_MANIFEST)
            if status == 201:
                break
            # Somebody deleted it after we had asked for it.
            assert status == 404 and b"MANIFEST_BLOB_UNKNOWN" in body, (status, body)
        else:
            raise AssertionError("the blobs of a manifest went away again and again")
        with self.lock:
            self.kept[number] = (repository, manifest)
        if chance.random() < 0.3:
            with self.lock:
                del self.kept[number]
            status, body = connection.request("DELETE", f"/v2/{repository}/manifests/{manifest.digest}")
            assert status in (202, 404), (status, body)
            for layer in layers:
                # That it was received keeps a blob as well. Others may have brought it, or name it.
                status, body = connection.request("DELETE", f"/v2/{repository}/blobs/{layer.digest}")
                assert status in (202, 404, 405), (status, body)


class Connection:
    """Asks again when the server was killed."""

    def __init__(self, registry):
        self.registry = registry
        self.connection = registry.connection()
        self.fields = {"Authorization": f"Bearer {registry.token}"}

    def request(self, method, path, body=b"", media_type=BYTES):
        end = time.monotonic() + 60
        while True:
            try:
                self.connection.request(method, path, body, {**self.fields, "Content-Type": media_type})
                response = self.connection.getresponse()
                return response.status, response.read()
            except (OSError, http.client.HTTPException):
                self.connection.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)
                self.connection = self.registry.connection()

    def upload(self, repository, blob, isCertain):
        """- Parameter isCertain: send the bytes, also when they are there."""
        if not isCertain and self.request("HEAD", f"/v2/{repository}/blobs/{blob.digest}")[0] == 200:
            return
        status, body = self.request("POST", f"/v2/{repository}/blobs/uploads/?digest={blob.digest}", blob.content)
        assert status == 201, (status, body)


class PushUnderCollectionTests(unittest.TestCase):
    def registry(self, **settings):
        settings = {"collection_interval_seconds": "1", "upload_idle_seconds": "60", **settings}
        return self.enterContext(RunningRegistry(settings))

    def check(self, registry, pushes):
        """Everything that is needed is there, with its bytes, and the store has no fault."""
        self.assertEqual(pushes.faults, [])
        store = registry.directory / "store/blobs/sha256"
        tags = {name: set() for name in {repository for repository, _ in pushes.kept.values()}}
        for name, found in tags.items():
            found.update(Repository(registry, name).tags("?n=1000"))
        for number, (name, manifest) in pushes.kept.items():
            self.assertIn(f"t{number}", tags[name])
            for blob in manifest.blobs:
                path = store / blob.digest[7:9] / blob.digest[7:]
                self.assertEqual(digest(path.read_bytes()), blob.digest)
        registry.stop()
        settings = {
            "registry_dir": registry.directory, "service_token_path": registry.token_path,
            "registry_lock_path": registry.home / "models.lock.yaml",
            "integrity_result_path": registry.home / "integrity.json"}
        run = subprocess.run(
            [PROGRAMS / "pratique", "fsck", "--deep"] + [
                argument for name, value in settings.items() for argument in ("--set", f"{name}={value}")],
            capture_output=True, text=True, env=registry.environment(), timeout=300, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        registry.start()

    def wait_for_removals(self, registry):
        """Until what was deleted is gone: that nothing was removed would prove nothing."""
        end = time.monotonic() + 60
        while b"\npratique_collected_blobs_total 0\n" in registry.get("/metrics").body:
            self.assertLess(time.monotonic(), end, "nothing was removed")
            time.sleep(0.05)

    def test_reuse(self):
        """Blobs that are named again while others of their manifests are deleted stay, under collection every second"""
        registry = self.registry()
        pushes = Pushes(registry, IMAGES)
        pushes.start()
        pushes.join()
        self.wait_for_removals(registry)
        self.check(registry, pushes)

    def test_kills(self):
        """The same, with the server killed in the middle of it"""
        registry = self.registry()
        pushes = Pushes(registry, IMAGES)
        pushes.start()
        for part in (0.2, 0.4, 0.6, 0.8):
            pushes.wait_for(part)
            registry.process.kill()
            registry.process.wait()
            registry.start()
        pushes.join()
        self.check(registry, pushes)

    def test_again(self):
        """What collection removed is really stored when it is pushed again"""
        registry = self.registry(collection_interval_seconds="0")
        repository = Repository(registry, "team/again")
        image = Manifest(EMPTY, [Blob(b"a layer that comes and goes")])
        path = registry.directory / "store/blobs/sha256" / image.blobs[1].digest[7:9] / image.blobs[1].digest[7:]
        for _ in range(max(20, IMAGES // 100)):
            repository.push(image, "latest")
            self.assertTrue(path.exists())
            expect(repository.request("DELETE", f"manifests/{image.digest}"), 202)
            # That it was received keeps it, too.
            expect(repository.request("DELETE", f"blobs/{image.blobs[1].digest}"), 202)
            expect(registry.post("/v1/collection"), 200)
            self.assertFalse(path.exists())
            self.assertFalse(repository.has_blob(image.blobs[1].digest))
