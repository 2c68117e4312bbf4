"""Every pair of kinds of site: a job of two ranks, one at each site, sends messages both ways.

Every pair must work, by whatever way there is.
"""

import itertools

import harness  # first: keeps Python from writing into the sources
from lab import eventually
from nodes import binaries
from six_kinds import BOOTSTRAP, HOSTS, SixKinds


class PairsOfKinds(SixKinds):
    def exchange(self, a, b):
        """What went wrong, or nothing. The job's primary is at `a`."""
        names = ",".join(map(self.lab.hostname, (a, b)))
        done = self.nodes.zrun(a, "-n", 2, "--host", names, "--wait", 20, "--timeout", 40, binaries() / "zel_probe", "ring",
                               limit_s=70)
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
        wrong = {}
        for a, b in itertools.combinations(HOSTS, 2):
            why = self.exchange(a, b)
            print(f"{a} with {b}: {why or 'works'}", flush=True)
            if why:
                wrong[f"{a} with {b}"] = why
        self.assertEqual(wrong, {})


if __name__ == "__main__":
    harness.main()
