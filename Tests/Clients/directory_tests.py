"""Directories that are uploaded as one artifact."""

import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import tiny_model
from running_registry import PROGRAMS, RunningRegistry


def listing_digest(files):
    """What coreutils make of a directory: see docs/guides/upload.md."""
    lines = (f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files, key=str.encode))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class DirectoryTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        self.files = {
            "config.json": b'{"model_type": "bert"}', ".gitattributes": b"*.safetensors filter=lfs\n",
            "weights/model-1.safetensors": tiny_model.safetensors(),
            "weights/model-2.safetensors": tiny_model.safetensors(seed=2),
            "weights/same.safetensors": tiny_model.safetensors(),
        }
        self.directory = self.write("tiny", self.files)

    def write(self, name, files):
        directory = self.registry.home / name
        for path, content in files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(content)
        return directory

    def push(self, *arguments, directory=None, name="team/tiny"):
        return self.registry.securectl("push", directory or self.directory, "--as", name, *arguments)

    def content(self, path, digest=None, name="team/tiny"):
        digest = digest or hashlib.sha256(self.files[path]).hexdigest()
        return f"/v1/model/{name}/content?filename={path}&sha256={digest}&set=true"

    def send(self, path, **options):
        return self.registry.request("PUT", self.content(path), self.files[path], **options)

    def rows(self, *paths):
        return [
            {"filename": path, "sha256": hashlib.sha256(self.files[path]).hexdigest(), "size_bytes": len(self.files[path])}
            for path in paths or self.files
        ]

    def acquire(self, name="team/tiny", files=None, **members):
        body = {"name": name, "files": self.rows() if files is None else files} | members
        return self.registry.post("/v1/model/acquire", body)

    def blob(self, path):
        digest = hashlib.sha256(self.files[path]).hexdigest()
        return self.registry.directory / "store/blobs/sha256" / digest[:2] / digest

    def vacuum(self):
        run = subprocess.run(
            [PROGRAMS / "pratique", "vacuum", "--registry-dir", self.registry.directory],
            env=self.registry.environment(), capture_output=True, text=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_push(self):
        """A directory becomes one artifact, the same that an acquire of it makes, and is served as it was"""
        for name in (".git/config", ".cache/huggingface/x", "weights/.cache/y"):
            (self.directory / name).parent.mkdir(parents=True, exist_ok=True)
            (self.directory / name).write_text("left out")
        run = self.push("--promote", "--source", "https://example.org/tiny")
        self.assertEqual(run.returncode, 0, run.stderr)
        for name in (".cache", ".git", "weights/.cache"):
            self.assertIn(f"left out: {name}\n", run.stderr)
        record = self.registry.get("/v1/model/team/tiny").json
        self.assertEqual(record["sha256"], listing_digest(self.files))
        self.assertEqual(record["layout"], "directory")
        self.assertEqual(record["filename"], "tiny")
        self.assertEqual(record["size_bytes"], sum(map(len, self.files.values())))
        self.assertEqual(record["source"], "https://example.org/tiny")
        view = pathlib.Path(self.registry.get("/v1/model/path?name=team/tiny").json["path"])
        found = {str(path.relative_to(view)): path.read_bytes() for path in view.rglob("*") if path.is_file()}
        self.assertEqual(found, self.files)
        shutil.copytree(self.directory, self.registry.directory / "incoming/tiny")
        answer = self.registry.post("/v1/model/acquire", {"name": "team/acquired", "filename": "incoming/tiny"})
        self.assertEqual((answer.status, answer.json["sha256"]), (201, record["sha256"]))
        self.assertEqual(list((self.registry.directory / "store/leases").iterdir()), [])

    def test_again(self):
        """Pushing the same directory again sends nothing and changes nothing"""
        self.push()
        head = self.registry.get("/v1/model/team/tiny").json["head_index"]
        puts = self.requests("PUT")
        self.assertEqual(self.push().returncode, 0)
        self.assertEqual(self.registry.get("/v1/model/team/tiny").json["head_index"], head)
        self.assertEqual(self.requests("PUT"), puts)

    def test_next_version(self):
        """Of a directory that changed a little, only what changed is sent"""
        self.push()
        puts = self.requests("PUT")
        self.files["config.json"] = b'{"model_type": "gpt2"}'
        run = self.push(directory=self.write("next", self.files), name="team/next")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.requests("PUT"), puts + 1)
        self.assertEqual(self.registry.get("/v1/model/team/next").json["sha256"], listing_digest(self.files))

    def requests(self, method):
        lines = self.registry.get("/metrics").body.decode().splitlines()
        prefix = f'pratique_requests_total{{method="{method}"'
        return sum(int(line.split()[-1]) for line in lines if line.startswith(prefix))

    def test_interrupted(self):
        """A push that is interrupted or killed goes on where it stopped, over a restart of the server"""
        big = {f"model-{number}.gguf": tiny_model.gguf(seed=number, rows=3_000_000) for number in range(3)}
        directory = self.write("big", big)
        self.files = big
        for number, end in enumerate((signal.SIGINT, signal.SIGKILL)):
            process = subprocess.Popen(
                [PROGRAMS / "securectl", "push", directory, "--as", "team/big"],
                env=self.registry.client_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while process.poll() is None and self.arrived("team/big") <= number:
                pass
            process.send_signal(end)
            status = process.wait()
            self.assertIn(status, (130, -signal.SIGKILL, 0))
        kept = self.arrived("team/big")
        self.assertGreater(kept, 0)
        self.assertEqual(self.registry.stop(), 0)
        self.registry.start()
        self.assertGreater(self.arrived("team/big"), 0)
        run = self.push(directory=directory, name="team/big")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.registry.get("/v1/model/team/big").json["sha256"], listing_digest(big))

    def arrived(self, name):
        """How many bytes of a set the registry has."""
        count = 0
        for path in self.files:
            answer = self.registry.get(self.content(path, name=name))
            count += len(self.files[path]) if answer.status == 200 else int(answer.headers.get("Upload-Offset") or 0)
        return count

    def test_parts(self):
        """A file of a set goes up in parts, and is told to be here when it is"""
        path = "weights/model-1.safetensors"
        content = self.files[path]
        self.assertEqual(self.registry.get(self.content(path)).status, 404)
        first = {"Content-Range": f"bytes 0-99/{len(content)}"}
        self.assertEqual(self.registry.request("PUT", self.content(path), content[:100], first).status, 202)
        answer = self.registry.get(self.content(path))
        self.assertEqual((answer.status, answer.headers["Upload-Offset"]), (204, "100"))
        rest = {"Content-Range": f"bytes 100-{len(content) - 1}/{len(content)}"}
        answer = self.registry.request("PUT", self.content(path), content[100:], rest)
        self.assertEqual((answer.status, answer.json), (201, self.rows(path)[0]))
        answer = self.registry.get(self.content(path))
        self.assertEqual((answer.status, answer.json), (200, self.rows(path)[0]))
        self.assertEqual(self.send(path).status, 200)
        self.assertEqual(self.registry.get("/v1/models").json, [])

    def test_missing(self):
        """Files that were not received are named, and nothing is made of the others"""
        self.send("config.json")
        answer = self.acquire()
        self.assertEqual((answer.status, answer.code), (422, "source_not_found"))
        self.assertEqual(answer.json["detail"]["missing"], 4)
        self.assertEqual(sorted(answer.json["detail"]["files"]), sorted(set(self.files) - {"config.json"}))
        self.assertEqual(self.registry.get("/v1/models").json, [])

    def test_impossible_sets(self):
        """Sets that no directory can be are refused"""
        for path in self.files:
            self.send(path)
        config = self.rows("config.json")[0]
        for files, status in (
            ([], 400), ([config, config], 400), ([config, config | {"filename": "config.json/x"}], 400),
            ([config | {"filename": "../x"}], 400), ([config | {"filename": "/x"}], 400),
            ([config | {"sha256": "x"}], 400), ([config | {"size_bytes": 1}], 422), ([config | {"more": 1}], 400),
        ):
            with self.subTest(files=files):
                self.assertEqual(self.acquire(files=files).status, status)
        answer = self.acquire(sha256="0" * 64)
        self.assertEqual((answer.status, answer.code), (422, "digest_mismatch"))
        self.assertEqual(self.acquire(format="gguf").status, 400)
        self.assertEqual(self.registry.request("PUT", self.content("config.json") + "&source=x", b"").status, 400)
        self.assertEqual(self.registry.get("/v1/models").json, [])
        self.assertEqual(self.acquire(sha256=listing_digest(self.files)).status, 201)

    def test_other_bytes(self):
        """A file with other bytes than were announced is not kept"""
        answer = self.registry.request("PUT", self.content("config.json"), b"other bytes")
        self.assertEqual((answer.status, answer.code), (422, "digest_mismatch"))
        self.assertEqual(self.registry.get(self.content("config.json")).status, 404)

    def test_lost_answer(self):
        """An acquire whose answer was lost gives the same record"""
        for path in self.files:
            self.send(path)
        first = self.acquire()
        again = self.acquire()
        self.assertEqual((first.status, again.status), (201, 200))
        self.assertEqual(first.json, again.json)

    def test_vacuum(self):
        """Received files wait for their set, and are cleaned up when nobody makes one in time"""
        for path in ("config.json", "weights/model-1.safetensors"):
            self.assertEqual(self.send(path).status, 201)
        self.registry.stop()
        self.assertIn("removed 0 blobs", self.vacuum())
        self.registry.start()
        self.assertEqual(self.acquire(files=self.rows("config.json"), name="a").status, 201)
        self.registry.stop()
        for lease in (self.registry.directory / "store/leases").iterdir():
            os.utime(lease, (1_000_000_000, 1_000_000_000))
        self.assertIn("removed 1 blobs", self.vacuum())
        self.assertFalse(self.blob("weights/model-1.safetensors").exists())
        self.assertTrue(self.blob("config.json").exists())
        self.registry.start()
        self.assertEqual(self.registry.get(self.content("weights/model-1.safetensors")).status, 404)

    def test_damaged(self):
        """A received file that rotted meanwhile is asked for again"""
        self.send("config.json")
        self.blob("config.json").chmod(0o600)
        self.blob("config.json").write_bytes(b'{"model_type": "evil"}')
        self.assertEqual(self.registry.get(self.content("config.json")).status, 404)
        answer = self.acquire(files=self.rows("config.json"))
        self.assertEqual((answer.status, answer.code), (422, "source_not_found"))
        self.assertEqual(self.send("config.json").status, 201)
        self.assertEqual(self.acquire(files=self.rows("config.json")).status, 201)
        self.assertEqual(self.registry.post("/v1/model/verify?name=team/tiny").status, 200)

    def test_links(self):
        """A directory with a link in it is refused whole, as an acquire refuses it"""
        (self.directory / "link").symlink_to("config.json")
        run = self.push()
        self.assertEqual(run.returncode, 66)
        self.assertIn("link is no regular file", run.stderr)
        self.assertEqual(self.requests("PUT"), 0)
