"""What repositories need not keep is removed when its time is over, by a server whose clock is moved."""

import glob
import json
import unittest
from datetime import datetime

from repository_client import EMPTY, Blob, Manifest, Repository
from running_registry import RunningRegistry

# Its own folder for each architecture.
LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
HOUR = 3_600


class MovableClock(RunningRegistry):
    """The server reads the time of day from a clock that the test sets forward while it runs.

    What it waits for is measured as ever, and so are the times of files. Inspections begin with an empty environment,
    and know nothing of this.
    """

    def __enter__(self):
        self.ahead = 0
        return super().__enter__()

    def start(self):
        self.write_offset()
        super().start()

    def launch(self, command):
        clock = {
            "LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": self.offset_path, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
            # Without a name of shared memory the library makes one up and changes the environment before `main`, after
            # which Swift does not find the arguments.
            "FAKETIME_SHARED": "none none"}
        return super().launch(["env", *(f"{name}={value}" for name, value in clock.items()), *command])

    @property
    def offset_path(self):
        return self.home / "clock"

    def write_offset(self):
        new = self.home / "clock.new"
        new.write_text(f"+{self.ahead}\n")
        new.rename(self.offset_path)

    def advance(self, seconds):
        self.ahead += seconds
        self.write_offset()

    def collect(self, *arguments):
        run = self.securectl("collect", *arguments, "--output", "json")
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    def entries(self):
        """The leaves of the log, all of them: a start signs what was written before."""
        self.stop()
        self.start()
        size = int(self.get("/log/checkpoint").body.split(b"\n")[1])
        bundle = self.get(f"/log/tile/entries/000.p/{size}").body
        found = []
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            found.append(json.loads(bundle[2:2 + length]))
            bundle = bundle[2 + length:]
        return found


@unittest.skipUnless(LIBRARY, "faketime is missing: scripts/setup")
class RetentionTests(unittest.TestCase):
    def setUp(self):
        settings = {
            "repository_retention": "ci/*=untagged:1h", "upload_idle_seconds": str(24 * HOUR),
            "collection_interval_seconds": "0"}
        self.registry = self.enterContext(MovableClock(settings))
        self.shared, self.own, self.others = Blob(b"of both"), Blob(b"of one alone"), Blob(b"of another repository")
        self.tagged = Manifest(EMPTY, [self.shared], annotations={"name": "tagged"})
        self.untagged = Manifest(EMPTY, [self.shared, self.own])
        self.other = Manifest(EMPTY, [self.shared, self.others])
        self.build, self.release = Repository(self.registry, "ci/build"), Repository(self.registry, "release/build")
        self.build.push(self.tagged, "v1")
        self.build.push(self.untagged)
        self.release.push(self.other)

    def stored(self, blob):
        name = blob.digest[7:]
        path = self.registry.directory / "store/blobs/sha256" / name[:2] / name
        return path.read_bytes() if path.exists() else None

    def holds(self, repository, manifest):
        answer = repository.request("HEAD", f"manifests/{manifest.digest}")
        self.assertIn(answer.status, (200, 404))
        return answer.status == 200

    def assert_stays(self):
        """What retention has nothing to do with."""
        self.assertTrue(self.holds(self.build, self.tagged))
        self.assertEqual(self.build.tags(), ["v1"])
        self.assertTrue(self.holds(self.release, self.other))
        for blob in (EMPTY, self.shared, self.others):
            self.assertEqual(self.stored(blob), blob.content)

    def assert_counts(self, report, manifests=0, manifest_bytes=0, blobs=0, size=0):
        counted = [report[name] for name in ("manifests", "manifest_bytes", "blobs", "bytes")]
        self.assertEqual(counted, [manifests, manifest_bytes, blobs, size], report)

    def test_removal(self):
        """What no tag leads to goes after its time, its bytes go after theirs, and nothing else goes"""
        size = len(self.own.content)
        self.registry.advance(HOUR - 60)
        self.assert_counts(self.registry.collect())
        self.registry.advance(120)
        for _ in range(2):
            self.assert_counts(self.registry.collect("--dry-run"), manifests=1, manifest_bytes=size)
        self.assertTrue(self.holds(self.build, self.untagged))
        self.assert_counts(self.registry.collect(), manifests=1, manifest_bytes=size)
        self.assertFalse(self.holds(self.build, self.untagged))
        self.assert_stays()
        # Somebody may have been told that they are there.
        self.registry.advance(24 * HOUR - 60)
        self.assert_counts(self.registry.collect())
        self.assertEqual(self.stored(self.own), self.own.content)
        self.registry.advance(120)
        self.assert_counts(self.registry.collect("--dry-run"), blobs=1, size=size)
        self.assertEqual(self.stored(self.own), self.own.content)
        self.assert_counts(self.registry.collect(), blobs=1, size=size)
        self.assertIsNone(self.stored(self.own))
        self.assertFalse(self.build.has_blob(self.own.digest))
        self.assert_stays()
        self.assertTrue(self.build.has_blob(self.shared.digest))
        self.assert_written_down()

    def assert_written_down(self):
        """Who removed what stands in the log, with the hour in which it was done."""
        entries = self.registry.entries()
        removed = [entry for entry in entries if entry["event"] == "removed"]
        self.assertEqual(
            [(entry["actor"], entry["repository"], entry["manifest"]) for entry in removed],
            [("registry/sweep", "ci/build", self.untagged.digest)])
        waited = datetime.fromisoformat(removed[0]["time"]) - datetime.fromisoformat(entries[0]["time"])
        self.assertLess(abs(waited.total_seconds() - HOUR - 60), 60)
        deleted = [entry["version"] for entry in entries if entry["event"] == "deleted"]
        self.assertEqual(deleted, [self.untagged.digest])

    def test_push_again(self):
        """What is pushed again after it was removed is there like new"""
        self.registry.advance(2 * HOUR)
        self.assert_counts(self.registry.collect(), manifests=1, manifest_bytes=len(self.own.content))
        self.build.push(self.untagged)
        self.registry.advance(HOUR - 60)
        self.assert_counts(self.registry.collect())
        self.registry.advance(24 * HOUR)
        self.assertTrue(self.holds(self.build, self.untagged))
        self.assert_counts(self.registry.collect(), manifests=1, manifest_bytes=len(self.own.content))
        self.assert_stays()
