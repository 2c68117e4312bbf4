"""Every pair of kinds of site: a job of two ranks, one at each site, sends messages both ways.

All nodes join one open node, and that is all they are told. `WORKS` says which pairs must work; the rest are tried
too, and printed. Whoever makes more of them work moves them into the list.
"""

import itertools
from pathlib import Path

import harness  # first: keeps Python from writing into the sources
from lab import eventually
from nodes import Nodes, binaries

HERE = Path(__file__).resolve().parent
BOOTSTRAP = "open.1"
HOSTS = ["open.2", "docker", "cone", "restricted", "restricted2", "symmetric", "symmetric2", "firewall", "hpc"]

REACHABLE = {"open.2", "docker", "cone"}
LET_OUT = {"restricted", "restricted2", "symmetric", "symmetric2", "firewall"}

# Where strangers are let in at one end at least, a node there or here opens the connection.
WORKS = {frozenset(pair) for pair in itertools.combinations(HOSTS, 2)
         if set(pair) <= REACHABLE or (set(pair) & REACHABLE and set(pair) & LET_OUT)}


class PairsOfKinds(harness.LabTest):
    SITES = (HERE / "six-kinds.toml").read_text()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nodes = Nodes(cls.lab, cores=1)
        cls.nodes.start(BOOTSTRAP)
        for host in HOSTS:
            cls.nodes.start(host, [BOOTSTRAP])

    def exchange(self, a, b):
        """What went wrong, or nothing. The job's primary is at `a`."""
        names = ",".join(map(self.lab.hostname, (a, b)))
        done = self.nodes.zrun(a, "-n", 2, "--host", names, "--wait", 4, "--timeout", 20, binaries() / "zel_probe", "ring",
                               limit_s=40)
        if done.returncode == 0 and sorted(done.stdout.splitlines()) == ["0: 1000000 of 1", "1: 1000000 of 1"]:
            return ""
        return (done.stderr.strip().splitlines() or [f"status {done.returncode}, {done.stdout!r}"])[-1]

    def test_each_alone_with_the_node_it_joined(self):
        for host in HOSTS:
            with self.subTest(host):
                name = self.lab.hostname(host)
                self.assertTrue(eventually(lambda: self.nodes.seen_by(BOOTSTRAP).get(name) == "alive", 20))
                self.assertEqual(self.exchange(host, BOOTSTRAP), "")
                self.assertEqual(self.exchange(BOOTSTRAP, host), "")

    def test_every_pair(self):
        wrong = {(a, b): self.exchange(a, b) for pair in itertools.combinations(HOSTS, 2) for a, b in (pair, pair[::-1])}
        print("\n" + " " * 12 + " ".join(f"{b:>11}" for b in HOSTS))
        for a in HOSTS:
            print(f"{a:12}" + " ".join(f"{'.' if a == b else '-' if wrong[a, b] else 'yes':>11}" for b in HOSTS))
        for (a, b), why in wrong.items():
            if why and frozenset((a, b)) not in WORKS:
                print(f"not yet: {a} with {b}: {why}")
        self.assertEqual({pair: why for pair, why in wrong.items() if why and frozenset(pair) in WORKS}, {})


if __name__ == "__main__":
    harness.main()
