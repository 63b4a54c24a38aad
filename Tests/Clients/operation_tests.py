"""What operators do at the machine: check, back up, restore, clean up."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import unittest

import tiny_model
from running_registry import PROGRAMS, RunningRegistry


class OperationTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())

    def pratique(self, *arguments, directory=None):
        return subprocess.run(
            [PROGRAMS / "pratique", *map(str, arguments), "--registry-dir", directory or self.registry.directory],
            env=self.registry.environment(), capture_output=True, text=True, timeout=120)

    def trust(self, name, content):
        path = self.registry.home / f"{len(content)}.gguf"
        path.write_bytes(content)
        run = self.registry.securectl("push", path, "--as", name, "--promote")
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_one_process(self):
        """A second process refuses the directory, and the commands for a stopped registry refuse a running one"""
        self.assertEqual(self.pratique("serve", "--bind-addr", "127.0.0.1:0").returncode, 69)
        self.assertEqual(self.pratique("fsck").returncode, 69)

    def test_fsck(self):
        """A store that was used is clean, and a changed byte in it is named"""
        self.trust("tiny", tiny_model.gguf())
        path = pathlib.Path(self.registry.get("/v1/model/path?name=tiny").json["path"])
        self.registry.stop()
        run = self.pratique("fsck", "--deep")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertTrue(run.stdout.startswith("clean: "))
        os.chmod(path, 0o600)
        with open(path, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\1")
        run = self.pratique("fsck", "--deep")
        self.assertEqual(run.returncode, 11)
        self.assertIn("blob-damaged: ", run.stdout)
        self.registry.start()

    def test_newer_schema(self):
        """A store that a newer program wrote is left alone, and the words say why"""
        self.registry.stop()
        database = self.registry.directory / "store/metadata/registry.db"

        def set_schema(change):
            with sqlite3.connect(database) as connection:
                (present,) = connection.execute("PRAGMA user_version").fetchone()
                connection.execute(f"PRAGMA user_version = {present + change}")
            connection.close()

        set_schema(1_000)
        for command in (["serve", "--bind-addr", "127.0.0.1:0"], ["fsck"]):
            run = self.pratique(*command)
            self.assertEqual(run.returncode, 74, run.stderr)
            self.assertIn("the store cannot be used: the metadata has schema 10", run.stderr)
        set_schema(-1_000)
        self.registry.start()

    def test_no_store(self):
        """Where there is no store the commands for a stopped registry say so, and make none"""
        empty = self.registry.home / "empty"
        empty.mkdir()
        begun = self.registry.home / "begun"
        for name in ("keys", "log", "metadata"):
            (begun / "store" / name).mkdir(mode=0o700, parents=True)
        (begun / "store/metadata/registry.db").touch()
        backup = self.registry.home / "nothing"
        backup.mkdir(mode=0o700)
        for directory in (empty, begun, self.registry.home / "absent"):
            before = sorted(directory.rglob("*"))
            for command in (["fsck"], ["fsck", "--deep"], ["rebuild-index"], ["vacuum"], ["backup", backup]):
                run = self.pratique(*command, directory=directory)
                self.assertEqual(run.returncode, 66, f"{command}: {run.stdout}{run.stderr}")
                self.assertIn("store_not_found", run.stderr)
                self.assertEqual(sorted(directory.rglob("*")), before, command)
            self.assertEqual((begun / "store/metadata/registry.db").stat().st_size, 0)
            self.assertEqual(list(backup.iterdir()), [])
        self.assertFalse((self.registry.home / "absent").exists())

    def test_backup(self):
        """What was backed up is there again after a restore, the log included, and continues"""
        self.trust("kept", tiny_model.gguf())
        self.trust("gone", tiny_model.gguf(seed=3))
        self.registry.securectl("revoke", "gone")
        before = self.registry.get("/v1/models").json
        self.assertEqual(self.registry.securectl("log", "verify").returncode, 0)
        self.registry.stop()
        backup = self.registry.home / "backup"
        backup.mkdir(mode=0o700)
        run = self.pratique("backup", backup)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertNotEqual(self.pratique("backup", backup).returncode, 0)
        for folder in self.registry.directory.rglob("*"):
            if folder.is_dir():
                folder.chmod(0o700)
        shutil.rmtree(self.registry.directory)
        self.registry.directory.mkdir()
        run = self.pratique("restore", backup)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        run = self.pratique("fsck", "--deep")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.registry.start()
        self.assertEqual(self.registry.get("/v1/models").json, before)
        path = self.registry.get("/v1/model/path?name=kept").json["path"]
        self.assertEqual(pathlib.Path(path).read_bytes(), tiny_model.gguf())
        self.trust("later", tiny_model.gguf(seed=4))
        self.assertEqual(self.registry.securectl("log", "verify", "--full").returncode, 0)

    def test_backup_folders(self):
        """A folder that is missing, or is no backup, is named, and nothing is laid out from it"""
        self.trust("kept", tiny_model.gguf())
        self.registry.stop()
        nowhere = self.registry.home / "nowhere"
        other = self.registry.home / "other"
        other.mkdir()
        full = self.registry.home / "full"
        full.mkdir()
        for number in range(40):
            (full / str(number)).touch()
        for status, folder, run in (
            (66, nowhere, self.pratique("backup", nowhere)), (74, full, self.pratique("backup", full)),
            (66, nowhere, self.pratique("restore", nowhere, directory=other)),
            (66, full, self.pratique("restore", full, directory=other))):
            self.assertEqual(run.returncode, status, run.stderr)
            self.assertIn(str(folder), run.stderr)
        self.assertEqual(list(other.iterdir()), [])

    def test_incomplete_backup(self):
        """A backup of a store that lost a blob fails, and a backup that lost its checkpoint is not restored"""
        self.trust("kept", tiny_model.gguf())
        self.registry.stop()
        whole = self.registry.home / "whole"
        whole.mkdir(mode=0o700)
        self.assertEqual(self.pratique("backup", whole).returncode, 0)
        digest = tiny_model.sha256(tiny_model.gguf())
        (self.registry.directory / "store/blobs/sha256" / digest[:2] / digest).unlink()
        partial = self.registry.home / "partial"
        partial.mkdir(mode=0o700)
        run = self.pratique("backup", partial)
        self.assertNotEqual(run.returncode, 0, run.stdout)
        self.assertIn(digest, run.stderr)
        self.assertFalse((partial / "complete").exists())
        (whole / "checkpoint").unlink()
        other = self.registry.home / "other"
        other.mkdir()
        run = self.pratique("restore", whole, directory=other)
        self.assertNotEqual(run.returncode, 0, run.stdout)
        self.assertIn("checkpoint", run.stderr)
        self.assertEqual(list(other.iterdir()), [])

    def test_rollback(self):
        """A client that saw a later head of the log notices that a registry was rolled back"""
        self.trust("first", tiny_model.gguf())
        self.registry.stop()
        backup = self.registry.home / "backup"
        backup.mkdir(mode=0o700)
        self.pratique("backup", backup)
        self.registry.start()
        saved = self.registry.signed_size()
        self.trust("second", tiny_model.gguf(seed=2))
        self.registry.wait_for_checkpoint(past=saved)
        address = self.registry.url
        self.assertEqual(self.registry.securectl("log", "verify").returncode, 0)
        self.registry.stop()
        other = self.registry.home / "other"
        other.mkdir()
        self.assertEqual(self.pratique("restore", backup, directory=other).returncode, 0)
        self.registry.directory = other
        self.registry.settings["bind_addr"] = address.removeprefix("http://")
        self.registry.start()
        self.assertEqual(self.registry.securectl("log", "verify").returncode, 11)

    def test_vacuum(self):
        """Bytes of what was deleted are removed on request, and nothing else"""
        self.trust("kept", tiny_model.gguf())
        self.trust("gone", tiny_model.gguf(seed=3))
        self.registry.securectl("delete", "gone")
        self.registry.stop()
        gone = tiny_model.sha256(tiny_model.gguf(seed=3))
        blob = self.registry.directory / "store/blobs/sha256" / gone[:2] / gone
        self.assertTrue(blob.exists())
        self.assertIn("would remove 1 blobs", self.pratique("vacuum", "--dry-run").stdout)
        self.assertTrue(blob.exists())
        self.assertIn("removed 1 blobs", self.pratique("vacuum").stdout)
        self.assertFalse(blob.exists())
        self.assertEqual(self.pratique("fsck", "--deep").returncode, 0)
        self.registry.start()
        self.assertEqual(self.registry.get("/v1/model/path?name=kept").status, 200)

    def test_manifest(self):
        """manifest.yaml tells the state of every artifact, and an edited one is never believed"""
        self.trust("tiny", tiny_model.gguf())
        self.registry.securectl("revoke", "tiny", "--reason", "superseded")
        self.assertEqual(self.registry.stop(), 0)
        manifest = self.registry.directory / "manifest.yaml"
        text = manifest.read_text()
        self.assertIn("revoked", text)
        manifest.write_text(text.replace("revoked", "trusted"))
        self.registry.start()
        self.assertEqual(self.registry.get("/v1/model/tiny").json["state"], "revoked")
        self.registry.stop()
        self.assertIn("revoked", manifest.read_text())
        self.registry.start()

    def test_configuration(self):
        """A configuration that cannot be used is refused with the setting's name"""
        for option, value in (
            ("--set", "bind_addr=nowhere"), ("--set", "no_such_setting=1"), ("--set", "integrity_interval_seconds=often"),
            ("--set", "verifier_id=no uri"), ("--policy-path", "/nowhere.yaml"),
        ):
            run = self.pratique("serve", "--check-config", option, value)
            self.assertIn(run.returncode, (74, 78), value)
            self.assertTrue(run.stderr, value)
