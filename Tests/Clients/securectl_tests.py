"""securectl against a running registry: what scripts rely on."""

import json
import subprocess
import unittest

import jsonschema
import tiny_model
from running_registry import CHECKOUT, PROGRAMS, RunningRegistry


class SecureCtlTests(unittest.TestCase):
    def setUp(self):
        self.registry = self.enterContext(RunningRegistry())
        tiny_model.write(self.registry.home / "tiny", rows=8)

    def ctl(self, *arguments, status=0, **options):
        run = self.registry.securectl(*arguments, cwd=self.registry.home, **options)
        self.assertEqual(run.returncode, status, f"{arguments}\n{run.stdout}{run.stderr}")
        return run

    def json(self, *arguments, status=0):
        return json.loads(self.ctl(*arguments, "--output", "json", status=status).stdout)

    def test_json(self):
        """Every command gives one JSON document to programs, failures included"""
        self.json("push", "tiny/model.gguf", "--as", "a")
        self.assertEqual(self.json("promote", "a", "--dry-run")["outcome"], "admitted")
        self.assertEqual(self.json("promote", "a")["state"], "trusted")
        self.assertEqual(self.json("info", "a")["layout"], "file")
        self.assertEqual(self.json("path", "a")["storage_contract"], "content-addressed-v1")
        self.assertEqual([row["name"] for row in self.json("list", "--state", "trusted")], ["a"])
        self.assertEqual(self.json("list", "--state", "revoked"), [])
        self.assertEqual(self.json("verify", "a")["safe_to_use"], "true")
        self.assertEqual(self.json("verify", "--all")["failures"], 0)
        self.assertEqual(self.json("verify", "a", "--tensors")[0]["status"], "verified")
        self.assertEqual([row["kind"] for row in self.json("evidence", "a")], ["inspection", "decision"])
        self.assertEqual(self.json("events", "a")[0]["event"]["event"], "acquired")
        self.assertEqual(self.json("status")["health"]["status"], "ok")
        self.assertEqual(self.json("quarantine", "a")["status"], "quarantined")
        self.assertEqual(self.json("revoke", "a")["status"], "revoked")
        self.assertEqual(self.json("delete", "a")["status"], "deleted")
        self.assertEqual(self.json("path", "a", status=13)["code"], "not_trusted")
        self.assertEqual(self.json("info", "b", status=66)["code"], "artifact_not_found")
        self.assertGreater(self.json("log", "verify")["size"], 0)
        self.assertEqual(self.json("inspect", "tiny")["verdict"], "clean")

    def test_inspection_report(self):
        """The report of an inspection is what its schema says, whatever was inspected"""
        (self.registry.home / "text.pkl").write_text("no pickle")
        schema = json.loads((CHECKOUT / "docs/reference/inspection-report.schema.json").read_text())
        policy = CHECKOUT / "Examples/policies/known-sources.yaml"
        for arguments, status in (
            (("tiny",), 0), (("tiny", "text.pkl"), 10), (("tiny", "nothing"), 66), (("tiny", "--policy", policy), 10),
        ):
            report = json.loads(self.ctl("inspect", *arguments, "--output", "json", status=status).stdout)
            jsonschema.validate(report, schema)
            self.assertEqual(report["exit_status"], status)

    def test_statuses(self):
        """What went wrong is told by the exit status, and never by 0"""
        self.ctl("info", "nothing", status=66)
        self.ctl("promote", "nothing", status=66)
        self.ctl("info", "../x", status=64)
        self.ctl("no-such-command", status=64)
        self.ctl("push", "no-such-file", status=66)
        self.ctl("status", "--server", "http://127.0.0.1:1", status=69)
        wrong = self.registry.home / "wrong"
        wrong.write_text("x" * 64)
        self.ctl("list", "--token-file", wrong, status=77)
        self.ctl("acquire", "a", "../tiny/model.gguf", "--sha256", "0" * 64, status=65)
        self.ctl("acquire", "a", "nothing", "--sha256", "0" * 64, status=66)

    def test_without_token(self):
        """Without a token a change is refused, with 77, and a read on loopback is not"""
        environment = self.registry.environment() | {"REGISTRY_URL": self.registry.url}
        def run(*arguments):
            return subprocess.run(
                [PROGRAMS / "securectl", *arguments], env=environment, capture_output=True, text=True).returncode
        self.assertEqual(run("list"), 0)
        self.assertEqual(run("revoke", "a"), 77)

    def test_token_stays(self):
        """A token is not sent to another machine without TLS"""
        run = self.ctl("list", "--server", "http://192.0.2.1:8470", "--timeout", "1", status=78)
        self.assertNotIn(self.registry.token, run.stdout + run.stderr)

    def test_login(self):
        """After a login no option is needed, and the token is stored nowhere"""
        self.ctl("login", "--server", self.registry.url, "--token-file", self.registry.token_path)
        run = subprocess.run(
            [PROGRAMS / "securectl", "push", "tiny/model.gguf", "--as", "a"], cwd=self.registry.home,
            env=self.registry.environment(), capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        for path in self.registry.home.glob(".config/**/*"):
            if path.is_file():
                self.assertNotIn(self.registry.token, path.read_text())

    def test_hostile_texts(self):
        """Terminal escapes in what others wrote are shown, not obeyed"""
        hostile = "\x1b]0;owned\x07\u202e"
        self.ctl("push", "tiny/model.gguf", "--as", "a", "--source", "https://example.com/\u202egpj.exe")
        for arguments in (("info", "a"), ("events", "a"), ("log", "show")):
            self.assertNotIn("\u202e", self.ctl(*arguments).stdout)
        evil = self.registry.home / f"evil{hostile}.gguf"
        evil.write_bytes(tiny_model.gguf())
        run = self.registry.securectl("inspect", evil)
        self.assertNotIn("\x1b", run.stdout)
        self.assertNotIn("\u202e", run.stdout)

    def test_policy(self):
        """The policy in force is shown, and a file is read as the server reads it, down to the line of a mistake"""
        shown = self.json("policy", "show")
        self.assertEqual(shown, self.registry.get("/v1/policy").json)
        self.assertIn(shown["rules"][0]["message"], " ".join(self.ctl("policy", "show").stdout.split()))
        example = CHECKOUT / "Examples/policies/known-sources.yaml"
        checked = self.json("policy", "check", example)
        self.assertEqual(checked["digest"], f"sha256:{tiny_model.sha256(example.read_bytes())}")
        text = example.read_text()
        for wrong, right in (
            (text.replace("effect: admit", "effect: admid"), "admid"), (text.replace("when:", "wenn:", 1), "too-large"),
            (text + "more: 1\n", "more"), (text.replace("pratique: policy/v1", "pratique: policy/v2"), "policy/v2"),
            (text.replace("rules:", "rules: [}"), "rules"),
        ):
            with self.subTest(right):
                path = self.registry.home / "wrong.yaml"
                path.write_text(wrong)
                run = self.registry.securectl("policy", "check", path)
                self.assertEqual(run.returncode, 65, run.stdout)
                number = int(run.stderr.split(":")[2])
                self.assertIn(right, wrong.splitlines()[number - 1], run.stderr)
        self.assertEqual(self.registry.securectl("policy", "check", "/nowhere.yaml").returncode, 66)

    def test_gguf(self):
        """Manifests are made and checked offline, and name the tensor that changed"""
        manifest = self.registry.home / "manifest.json"
        manifest.write_text(self.ctl("gguf", "manifest", "tiny/model.gguf").stdout)
        self.ctl("gguf", "verify-manifest", "tiny/model.gguf", manifest)
        model = self.registry.home / "tiny/model.gguf"
        content = bytearray(model.read_bytes())
        content[-32] ^= 1
        model.write_bytes(content)
        run = self.ctl("gguf", "verify-manifest", "tiny/model.gguf", manifest, status=11)
        self.assertIn("output_norm.weight", run.stdout)

    def test_saved_log(self):
        """A saved log is verified without the registry, and a changed copy is noticed"""
        self.ctl("push", "tiny/model.gguf", "--as", "a", "--promote")
        # What is acknowledged is under the signed head within a second, and at once when the server has stopped.
        self.registry.stop()
        self.registry.start()
        self.ctl("log", "verify")
        self.ctl("log", "save", "saved")
        self.registry.stop()
        self.ctl("log", "verify", "--dir", "saved")
        self.assertIn("promoted", self.ctl("log", "show", "a", "--dir", "saved").stdout)
        bundle = next(path for path in (self.registry.home / "saved").rglob("*") if path.is_file() and "entries" in str(path))
        content = bytearray(bundle.read_bytes())
        content[-3] ^= 1
        bundle.write_bytes(content)
        self.assertNotEqual(self.registry.securectl("log", "verify", "--full", "--dir", self.registry.home / "saved").returncode, 0)
        self.registry.start()

    def test_completions(self):
        """Completions are there for bash, zsh and fish"""
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("promote", self.ctl("--generate-completion-script", shell).stdout)

    def test_version(self):
        """Both programs say their version"""
        versions = {
            subprocess.run([PROGRAMS / name, "--version"], capture_output=True, text=True, check=True).stdout.strip()
            for name in ("pratique", "securectl")
        }
        self.assertEqual(len(versions), 1)
