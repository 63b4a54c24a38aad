"""The files of Deploy/ against what the server does: a rule that is too tight would only show on somebody's machine."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import unittest

import tiny_model
from running_registry import CHECKOUT, PROGRAMS, RunningRegistry


def children(parent):
    """The processes that a process has started and that have not ended."""
    listed = pathlib.Path(f"/proc/{parent}/task").glob("*/children")
    return [int(number) for path in listed for number in path.read_text().split()]


class TracedRegistry(RunningRegistry):
    """Writes each system call of the server and of its children into a file. Slow."""

    @property
    def trace(self):
        return self.home / "trace"

    def launch(self, command):
        strace = ["strace", "--follow-forks", "--seccomp-bpf", "--quiet=all", "--signal=none", f"--output={self.trace}"]
        return super().launch([*strace, "--trace=all", *command])

    def stop(self):
        # strace ignores the signal until its child has ended, and without strace the child would go on.
        servers = children(self.process.pid) if self.process.poll() is None else []
        for server in servers:
            os.kill(server, signal.SIGTERM)
        try:
            return super().stop()
        finally:
            for server in servers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(server, signal.SIGKILL)

    def calls(self):
        """The names of those that were let through. What the inspector's own filter refuses is tried to be refused."""
        lines = self.trace.read_text().splitlines()
        made = re.compile(r"^\d+ +([a-z][a-z0-9_]*)\(")
        return {found[1] for line in lines if (found := made.match(line)) and " = -1 EPERM" not in line}


def systemd_groups():
    """What each group of system calls of systemd holds, other groups as their names."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True).stdout
    groups = {}
    for line in listed.splitlines():
        if line.startswith("@"):
            members = groups[line.strip()] = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            members.append(line.strip())
    return groups


def expanded(names, groups):
    calls = set()
    for name in names:
        calls |= expanded(groups[name], groups) if name.startswith("@") else {name}
    return calls


def allowed_by_unit(path):
    """systemd.exec(5): the first line says whether the list allows or refuses; later lines add to it or take away."""
    groups = systemd_groups()
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", path.read_text(), flags=re.MULTILINE):
        names = expanded(line.lstrip("~").split(), groups)
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


class TimerTests(unittest.TestCase):
    def setUp(self):
        # Beyond loopback the timer has to authenticate.
        self.registry = self.enterContext(RunningRegistry({"bind_addr": "0.0.0.0:0", "integrity_interval_seconds": "0"}))

    def run_unit(self):
        """What the timer starts, with this registry in place of the installed one."""
        unit = (CHECKOUT / "Deploy/pratique-integrity.service").read_text()
        command = re.search(r"^ExecStart=(.*)$", unit, flags=re.MULTILINE)[1].split()
        command = [word.replace("/run/secure-ai/service-token", str(self.registry.token_path)) for word in command]
        command[0] = PROGRAMS / pathlib.Path(command[0]).name
        port = self.registry.url.rpartition(":")[2]
        return subprocess.run(
            command, env=self.registry.environment() | {"REGISTRY_URL": f"http://127.0.0.1:{port}"},
            capture_output=True, text=True, timeout=120).returncode

    def test_timer(self):
        """The integrity timer's command authenticates, and fails when bytes are bad or nothing could be checked"""
        model = self.registry.home / "tiny.gguf"
        model.write_bytes(tiny_model.gguf())
        run = self.registry.securectl("push", model, "--as", "tiny", "--promote", "--plain-http")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.run_unit(), 0)
        path = pathlib.Path(self.registry.get("/v1/model/path?name=tiny").json["path"])
        path.chmod(0o600)
        with open(path, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\1")
        self.assertEqual(self.run_unit(), 11)
        self.assertFalse(path.exists())
        token = self.registry.token_path.read_text()
        self.registry.token_path.write_text("x" * 64)
        self.assertEqual(self.run_unit(), 77)
        self.registry.token_path.unlink()
        self.assertNotEqual(self.run_unit(), 0)
        self.registry.token_path.touch(mode=0o600)
        self.registry.token_path.write_text(token)
        self.registry.stop()
        self.assertEqual(self.run_unit(), 69)
        self.registry.start()


@unittest.skipUnless(shutil.which("strace"), "strace is missing: make setup")
class SystemCallTests(unittest.TestCase):
    def test_system_calls(self):
        """The unit and the seccomp profile allow every system call of a registry at work"""
        registry = self.enterContext(TracedRegistry())
        tiny_model.write(registry.home / "tiny", rows=8)
        tiny_model.write(registry.directory / "incoming", rows=8)
        for arguments in (
            ["push", registry.home / "tiny/model.gguf", "--as", "a", "--promote"], ["acquire", "b", "incoming"],
            ["promote", "b"], ["path", "b"], ["verify", "--all"], ["verify", "a", "--tensors"], ["list"],
            ["revoke", "a"], ["delete", "a"], ["log", "verify", "--full"]):
            run = registry.securectl(*arguments)
            self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(registry.get("/metrics").status, 200)
        registry.stop()
        # As root, SQLite gives its files to the owner of the database. The deployed server is never root.
        calls = registry.calls() - {"fchown"}
        self.assertIn("openat2", calls)
        self.assertIn("landlock_restrict_self", calls)
        profile = json.loads((CHECKOUT / "Deploy/seccomp.json").read_text())
        allowed = {name for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}
        registry.start()
        with self.subTest("Deploy/seccomp.json"):
            self.assertEqual(calls - allowed, set())
        with self.subTest("Deploy/pratique.service"):
            self.assertEqual(calls - allowed_by_unit(CHECKOUT / "Deploy/pratique.service"), set())
