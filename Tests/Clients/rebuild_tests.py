"""What follows from the log is made anew by `pratique rebuild-index`."""

import contextlib
import pathlib
import signal
import sqlite3
import subprocess
import unittest

import tiny_model
from running_registry import PROGRAMS, RunningRegistry

DAMAGES = {
    "an edited state": "UPDATE record SET state = 'trusted' WHERE name = 'revoked'",
    "edited counts": "UPDATE state_count SET versions = versions + 1",
    "records that are gone": "DELETE FROM record",
    "names that are gone": "DELETE FROM name",
    "uses that are gone": "DELETE FROM blob_use; DELETE FROM blob_count",
    "evidence that is not listed": "DELETE FROM evidence",
    "hashes that are gone": "DELETE FROM log_hash",
    "a hash that is another": "UPDATE log_hash SET hash = zeroblob(32) WHERE position = 1",
    "an end of the log that is gone": "DELETE FROM log_head",
    "an end of the log that is earlier": "UPDATE log_head SET size = 1",
    "entries that are filed elsewhere": "UPDATE entry SET version = NULL",
}

LOG_DAMAGES = {
    "an entry with other bytes": "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'revoked', 'deleted') AS BLOB)",
    "a log without its end": "DELETE FROM entry WHERE position = (SELECT max(position) FROM entry)",
    "a log without an entry": "DELETE FROM entry WHERE position = 2",
    "a manifest that is gone": "DELETE FROM manifest",
}


class RebuildTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.database = self.registry.directory / "store/metadata/registry.db"

    def pratique(self, command):
        return subprocess.run(
            [PROGRAMS / "pratique", command, "--registry-dir", self.registry.directory],
            env=self.registry.environment(), capture_output=True, text=True, timeout=120)

    def edit(self, script):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            database.executescript(script)

    def content(self):
        """Every row that follows from the log."""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return {
                table: sorted(database.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
                for table in ("record", "name", "state_count", "blob_use", "blob_count", "log_hash", "log_head", "entry")
            }

    def populate(self, more=0):
        for seed, name in enumerate(["kept", "revoked", "deleted"] + [f"more/{number}" for number in range(more)]):
            path = self.registry.home / "model.gguf"
            path.write_bytes(tiny_model.gguf(seed=seed))
            run = self.registry.securectl("push", path, "--as", name, "--promote")
            self.assertEqual(run.returncode, 0, run.stderr)
        self.registry.securectl("revoke", "revoked", "--reason", "superseded")
        self.registry.securectl("delete", "deleted")

    def test_damage(self):
        """Whatever somebody did to the rows, they are the same again, and everything is served as before"""
        self.populate()
        models = self.registry.get("/v1/models").json
        path = self.registry.get("/v1/model/path?name=kept").json
        self.registry.stop()
        content = self.content()
        for description, script in DAMAGES.items():
            with self.subTest(description):
                self.edit(script)
                self.assertEqual(self.pratique("fsck").returncode, 11)
                run = self.pratique("rebuild-index")
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                self.assertIn("was: ", run.stdout)
                self.assertRegex(run.stdout, r"(?m)^rebuilt: \d+ log entries, 3 versions$")
                self.assertEqual(self.content(), content)
                self.assertEqual(self.pratique("fsck").returncode, 0)
        self.registry.start()
        self.assertEqual(self.registry.get("/v1/models").json, models)
        self.assertEqual(self.registry.get("/v1/model/path?name=kept").json, path)
        self.assertEqual(self.registry.get("/v1/model/path?name=revoked").status, 403)
        self.assertEqual(self.registry.securectl("log", "verify", "--full").returncode, 0)

    def test_edited_row(self):
        """An artifact whose row was edited is named beside the list, and revoking it says why it cannot be"""
        self.populate()
        view = self.registry.directory / "trusted/kept"
        self.assertTrue(view.exists())
        self.registry.stop()
        self.edit("UPDATE record SET evidence_count = evidence_count + 1 WHERE name = 'kept'")
        self.registry.start()
        page = self.registry.get("/v1/models")
        self.assertNotIn("kept", [model["name"] for model in page.json])
        self.assertEqual(page.headers["Omitted-Artifacts"], '1; names="kept"')
        run = self.registry.securectl("list")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn('1; names="kept"', run.stderr)
        answer = self.registry.post("/v1/model/revoke?name=kept")
        self.assertEqual(answer.status, 409)
        self.assertEqual((answer.json["code"], answer.json["detail"]), ("record_tampered", {"view": "gone"}))
        self.assertFalse(view.exists())
        self.assertEqual(self.registry.securectl("revoke", "kept").returncode, 11)
        self.registry.stop()
        self.assertEqual(self.pratique("rebuild-index").returncode, 0)
        self.registry.start()
        page = self.registry.get("/v1/models")
        self.assertIn("kept", [model["name"] for model in page.json])
        self.assertNotIn("Omitted-Artifacts", page.headers)
        self.assertEqual(self.registry.post("/v1/model/revoke?name=kept").status, 200)

    def test_damaged_log(self):
        """A log that is not the one that was signed is refused, and nothing is changed"""
        self.populate()
        self.registry.stop()
        backup = self.database.read_bytes()
        for description, script in LOG_DAMAGES.items():
            with self.subTest(description):
                self.edit(script)
                damaged = self.content()
                run = self.pratique("rebuild-index")
                self.assertEqual(run.returncode, 11, run.stdout + run.stderr)
                self.assertNotIn("rebuilt", run.stdout)
                self.assertEqual(self.content(), damaged)
                for suffix in ("-wal", "-shm"):
                    pathlib.Path(f"{self.database}{suffix}").unlink(missing_ok=True)
                self.database.write_bytes(backup)
        self.assertEqual(self.pratique("rebuild-index").returncode, 0)
        self.registry.start()

    def test_running(self):
        """The index of a running registry is left alone"""
        self.assertEqual(self.pratique("rebuild-index").returncode, 69)

    def test_killed(self):
        """A rebuild that is killed changes nothing, and the next one does it all"""
        self.populate(more=20)
        self.registry.stop()
        content = self.content()
        self.edit(DAMAGES["records that are gone"])
        damaged = self.content()
        kills = 0
        for _ in range(10):
            process = subprocess.Popen(
                [PROGRAMS / "pratique", "rebuild-index", "--registry-dir", self.registry.directory],
                env=self.registry.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            with process.stderr:
                self.assertEqual(process.stderr.readline(), b"rebuilding\n")
                process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            self.assertIn(self.content(), (damaged, content))
        self.assertGreater(kills, 0)
        run = self.pratique("rebuild-index")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(self.content(), content)
        self.registry.start()
        self.assertEqual(self.registry.get("/v1/model/path?name=kept").status, 200)
