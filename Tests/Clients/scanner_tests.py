"""Scanners of others beside the registry's own inspection: ClamAV's daemon, YARA, and a program of ours."""

import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from running_registry import RunningRegistry
from tiny_model import gguf, sha256

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/bin")
YARA = shutil.which("yara")
EVIL = b"EVIL-TEST-MARK-OF-PRATIQUE"


class Clamd:
    """ClamAV's own daemon with a database of one signature, for as long as `with` lasts."""

    def __init__(self, stream_bytes_max):
        self.stream_bytes_max = stream_bytes_max

    def __enter__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="pratique-clamd-"))
        self.home.chmod(0o755)
        database = self.home / "database"
        database.mkdir()
        (database / "test.ndb").write_text(f"Test.Mark:0:*:{EVIL.hex()}\n")
        self.socket = self.home / "clamd.sock"
        configuration = self.home / "clamd.conf"
        configuration.write_text(
            f"LocalSocket {self.socket}\nDatabaseDirectory {database}\nForeground yes\nUser root\n"
            f"StreamMaxLength {self.stream_bytes_max}\nAlertExceedsMax yes\n")
        self.process = subprocess.Popen(
            [CLAMD, "--config-file", configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise unittest.SkipTest("clamd does not start here")
            time.sleep(0.05)
        return self

    def answers(self):
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"zPING\0")
                return connection.recv(16) == b"PONG\0"
            except OSError:
                return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
        shutil.rmtree(self.home)


class ScanningRegistry(RunningRegistry):
    """A registry with scanners; `make` writes the list of them once there is a directory for what they need."""

    def __init__(self, make, settings=None):
        super().__init__(settings)
        self.make = make

    def start(self):
        path = self.home / "scanners.yaml"
        path.write_text(json.dumps({"version": 1, "scanners": self.make(self.home)}))
        self.settings["scanners_path"] = path
        super().start()

    def acquire(self, name, content, suffix="gguf"):
        self.write_source(f"{name}.{suffix}", content)
        return self.post(
            "/v1/model/acquire", {"name": name, "filename": f"{name}.{suffix}", "sha256": sha256(content)}).json

    def promote(self, name):
        return self.post("/v1/promote", {"name": name})

    def scans(self, name):
        evidence = [row for row in self.get(f"/v1/model/{name}/evidence").json if row["kind"] == "inspection"][-1]
        document = self.get(f"/v1/model/{name}/evidence/{evidence['digest']}").json
        return document["files"][0]["scans"]

    def found(self, answer):
        return [(finding["rule"], finding.get("member")) for finding in answer.json["detail"]["findings"]]

    def wait_for_reinspection(self, condition):
        end = time.monotonic() + 60
        while True:
            report = self.get("/v1/reinspection").json
            if condition(report):
                return report
            if time.monotonic() > end:
                raise AssertionError(report)
            time.sleep(0.05)


def command(script, **fields):
    return {"name": "own", "command": ["/bin/sh", "-c", script, "scan", "{file}"]} | fields


CLEAN = """printf '{"version":1,"verdict":"clean"}'"""


class ScannerTests(unittest.TestCase):
    @unittest.skipUnless(CLAMD, "clamd is missing: make setup")
    def test_clamav(self):
        """ClamAV's daemon finds its signature, and what is larger than it takes goes to it without tensors"""
        with Clamd(stream_bytes_max=4096) as clamd:
            scanner = {"name": "clamav", "clamd": {"socket": str(clamd.socket)}, "stream_bytes_max": 4096}
            with ScanningRegistry(lambda home: [scanner]) as registry:
                registry.acquire("good", gguf())
                self.assertEqual(registry.promote("good").status, 200)
                scan = registry.scans("good")[0]
                self.assertTrue(scan["version"].startswith("ClamAV "), scan)
                self.assertEqual((scan["outcome"], scan["tensors"], scan["findings"]), ("completed", True, []))
                bad = json.dumps({"text": EVIL.decode()}).encode()
                registry.acquire("bad", bad, "json")
                refused = registry.promote("bad")
                self.assertEqual(refused.code, "policy_refused")
                self.assertIn(("scanner.threat", "clamav: Test.Mark.UNOFFICIAL"), registry.found(refused))
                large = gguf(rows=4096)
                registry.acquire("large", large)
                self.assertEqual(registry.promote("large").status, 200)
                self.assertEqual(registry.scans("large")[0]["tensors"], False)
                registry.acquire("text", json.dumps({"text": "a" * 10_000}).encode(), "json")
                refused = registry.promote("text")
                self.assertEqual(refused.code, "inspection_undecided")
                self.assertIn(("scanner.not-scanned", "clamav"), registry.found(refused))
                # The daemon's own limit is lower than what the registry was told.
                registry.stop()
                scanner["stream_bytes_max"] = 1 << 20
                registry.start()
                registry.acquire("text2", json.dumps({"text": "b" * 10_000}).encode(), "json")
                self.assertIn(("scanner.not-scanned", "clamav"), registry.found(registry.promote("text2")))
            with ScanningRegistry(lambda home: [scanner | {"clamd": {"socket": str(clamd.home / "gone")}}]) as registry:
                registry.acquire("good", gguf())
                refused = registry.promote("good")
                self.assertEqual(refused.code, "inspection_undecided")
                self.assertIn(("scanner.failed", "clamav"), registry.found(refused))

    @unittest.skipUnless(YARA, "yara is missing: make setup")
    def test_yara(self):
        """A YARA rule that matches refuses, another one can be waived; other rules are a reason to look again"""
        def write(home, condition):
            rules = home / "rules.yar"
            rules.write_text(f'rule Mark {{ strings: $a = "{condition}" condition: $a }}')
            return rules

        def make(home):
            if not (home / "rules.yar").exists():
                write(home, EVIL.decode())
            return [{"name": "yara", "yara": str(home / "rules.yar"), "program": YARA}]

        with ScanningRegistry(make) as registry:
            registry.acquire("bad", json.dumps({"text": EVIL.decode()}).encode(), "json")
            self.assertIn(("scanner.threat", "yara: Mark"), registry.found(registry.promote("bad")))
            registry.acquire("good", gguf())
            self.assertEqual(registry.promote("good").status, 200)
            before = registry.scans("good")[0]
            self.assertRegex(before["rules"], "^sha256:")
            write(registry.home, "general.architecture")
            registry.kill_and_start()
            report = registry.wait_for_reinspection(lambda report: report["failing"] == 1)
            self.assertEqual([row["name"] for row in report["failures"]], ["good"])
            self.assertEqual(registry.get("/v1/model/path?name=good").status, 200)
            self.assertNotEqual(registry.scans("good")[0]["rules"], before["rules"])
            status = registry.securectl("reinspect", "status")
            self.assertEqual(status.returncode, 10, status.stderr)
            self.assertIn("good", status.stdout)
            self.assertEqual(registry.get("/v1/model/good").json["recheck"]["codes"], ["inspection-blocks"])
            self.assertIn("recheck-failed", [row["event"]["event"] for row in registry.get("/v1/model/good/events").json])
            self.assertIn(b"pratique_reinspection_failing 1", registry.get("/metrics").body)

    def test_program(self):
        """A program by the contract: what it says counts, and what it cannot do is an answer that refuses"""
        for script, code, rule in [
            (CLEAN, None, None),
            ("""printf '{"version":1,"verdict":"malicious"}'""", "policy_refused", "scanner.threat"),
            ("""printf '{"version":1,"verdict":"suspicious"}'""", "policy_refused", "scanner.suspicion"),
            ("printf nonsense", "inspection_undecided", "scanner.failed"),
            (f"{CLEAN}; exit 1", "inspection_undecided", "scanner.failed"),
            ("exec tail -f /dev/null", "inspection_undecided", "scanner.failed"),
        ]:
            with self.subTest(script), ScanningRegistry(lambda home: [command(script, timeout_seconds=2)]) as registry:
                registry.acquire("tiny", gguf())
                answer = registry.promote("tiny")
                if code is None:
                    self.assertEqual(answer.status, 200, answer.body)
                else:
                    self.assertEqual(answer.code, code)
                    self.assertIn(rule, [found for found, _ in registry.found(answer)])

    def test_required(self):
        """A policy that asks for a scanner admits nothing where there is none"""
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder) / "policy.yaml"
            policy.write_text(
                'pratique: policy/v1\nname: scanned\nversion: "1"\n'
                "formats: { gguf: { require: { scanners: [own] } } }\n")
            for scanners, status in [([], 422), ([command(CLEAN)], 200)]:
                with ScanningRegistry(lambda home: scanners, {"policy_path": policy}) as registry:
                    registry.acquire("tiny", gguf())
                    self.assertEqual(registry.promote("tiny").status, status)

    def test_mistakes(self):
        """A file of scanners with a mistake keeps the server from starting, and says where it is"""
        for scanner, words in [
            ({"name": "A"}, "name"), ({"name": "a"}, "none of clamd"), ({"name": "a", "yara": "rules"}, "absolute"),
            ({"name": "a", "clamd": {"tcp": "x"}}, "host:port"), ({"name": "a", "clamd": {}}, "either"),
            ({"name": "a", "command": ["/bin/true"], "extra": 1}, "extra"),
        ]:
            with self.subTest(scanner), self.assertRaises(RuntimeError) as raised:
                with ScanningRegistry(lambda home: [scanner]):
                    pass
            self.assertIn("scanners_path", str(raised.exception))
            self.assertIn(words, str(raised.exception))


