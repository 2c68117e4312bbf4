"""Why: some questions need real nodes on this machine: started together, found by one another, ended with the benchmark."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from compare import SPARED, Wrong, built

LIMIT_S = 60
TICKS = os.sysconf("SC_CLK_TCK")


class Group:
    """Nodes n0, n1, ... in one temporary directory, each with one core; ended by end()."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="zel-bench-"))
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.directory), XDG_CONFIG_HOME=str(self.directory))
        self.processes = []
        self.first = None

    def runtime(self, node):
        return str(self.directory / f"n{node}")

    def start(self, listen="127.0.0.1:0"):
        """One more; `listen` "none": nobody can dial it."""
        node = len(self.processes)
        peer = ["--peer", self.first] if self.first else []
        self.processes.append(subprocess.Popen(
            [built("zeld", "bin"), "start", "--name", f"n{node}", "--listen", listen, "--cores", "1",
             "--preset", "local", "--runtime-dir", self.runtime(node), "--realm-key", str(self.directory / "realm.key"),
             "--log-file", str(self.directory / f"n{node}.log"), *peer],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        SPARED.add(self.processes[-1].pid)
        if not self.first:
            self.first = self.wait(lambda: self.ask(0, "status")["listens"][0])

    def ask(self, node, command):
        answer = subprocess.run([built("zeld", "bin"), command, "--json", "--runtime-dir", self.runtime(node)],
                                env=self.environment, capture_output=True, text=True, timeout=LIMIT_S)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def alive(self, node):
        answer = self.ask(node, "nodes")
        return 0 if answer is None else sum(line["state"] in ("alive", "self") for line in answer["nodes"])

    def rung(self, node, other):
        """By which way `node` reaches the node of this number."""
        answer = self.ask(node, "paths") or {"paths": []}
        return next((path["rung"] for path in answer["paths"] if path["name"] == f"n{other}"), None)

    def wait(self, question):
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            try:
                answer = question()
            except (TypeError, KeyError, IndexError):
                answer = None  # not listening yet
            if answer:
                return answer
            time.sleep(0.02)
        raise Wrong(f"the nodes are not there after {LIMIT_S} s; see {self.directory}")

    def full(self):
        """Waits until all nodes know all; those that are known to are not asked again."""
        waiting = set(range(len(self.processes)))

        def look():
            waiting.difference_update([node for node in sorted(waiting)[:5] if self.alive(node) == len(self.processes)])
            return not waiting
        self.wait(look)

    def zrun(self, node, hosts, program, *arguments, paths=None):
        """argv of a job with one rank on each of these nodes. `paths`: ZEL_PATHS of its ranks.

        Not bound: nodes of one machine know nothing of one another's cores and would all take the first.
        """
        names = ",".join(f"n{host}" for host in hosts)
        settings = [f"XDG_RUNTIME_DIR={self.directory}", *([f"ZEL_PATHS={paths}"] if paths else [])]
        return ["env", *settings, built("zrun", "bin"), "-q", "--node", self.runtime(node), "-n", str(len(hosts)),
                "--bind-to", "none", "--host", names, program, *arguments]

    def resident_kib(self):
        found = []
        for process in self.processes:
            for line in pathlib.Path("/proc", str(process.pid), "status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    found.append(int(line.split()[1]))
        return found

    def cpu_seconds(self):
        total = 0
        for process in self.processes:
            fields = pathlib.Path("/proc", str(process.pid), "stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def end(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(LIMIT_S)
            SPARED.discard(process.pid)
        shutil.rmtree(self.directory, ignore_errors=True)
