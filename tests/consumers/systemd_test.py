#!/usr/bin/env python3
"""The systemd unit, judged by systemd-analyze."""

import os
import re
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
UNIT = os.path.join(ROOT, "deploy", "systemd", "chatscale.service")


class SystemdTest(unittest.TestCase):
    def setUp(self):
        with open(UNIT, encoding="utf-8") as file:
            self.text = file.read()

    def test_little_is_exposed(self):
        self.assertIsNotNone(shutil.which("systemd-analyze"), "no systemd-analyze; Debian package: systemd")
        command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20", UNIT]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)  # 2.0 of 10 at most

    def test_its_settings_are_ours(self):
        names = re.findall(r"(METRICS_[A-Z_]+)=", self.text)
        self.assertIn("METRICS_STATE_FILE", names)
        help_text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
        for name in names:
            self.assertIn(name, help_text)
        command = re.search(r"^ExecStart=/usr/local/bin/chatscale (.*)$", self.text, re.MULTILINE)
        self.assertEqual(command.group(1), "serve")

    def test_a_wrong_configuration_is_not_tried_again(self):
        wrong = subprocess.run([PROGRAM, "check"], env={"METRICS_MODE": "none"}, capture_output=True, check=False)
        self.assertIn(f"RestartPreventExitStatus={wrong.returncode}\n", self.text)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
