"""Ranks at every pair of kinds of site: each pair talks from its first record on, gets the best way that is possible
there, and loses, doubles and overtakes nothing while its stream moves."""

import itertools
import json

import harness  # first: keeps Python from writing into the sources
from lab import eventually
from nodes import binaries
from six_kinds import BOOTSTRAP, HOSTS, SixKinds

TRAFFIC_S = 8
TRIES = 4

LETS_STRANGERS_IN = {"open", "two-interfaces", "full-cone"}
KEEPS_PORTS = {"restricted", "firewall"}  # so that both ends can connect at one moment


def best(leader, follower):
    """The way that is possible, by kinds; the leader is the lower rank, whose host is named first."""
    if "one-relay" in (leader, follower):
        return "nodes"
    if follower in LETS_STRANGERS_IN:
        return "direct"
    if leader in LETS_STRANGERS_IN:
        return "reverse"
    return "meet" if leader in KEEPS_PORTS and follower in KEEPS_PORTS else "nodes"


class WaysBetweenRanks(SixKinds):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = {cls.lab.hostname(host): cls.lab.sites.host(host)[0].kind for host in [BOOTSTRAP, *HOSTS]}

    def setUp(self):
        self.assertTrue(eventually(self.nodes.all_see_all, 60))
        for host in HOSTS:
            self.assertTrue(eventually(lambda: self.is_settled(host), 60), f"{host} knows no way to be reached")

    def is_settled(self, host):
        paths = self.nodes.ask(host, "paths")
        return paths["dialled"] == "can be dialled" or bool(paths["relays"])

    def run_traffic(self, primary, hosts):
        """{(from, to): row} of --json, after every rank has said that all was well."""
        report = self.lab.folder / "report.json"
        names = ",".join(map(self.lab.hostname, hosts))
        done = self.nodes.zrun(primary, "-n", len(hosts), "--host", names, "--wait", 20, "--timeout", 120, "--json", report,
                               "--report-paths", binaries() / "rank_traffic", TRAFFIC_S, limit_s=150)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("each once and in order"), len(hosts), done.stdout)
        print(done.stderr, flush=True)
        return {(row["from"], row["to"]): row for row in json.loads(report.read_text())["paths"]}

    def check_ways(self, primary, hosts):
        """A busy machine may miss a time limit of the ladder, so a pair has some tries to show its best way."""
        names = sorted(map(self.lab.hostname, hosts))
        wrong = {pair: "never seen" for pair in itertools.combinations(names, 2)}
        for _ in range(TRIES):
            rows = self.run_traffic(primary, hosts)
            self.assertEqual(len(rows), len(names) * (len(names) - 1) // 2)
            for (a, b), row in rows.items():
                self.assertGreater(row["by_nodes_bytes"], 0, f"{a} with {b}: the first record waited for a link")
                way = best(self.kinds[a], self.kinds[b])
                if row["by"] == way:
                    wrong.pop(tuple(sorted((a, b))), None)
                elif tuple(sorted((a, b))) in wrong:
                    wrong[tuple(sorted((a, b)))] = f"{way} wanted: {row}"
                if row["by"] == "nodes":
                    self.assertTrue(all(row["why_not"].values()), row)
            if not wrong:
                return
        self.assertEqual(wrong, {})

    def test_each_pair_of_kinds_by_the_best_way(self):
        self.check_ways("open.2", HOSTS)

    def test_the_same_seen_from_behind_a_nat(self):
        # Ranks go to the nearest hosts first, so another primary leads other pairs.
        self.check_ways("restricted", list(reversed(HOSTS)))

    def test_the_host_of_the_relay_is_reached_by_who_reaches_only_that(self):
        rows = self.run_traffic("hpc", ["hpc", BOOTSTRAP])
        self.assertEqual([row["by"] for row in rows.values()], ["direct"])


if __name__ == "__main__":
    harness.main()