class ReinspectionTests(unittest.TestCase):
    def policy(self, folder, version, denied, action):
        path = pathlib.Path(folder) / f"policy-{version}.yaml"
        path.write_text(
            f'pratique: policy/v1\nname: p\nversion: "{version}"\nrules:\n'
            f"  - {{ id: named, effect: deny, when: {{ name: [{denied}] }}, message: Named. }}\n"
            "  - { id: clean, effect: admit, when: { verdict: clean }, message: Clean. }\n"
            f"on_recheck_failure: {action}\n")
        return path

    def test_killed(self):
        """A policy that denies what is trusted takes it out of service, however often the server is killed meanwhile"""
        with tempfile.TemporaryDirectory() as folder:
            names = [f"model-{number}" for number in range(24)]
            settings = {"policy_path": self.policy(folder, 1, "nobody", "report")}
            # A scanner gives each look something to do, so that a kill comes in between.
            slow = lambda home: [command(f"{CLEAN}")]
            with ScanningRegistry(slow, settings) as registry:
                for number, name in enumerate(names):
                    registry.acquire(name, gguf(seed=number))
                    self.assertEqual(registry.promote(name).status, 200)
                denied = names[::2]
                registry.settings["policy_path"] = self.policy(folder, 2, ", ".join(denied), "quarantine")
                kills = 0
                registry.kill_and_start()
                while kills < 3:
                    report = registry.get("/v1/reinspection").json
                    if report["admitted"] + report["refused"] >= 3 or report["status"] == "done":
                        registry.kill_and_start()
                        kills += 1
                registry.wait_for_reinspection(lambda report: report["status"] == "done")
                for name in names:
                    state = registry.get(f"/v1/model/{name}").json["state"]
                    self.assertEqual(state, "quarantined" if name in denied else "trusted", name)
                    events = [row["event"]["event"] for row in registry.get(f"/v1/model/{name}/events").json]
                    # Once each, however often it was begun.
                    self.assertEqual(events.count("promoted"), 1 if name in denied else 2, name)
                    self.assertEqual(events.count("refused"), 1 if name in denied else 0, name)
                self.assertEqual(registry.securectl("log", "verify", "--full").returncode, 0)
