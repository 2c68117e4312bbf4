"""Real nodes on the hosts of a lab: one zeld each, jobs over them, what they say of one another."""

import json
import os
import subprocess
from pathlib import Path

from lab import HERE, eventually
from namespaces import Failed

PORT = 7411


def binaries():
    """The folder of the built programs."""
    if given := os.environ.get("NETLAB_BIN"):
        return Path(given)
    built = [path.parent for path in (HERE.parents[1] / "build").glob("*/bin/zeld")]
    if not built:
        raise Failed("zeld is not built")
    return max(built, key=lambda path: (path / "zeld").stat().st_mtime)


class Nodes:
    def __init__(self, lab, cores=2, preset="lan"):
        self.lab, self.cores, self.preset = lab, cores, preset
        self.running = {}

    def start(self, host, peers=()):
        """A node that joins the others at their outside addresses; returns when it serves."""
        name = self.lab.hostname(host)
        words = [binaries() / "zeld", "start", "--name", name, "--listen", f"{self.lab.inside_address(host)}:{PORT}",
                 "--cores", str(self.cores), "--preset", self.preset, "--log-file", self.log_file(host)]
        for peer in peers:
            words += ["--peer", f"{self.lab.address(peer)}:{PORT}"]
        self.running[host] = self.lab.popen(host, words)
        if not eventually(lambda: self.ask(host, "status") is not None or self.running[host].poll() is not None, 20) or \
                self.running[host].poll() is not None:
            raise Failed(f"no node on {host}: {self.log(host)}")

    def log_file(self, host):
        return self.lab.folder / f"{self.lab.hostname(host)}.log"

    def log(self, host):
        try:
            return self.log_file(host).read_text()
        except FileNotFoundError:
            return ""

    def ask(self, host, command):
        done = self.lab.run(host, [binaries() / "zeld", command, "--json"], 20)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def seen_by(self, host):
        """{name: state} of the nodes this one knows, without itself."""
        answer = self.ask(host, "nodes") or {"nodes": []}
        return {node["name"]: node["state"] for node in answer["nodes"] if node["state"] != "self"}

    def all_see_all(self):
        names = {self.lab.hostname(host) for host in self.running}
        return all({name for name, state in self.seen_by(host).items() if state == "alive"} >=
                   names - {self.lab.hostname(host)} for host in self.running)

    def zrun_words(self, *words):
        return [binaries() / "zrun", *map(str, words)]

    def zrun(self, host, *words, limit_s=60):
        return self.lab.run(host, self.zrun_words(*words), limit_s)

    def zrun_in_background(self, host, *words):
        return self.lab.popen(host, self.zrun_words(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
