"""Runs the tests of this directory: real clients against the built programs.

    scripts/test-clients [TEXT ...]      only tests whose name or sentence contains one of the texts

A test says by its first docstring line what it shows. The programs are those in $BIN, .build/release without.
"""

import os
import pathlib
import sys
import time
import unittest

DIRECTORY = pathlib.Path(__file__).resolve().parent


class Sentences(unittest.TestResult):
    """Prints one line for each test, and what went wrong below it."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.started = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def say(self, word, test):
        sentence = test.shortDescription() or test.id()
        print(f"{word:8} {sentence} ({time.monotonic() - self.started:.1f} s)", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self.say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("FAILED", test)
        print(self.failures[-1][1], flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        self.say("FAILED", test)
        print(self.errors[-1][1], flush=True)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.say("FAILED", subtest)
            failed = self.failures if issubclass(err[0], test.failureException) else self.errors
            print(failed[-1][1], flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("left out", test)
        print(f"         {reason}", flush=True)

    @property
    def failed(self):
        return len(self.failures) + len(self.errors)


def cases(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from cases(item)
        else:
            yield item


def name(case):
    """By which a test can be chosen: its place in the files, and the sentence that is printed."""
    return f"{case.id()} {case.shortDescription() or ''}"


def main(texts):
    sys.path[:0] = [str(DIRECTORY), str(DIRECTORY.parents[1] / "Examples")]
    found = unittest.defaultTestLoader.discover(str(DIRECTORY), pattern="*_tests.py")
    wanted = [case for case in cases(found) if not texts or any(text in name(case) for text in texts)]
    if not wanted:
        print("test-clients: no test has such a name", file=sys.stderr)
        return 66
    result = Sentences()
    unittest.TestSuite(wanted).run(result)
    summary = f"{result.passed} passed, {result.failed} failed"
    if result.skipped:
        summary += f", {len(result.skipped)} left out"
    print(summary)
    # CI has everything: what is missing there would stay untested unnoticed.
    is_complete = not result.skipped or os.environ.get("CI") != "true"
    return 0 if result.wasSuccessful() and is_complete else 1


sys.exit(main(sys.argv[1:]))
