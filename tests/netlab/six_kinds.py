"""A lab with every kind of site, a node at each, all of which join one open node; that is all they are told."""

from pathlib import Path

import harness  # first: keeps Python from writing into the sources
from nodes import Nodes

BOOTSTRAP = "open.1"
HOSTS = ["open.2", "docker", "cone", "restricted", "restricted2", "symmetric", "symmetric2", "firewall", "firewall2", "hpc"]


class SixKinds(harness.LabTest):
    SITES = (Path(__file__).resolve().parent / "six-kinds.toml").read_text()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nodes = Nodes(cls.lab, cores=1)
        cls.nodes.start(BOOTSTRAP)
        for host in HOSTS:
            cls.nodes.start(host, [BOOTSTRAP])
