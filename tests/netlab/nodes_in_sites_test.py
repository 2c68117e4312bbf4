"""Real nodes at three open sites: jobs over the wide area, and a site that is cut off."""

import collections
import select
import signal
import time
from pathlib import Path

import harness  # first: keeps Python from writing into the sources
from lab import eventually
from nodes import Nodes, binaries

HERE = Path(__file__).resolve().parent


class ThreeOpenSites(harness.LabTest):
    SITES = """
        [site.a]
        [site.b]
        [site.c]
        [[link]]
        between = ["a", "b"]
        delay_ms = 20
        [[link]]
        between = ["a", "c"]
        delay_ms = 50
        [[link]]
        between = ["b", "c"]
        delay_ms = 80
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nodes = Nodes(cls.lab)
        cls.nodes.start("a")
        cls.nodes.start("b", ["a"])
        cls.nodes.start("c", ["a"])

    def setUp(self):
        self.assertTrue(eventually(self.nodes.all_see_all, 60), self.nodes.log("a"))
        # Not yet measured, or through a link that was just cut, distances rank nodes at random.
        self.assertTrue(eventually(lambda: self.nearest_first("a") == ["b-1", "c-1"] and
                                   self.nearest_first("c") == ["a-1", "b-1"], 60), self.nodes.ask("a", "nodes"))

    def background(self, host, *words):
        job = self.nodes.zrun_in_background(host, *words)
        self.addCleanup(self.lab.kill, job)
        return job

    def distances_ms(self, host):
        nodes = self.nodes.ask(host, "nodes")["nodes"]
        return {node["name"]: node["distance_ms"] for node in nodes if node["state"] == "alive"}

    def nearest_first(self, host):
        seen = self.distances_ms(host)
        return sorted(seen, key=seen.get)

    def where(self, host, ranks):
        done = self.nodes.zrun(host, "-n", ranks, "sh", "-c", "echo $ZEL_NODE")
        self.assertEqual(done.returncode, 0, done.stderr)
        return collections.Counter(done.stdout.split())

    def test_distances_are_the_round_trips_of_the_links(self):
        # From below only: a busy machine adds to a round trip. A tenth is left to the estimate.
        self.assertTrue(eventually(lambda: self.distances_ms("a")["b-1"] >= 36 and self.distances_ms("a")["c-1"] >= 90, 30),
                        self.distances_ms("a"))

    def test_a_job_runs_on_all_and_the_nearest_are_taken_first(self):
        self.assertEqual(self.where("a", 6), {"a-1": 2, "b-1": 2, "c-1": 2})
        self.assertEqual(self.where("a", 4), {"a-1": 2, "b-1": 2})
        self.assertEqual(self.where("c", 4), {"c-1": 2, "a-1": 2})

    def test_messages_and_membership_cross_the_wide_area(self):
        done = self.nodes.zrun("a", "-n", 6, binaries() / "zel_probe", "log")
        self.assertEqual(done.returncode, 0, done.stderr)
        logs = collections.defaultdict(list)
        for line in done.stdout.splitlines():
            logs[line.split(":")[0]].append(line.split(":", 1)[1])
        self.assertEqual(len(logs), 6)
        self.assertEqual(len(set(map(tuple, logs.values()))), 1, done.stdout)

    def test_messages_cross_a_lossy_link(self):
        self.lab.link("a", "b", loss_percent=3)
        try:
            done = self.nodes.zrun("a", "-n", 4, binaries() / "zel_probe", "ring")  # 8 MB from rank to rank
        finally:
            self.lab.link("a", "b", loss_percent=0)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(done.stdout.splitlines())[1], "1: 1000000 of 1", done.stdout)

    def test_a_short_cut_is_not_noticed(self):
        job = self.background("a", "-n", 6, "sh", "-c", "echo up; exec sleep 300")
        self.assertTrue(read_lines(job, "up", 6))
        self.lab.link("c", "*", False)
        cut = lambda: sum(row["cut"] for pair, row in self.lab.stats().items() if "c" in pair)
        before = cut()
        self.assertTrue(eventually(lambda: cut() > before + 1, 10), "nothing was sent meanwhile")
        self.lab.link("c", "*", True)
        self.assertTrue(eventually(self.nodes.all_see_all, 30))
        self.assertIsNone(job.poll())
        self.lab.kill(job, signal.SIGINT)
        job.communicate(timeout=30)

    def test_a_site_that_is_cut_off_ends_the_job_with_a_reason(self):
        job = self.background("a", "-n", 6, "sh", "-c", "echo up; exec sleep 300")
        self.assertTrue(read_lines(job, "up", 6))
        self.lab.link("c", "*", False)
        try:
            _, err = job.communicate(timeout=90)
            self.assertNotEqual(job.returncode, 0)
            self.assertIn("c-1", err)
            self.assertTrue(eventually(lambda: self.nodes.seen_by("a").get("c-1") != "alive", 60), self.nodes.log("a"))
            # The site that is alone has nobody left who asks for its ranks.
            self.assertTrue(eventually(lambda: not (self.nodes.ask("c", "jobs") or {}).get("jobs"), 90),
                            self.nodes.ask("c", "jobs"))
            self.assertEqual(self.where("a", 4), {"a-1": 2, "b-1": 2})
        finally:
            self.lab.link("c", "*", True)
        self.assertTrue(eventually(self.nodes.all_see_all, 60), "they do not find one another again")
        self.assertEqual(self.where("a", 6), {"a-1": 2, "b-1": 2, "c-1": 2})


def read_lines(process, line, count, limit_s=30):
    """Whether so many such lines came."""
    deadline = time.monotonic() + limit_s
    while count and (left := deadline - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], left)[0]:
            got = process.stdout.buffer.raw.read(len(line) + 1)  # no buffer that hides what select waits for
            count -= got == line.encode() + b"\n"
            if not got:
                return False
    return count == 0


if __name__ == "__main__":
    harness.main()
