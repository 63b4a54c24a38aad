"""The demonstration is a test, too."""

import os
import subprocess
import unittest

from running_registry import CHECKOUT, PROGRAMS


class DemoTests(unittest.TestCase):
    def test_demo(self):
        """The demonstration comes to its end, and the server with it"""
        run = subprocess.run(
            [CHECKOUT / "scripts/demo"], env=os.environ | {"DEMO_ONCE": "1", "BIN": str(PROGRAMS)}, capture_output=True,
            text=True, timeout=1200)
        self.assertEqual(run.returncode, 0, run.stdout[-4000:] + run.stderr[-4000:])
        self.assertTrue(run.stdout.endswith("Done; the server has stopped.\n"))
