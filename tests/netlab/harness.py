"""What the tests here share: a lab of their own name, skipped with a reason where labs are not to be had."""

import os
import sys
import unittest

sys.dont_write_bytecode = True

import namespaces
from lab import Lab

SKIP = 77


class LabTest(unittest.TestCase):
    """One lab a class, from SITES."""

    SITES = ""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(f"t{os.getpid()}")
        cls.addClassCleanup(cls.lab.down)
        cls.lab.up(cls.SITES)


def main():
    if reason := namespaces.unavailable():
        print(f"skipped: {reason}")
        sys.exit(SKIP)
    unittest.main(verbosity=2)
