"""What the tests here share: a lab of their own name, skipped with a reason where labs are not to be had."""

import atexit
import contextlib
import os
import re
import signal
import sys
import unittest

sys.dont_write_bytecode = True

import namespaces
from lab import Lab

SKIP = 77


def own_lab(letter="t"):
    """A lab that goes with this process, whatever ends it but -9; then with the next test."""
    lab = Lab(f"{letter}{os.getpid()}")
    atexit.register(lab.down)
    return lab


def remove_what_killed_tests_left():
    for name in {name.split(".")[0].removeprefix("zelnet-") for name in namespaces.existing("zelnet-")}:
        if re.fullmatch(r"[tc]\d+", name) and not os.path.exists(f"/proc/{name[1:]}"):
            with contextlib.suppress(namespaces.Failed):
                Lab(name).down()


class LabTest(unittest.TestCase):
    """One lab a class, from SITES."""

    SITES = ""

    @classmethod
    def setUpClass(cls):
        cls.lab = own_lab()
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(cls.SITES)


def main():
    if reason := namespaces.unavailable():
        print(f"skipped: {reason}")
        sys.exit(SKIP)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    remove_what_killed_tests_left()
    unittest.main(verbosity=2)
