"""The commands in the documents do what the documents say.

A block that begins with ```console runnable is a session: lines that begin with `$ ` are given to one bash after another, and
what stands below each is what it prints. `…` stands for any text in a line, and alone in a line for any lines. A command ends
with 0 unless `echo $?` behind it says otherwise. The blocks of one document share a registry and a directory.
"""

import re
import shutil
import subprocess
import unittest

from running_registry import CHECKOUT, PROGRAMS, RunningRegistry

DOCUMENTS = ["README.md"] + sorted(str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "docs").rglob("*.md"))
# Settings of the registry that a document's sessions talk to; paths are those of the checkout.
SETTINGS = re.compile(r"^<!-- registry: (.*) -->$", re.MULTILINE)
BLOCK = re.compile(r"^```console runnable\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKS_FOR_STATUS = "echo $?"


def steps(block):
    """- Returns: commands with what they are said to print."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found[-1][0].endswith("\\") and not found[-1][1] and line.startswith("> "):
            found[-1] = (found[-1][0] + "\n" + line[2:], [])
        else:
            found[-1][1].append(line)
    return found


def words(line):
    return re.sub(r"\s+", " ", line).strip()


def matches(expected, actual):
    """Whether the printed lines are the documented ones; spaces between columns do not count."""
    if not expected:
        return not actual
    if expected[0] == "…":
        return any(matches(expected[1:], actual[skipped:]) for skipped in range(len(actual) + 1))
    if not actual:
        return False
    pattern = ".*".join(re.escape(part) for part in words(expected[0]).split("…"))
    return re.fullmatch(pattern, words(actual[0])) is not None and matches(expected[1:], actual[1:])


def session(block, **options):
    """Gives the commands of a block to one bash.

    - Returns: for each command its expected lines, what it printed and its exit status.
    """
    mark = "end of command"
    script = ""
    for command, _ in steps(block):
        script += f"{command}\nstatus=$?; printf '\\n%s %d\\n' '{mark}' $status; (exit $status)\n"
    run = subprocess.run(
        ["bash"], input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **options)
    printed = re.split(rf"\n?^{mark} (\d+)\n", run.stdout, flags=re.MULTILINE)
    return [
        (command, expected, printed[index * 2].splitlines(), int(printed[index * 2 + 1]))
        for index, (command, expected) in enumerate(steps(block))
    ]


class DocumentationTests(unittest.TestCase):
    def check(self, block, **options):
        done = session(block, **options)
        following = [command for command, *_ in done[1:]] + [None]
        for (command, expected, printed, status), next_command in zip(done, following):
            told = "\n".join(["$ " + command, *printed])
            if next_command != ASKS_FOR_STATUS:
                self.assertEqual(status, 0, told)
            self.assertTrue(matches(expected, printed), told + "\n-- the document says:\n" + "\n".join(expected))

    def test_sessions(self):
        """The sessions in the documents go as they are written down"""
        for document in DOCUMENTS:
            text = (CHECKOUT / document).read_text()
            blocks = BLOCK.findall(text)
            if not blocks:
                continue
            settings = {
                name: CHECKOUT / path
                for line in SETTINGS.findall(text) for name, _, path in (part.partition("=") for part in line.split())
            }
            with self.subTest(document=document), RunningRegistry(settings) as registry:
                directory = registry.home / "work"
                directory.mkdir()
                (directory / "Examples").symlink_to(CHECKOUT / "Examples")
                environment = registry.client_environment() | {"REGISTRY_DIR": str(registry.directory)}
                environment["PATH"] = f"{PROGRAMS}:{environment['PATH']}"
                for block in blocks:
                    if "skopeo" in block and not shutil.which("skopeo"):
                        self.skipTest("skopeo is missing: scripts/setup")
                    self.check(block, cwd=directory, env=environment)

    def test_operations(self):
        """The reference of the API names the operations of its description, and no others"""
        try:
            import yaml
        except ImportError:
            self.skipTest("PyYAML is missing: make python-tools")
        described = yaml.safe_load((CHECKOUT / "schemas/openapi.yaml").read_text())["paths"]
        operations = {
            f"{method.upper()} {path}" for path, item in described.items() for method in item if method != "parameters"
        }
        reference = (CHECKOUT / "docs/reference/api.md").read_text()
        named = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", reference, flags=re.MULTILINE))
        self.assertEqual(named, operations)

    def test_commands(self):
        """The reference of the programs names their commands, and no others"""
        reference = (CHECKOUT / "docs/reference/cli.md").read_text()
        for program in ("securectl", "pratique"):
            with self.subTest(program):
                row = rf"^\| `{program} ([a-z -]+?)(?: [A-Z\[].*)?` \|"
                named = set(re.findall(row, reference, flags=re.MULTILINE))
                self.assertEqual(named, set(self.subcommands(program)))

    def subcommands(self, program, *parents):
        """Every command that has no commands of its own."""
        shown = subprocess.run([PROGRAMS / program, *parents, "--help"], capture_output=True, text=True).stdout
        listed = re.findall(r"SUBCOMMANDS:\n((?:  .*\n)+)", shown)
        names = re.findall(r"^  ([a-z-]+)(?:, [a-z]+)?(?: {2,}|$)", "".join(listed), flags=re.MULTILINE)
        for name in names:
            beneath = list(self.subcommands(program, *parents, name))
            yield from beneath or [" ".join([*parents, name])]

    def test_errors(self):
        """Every code of the reference of errors is one that the API's description knows"""
        reference = CHECKOUT / "docs/reference/errors.md"
        if not reference.exists():
            self.skipTest("docs/reference/errors.md is missing: make docs")
        codes = set(re.findall(r"^\| `([a-z_]+)` \|", reference.read_text(), flags=re.MULTILINE))
        described = (CHECKOUT / "schemas/openapi.yaml").read_text()
        listed = described.partition("\n    ErrorCode:\n")[2].partition("\n\n")[0]
        self.assertEqual(codes, set(re.findall(r"^        - ([a-z_]+)$", listed, flags=re.MULTILINE)))
