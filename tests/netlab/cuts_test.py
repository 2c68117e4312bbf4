"""What a host whose interface goes down does to a job: for five seconds nothing, for longer it is a death with a name."""

import select
import subprocess
import time

import harness  # first: keeps Python from writing into the sources
import namespaces
from lab import eventually
from nodes import Nodes, binaries


class Job:
    """A job in the background, read line by line and never longer than a limit."""

    def __init__(self, lab, nodes, host, *words, env=None):
        self.process = lab.popen(host, nodes.zrun_words(*words), env=env or {}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        self.lines = []
        self._rest = ""

    def read(self, limit_s=0.0):
        if not select.select([self.process.stdout], [], [], limit_s)[0]:
            return
        self._rest += self.process.stdout.buffer.raw.read(1 << 16).decode()
        *whole, self._rest = self._rest.split("\n")
        self.lines += whole

    def wait_for(self, condition, limit_s=60):
        end = time.monotonic() + limit_s
        while not condition(self.lines) and time.monotonic() < end and self.process.poll() is None:
            self.read(0.1)
        return condition(self.lines)

    def progress(self):
        self.read()
        return max([int(line.split()[2]) for line in self.lines if line.startswith("0: at ")], default=0)

    def finish(self, limit_s=60):
        out, err = self.process.communicate(timeout=limit_s)
        self.lines += (self._rest + out).splitlines()
        return self.process.returncode, err


class Cuts(harness.LabTest):
    # Two sites that only a relay joins, and two that reach one another.
    SITES = """
        [defaults]
        delay_ms = 10
        [site.middle]
        [site.a]
        [site.b]
        [site.left]
        kind = "symmetric"
        [site.right]
        kind = "symmetric"
    """
    HOSTS = ("a", "b", "left", "right")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nodes = Nodes(cls.lab, cores=1, preset=cls.PRESET)
        cls.nodes.start("middle")
        for host in cls.HOSTS:
            cls.nodes.start(host, ["middle"])

    def setUp(self):
        self.assertTrue(eventually(self.nodes.all_see_all, 90), self.nodes.log("middle"))

    def interface(self, host, up):
        """The host's own, as when a cable is pulled; its routes go with it, and it gets them again."""
        site = self.lab.sites.host(host)[0]
        lines = [f"link set eth0 {'up' if up else 'down'}"] + ([f"route add default via {site.inside_net}.1"] if up else [])
        namespaces.ip_batch(lines, self.lab.namespace(host))

    def job(self, host, *words, env=None):
        job = Job(self.lab, self.nodes, host, *words, env=env)
        self.addCleanup(self.lab.kill, job.process)
        return job


class ShortCuts(Cuts):
    PRESET = "wan"

    def stream_through_a_cut(self, a, b, *words):
        names = ",".join(map(self.lab.hostname, (a, b)))
        job = self.job(a, "-n", 2, "--host", names, "--wait", 30, binaries() / "stream_probe", "stream", *words)
        self.assertTrue(job.wait_for(lambda lines: "0: up" in lines and job.progress() >= 50), (job.lines, self.nodes.log(a)))
        self.interface(b, False)
        time.sleep(5)  # what this is about
        job.read()
        before = job.progress()
        self.interface(b, True)
        self.assertTrue(job.wait_for(lambda _: job.progress() >= before + 200), (before, job.lines[-3:], self.nodes.log(a)))
        job.process.stdin.write("end\n")
        job.process.stdin.flush()
        status, err = job.finish()
        self.assertEqual(status, 0, err)
        sent = [line.split()[1] for line in job.lines if line.endswith("there and back")]
        self.assertEqual(len(sent), 1, job.lines[-3:])
        self.assertIn(f"1: {sent[0]} in order", job.lines)

    def test_five_seconds_lose_nothing_on_a_direct_link(self):
        self.stream_through_a_cut("a", "b", "linked")

    def test_five_seconds_lose_nothing_through_a_relay(self):
        self.stream_through_a_cut("left", "right")
        path = next(path for path in self.nodes.ask("left", "paths")["paths"] if path["name"] == "right-1")
        self.assertEqual((path["rung"], path["relay"]), ("relay", path["relay"]))


class LongCuts(Cuts):
    PRESET = "lan"

    def cut_off(self, a, b, c, policy):
        names = ",".join(map(self.lab.hostname, (a, b, c)))
        job = self.job(a, "-n", 3, "--host", names, "--wait", 30, "--on-failure", policy,
                       binaries() / "stream_probe", "survive")
        self.assertTrue(job.wait_for(lambda lines: sum(": up on " in line for line in lines) == 3), job.lines)
        victim = next(int(line.split(":")[0]) for line in job.lines if line.endswith(f": up on {self.lab.hostname(b)}"))
        self.interface(b, False)
        try:
            status, err = job.finish(90)
        finally:
            self.interface(b, True)
        return job, victim, status, err

    def test_survivors_are_told_who_died_and_go_on(self):
        for a, b, c in (("a", "b", "middle"), ("left", "right", "a")):
            with self.subTest(b):
                job, victim, status, err = self.cut_off(a, b, c, "ignore")
                for rank in {0, 1, 2} - {victim}:
                    self.assertTrue(any(line.startswith(f"{rank}: lost {victim}: rank {victim} is gone") for line in job.lines),
                                    (job.lines, err))
                    self.assertIn(f"{rank}: died {victim}", job.lines)
                    self.assertIn(f"{rank}: goes on", job.lines)
                self.assertIn(self.lab.hostname(b), err)
                self.assertNotEqual(status, 0)
                self.assertTrue(eventually(self.nodes.all_see_all, 90), "they do not find one another again")

    def test_by_default_the_job_ends_with_a_reason(self):
        _, _, status, err = self.cut_off("a", "b", "middle", "cancel")
        self.assertNotEqual(status, 0)
        self.assertIn(self.lab.hostname("b"), err)
        self.assertTrue(eventually(lambda: not (self.nodes.ask("a", "jobs") or {}).get("jobs"), 30))


if __name__ == "__main__":
    harness.main()
