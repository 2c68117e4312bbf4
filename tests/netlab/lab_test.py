"""The lab itself: who can connect to whom is what the kinds promise, links are as configured, nothing is left."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import harness  # first: keeps Python from writing into the sources
import lab as lab_module
import namespaces
from lab import Lab, eventually
from sites import BadSites, parse

HERE = Path(__file__).resolve().parent
KINDS = ["open", "cone", "restricted", "restricted2", "symmetric", "symmetric2", "firewall", "docker", "hpc"]
LET_STRANGERS_IN = {"open", "cone", "docker"}
PORT = 7000


def established(connecting, limit_s):
    """Of {key: non-blocking socket that connects}: the keys of those that did."""
    pending, done = dict(connecting), set()
    deadline = time.monotonic() + limit_s
    while pending and (left := deadline - time.monotonic()) > 0:
        _, writable, _ = select.select([], list(pending.values()), [], left)
        for key, each in list(pending.items()):
            if each in writable:
                if each.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    done.add(key)
                del pending[key]
    return done


class Kinds(harness.LabTest):
    SITES = (HERE / "six-kinds.toml").read_text()

    def open_socket(self, host, port=0, kind=socket.SOCK_STREAM):
        opened = self.lab.socket(host, kind=kind)
        self.addCleanup(opened.close)
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(("", port))
        return opened

    def test_who_reaches_whom_directly(self):
        for site in KINDS:
            self.open_socket(site, PORT).listen(64)
        connecting, expected = {}, set()
        for a in KINDS:
            for b in KINDS:
                if a == b:
                    continue
                connecting[a, b] = self.open_socket(a)
                connecting[a, b].connect_ex((self.lab.address(b), PORT))
                if b in LET_STRANGERS_IN and (a != "hpc" or b == "open"):
                    expected.add((a, b))
        self.assertEqual(established(connecting, 2.5), expected)

    def test_one_relay_reaches_that_host_only(self):
        for host in ("open.1", "open.2"):
            self.open_socket(host, PORT + 1).listen(4)
        connecting = {host: self.open_socket("hpc") for host in ("open.1", "open.2")}
        for host, each in connecting.items():
            each.connect_ex((self.lab.address(host), PORT + 1))
        self.assertEqual(established(connecting, 2.5), {"open.1"})

    def test_simultaneous_open(self):
        connecting, expected = {}, set()
        pairs = [(a, b) for i, a in enumerate(KINDS) for b in KINDS[i + 1:]]
        for number, (a, b) in enumerate(pairs):
            port = PORT + 100 + number
            ends = {(a, b): (self.open_socket(a, port), b), (b, a): (self.open_socket(b, port), a)}
            for key, (each, other) in ends.items():
                each.connect_ex((self.lab.address(other), port))
                connecting[key] = each
            # A translated port that nobody can foretell fails with everyone; the site with one relay is not let out.
            if not {a, b} & {"symmetric", "symmetric2", "hpc"}:
                expected |= {(a, b), (b, a)}
        done = established(connecting, 4)
        self.assertEqual({pair for pair in done if "hpc" not in pair}, expected)
        self.assertEqual({pair for pair in done if "hpc" in pair}, {("hpc", "open"), ("open", "hpc")})

    def test_strangers_get_no_answer_so_that_a_late_opener_still_meets_them(self):
        for number, (a, b) in enumerate([("restricted", "restricted2"), ("firewall", "restricted"), ("restricted", "firewall")]):
            port = PORT + 200 + number
            early, late = self.open_socket(a, port), self.open_socket(b, port)
            before = self.arrived_at(b)
            early.connect_ex((self.lab.address(b), port))
            self.assertTrue(eventually(lambda: self.arrived_at(b) > before, 5), (a, b))
            late.connect_ex((self.lab.address(a), port))
            self.assertEqual(established({a: early, b: late}, 5), {a, b})

    def arrived_at(self, site):
        """Packets that came over the wide area to a site; what it does with them it does at once."""
        return sum(row["carried"] for (_, to), row in self.lab.stats().items() if to == site)

    def test_mappings_keep_ports_or_do_not(self):
        """What a host outside sees of two connections from one port is what makes the kinds of NAT."""
        listeners = [self.open_socket(host, PORT + 2) for host in ("open.1", "open.2")]
        for listener in listeners:
            listener.listen(16)
        for site, kept in (("cone", True), ("restricted", True), ("symmetric", False)):
            seen = []
            for listener, host in zip(listeners, ("open.1", "open.2")):
                self.open_socket(site, PORT + 3).connect_ex((self.lab.address(host), PORT + 2))
                self.assertTrue(select.select([listener], [], [], 5)[0], site)
                accepted, peer = listener.accept()
                self.addCleanup(accepted.close)
                self.assertEqual(peer[0], self.lab.address(site))
                seen.append(peer[1])
            self.assertEqual(seen == [PORT + 3] * 2, kept, f"{site}: {seen}")

    def test_the_useless_interface_is_there_and_useless(self):
        shown = self.lab.run("docker", ["ip", "-br", "addr", "show", "docker0"])
        self.assertIn("172.17.0.1/16", shown.stdout)
        lonely = self.open_socket("open")
        lonely.connect_ex(("172.17.0.1", PORT))
        self.assertEqual(established({1: lonely}, 1), set())


class Links(harness.LabTest):
    SITES = """
        seed = 7
        [defaults]
        delay_ms = 30
        [site.a]
        ipv6 = true
        [site.b]
        ipv6 = true
        [site.c]
        [[link]]
        between = ["a", "c"]
        delay_ms = 0
    """

    def setUp(self):
        self.lab.link("a", "b", True, delay_ms=30, jitter_ms=0, loss_percent=0, rate_mbit=0, queue_kib=256)
        self.sender, self.receiver = (self.lab.socket(host, kind=socket.SOCK_DGRAM) for host in ("a", "b"))
        self.addCleanup(self.sender.close)
        self.addCleanup(self.receiver.close)
        self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.receiver.bind(("", 7000))
        self.sender.connect((self.lab.address("b"), 7000))

    def send(self, count, size):
        """In bursts that no queue before the link overflows from."""
        for number in range(count):
            self.sender.send(bytes(size))
            if number % 50 == 49:
                before = self.carried_and_not()
                self.assertTrue(eventually(lambda: self.carried_and_not() >= before, 5))

    def carried_and_not(self):
        row = self.lab.stats().get(("a", "b"), {})
        return sum(row.values())

    def count_received(self, quiet_s=0.5):
        count = 0
        while select.select([self.receiver], [], [], quiet_s)[0]:
            self.receiver.recv(2048)
            count += 1
        return count

    def test_a_round_trip_takes_twice_the_delay(self):
        self.sender.send(b"?")
        start = time.monotonic()
        self.sender.send(b"!")
        for _ in range(2):
            self.assertTrue(select.select([self.receiver], [], [], 5)[0])
            _, back = self.receiver.recvfrom(16)
        self.receiver.sendto(b"!", back)
        self.assertTrue(select.select([self.sender], [], [], 5)[0])
        self.assertGreaterEqual(time.monotonic() - start, 0.060)

    def test_ipv6_passes(self):
        server = self.lab.socket("b", socket.AF_INET6)
        client = self.lab.socket("a", socket.AF_INET6)
        self.addCleanup(server.close)
        self.addCleanup(client.close)
        server.bind(("::", 7001))
        server.listen(1)
        client.settimeout(5)
        client.connect((self.lab.sites.sites["b"].ipv6_address(1), 7001))

    def test_loss_is_near_what_was_asked(self):
        self.lab.link("a", "b", loss_percent=10)
        self.send(2000, 100)
        self.assertTrue(1700 < self.count_received() < 1900)

    def test_jitter_keeps_the_order(self):
        self.lab.link("a", "b", jitter_ms=40)
        for number in range(200):
            self.sender.send(number.to_bytes(4, "big"))
        got = []
        while select.select([self.receiver], [], [], 0.5)[0]:
            got.append(int.from_bytes(self.receiver.recv(16), "big"))
        self.assertEqual(got, list(range(200)))

    def test_rate_has_a_bounded_queue(self):
        self.lab.link("a", "b", rate_mbit=1, queue_kib=32)
        start = time.monotonic()
        for _ in range(300):
            self.sender.send(bytes(1000))
        sent_s = time.monotonic() - start
        count = self.count_received()
        # The queue's content, and what a megabit lets out while they were sent.
        self.assertGreaterEqual(count, 25)
        self.assertLessEqual(count, 33 + sent_s * 125 + 1)

    def test_rate_bounds_a_stream(self):
        self.lab.link("a", "b", rate_mbit=8)
        server, client = self.lab.socket("b"), self.lab.socket("a")
        self.addCleanup(server.close)
        self.addCleanup(client.close)
        server.bind(("", 7002))
        server.listen(1)
        client.settimeout(20)
        client.connect((self.lab.address("b"), 7002))
        accepted, _ = server.accept()
        self.addCleanup(accepted.close)
        accepted.settimeout(20)
        start = time.monotonic()
        left, unsent = 1_000_000, memoryview(bytes(1_000_000))
        client.setblocking(False)
        while left:
            readable, writable, _ = select.select([accepted], [client] if unsent else [], [], 20)
            self.assertTrue(readable or writable, "the stream stands still")
            if writable:
                unsent = unsent[client.send(unsent):]
            if readable:
                left -= len(accepted.recv(65536))
        self.assertGreater(time.monotonic() - start, 1.0 * 0.9)

    def test_a_link_goes_down_and_comes_back(self):
        server, client = self.lab.socket("b"), self.lab.socket("a")
        self.addCleanup(server.close)
        self.addCleanup(client.close)
        server.bind(("", 7003))
        server.listen(1)
        client.settimeout(5)
        client.connect((self.lab.address("b"), 7003))
        accepted, _ = server.accept()
        self.addCleanup(accepted.close)
        self.lab.link("a", "*", False)
        cut_before = self.lab.stats()["a", "b"]["cut"]
        client.send(b"x")
        self.assertTrue(eventually(lambda: self.lab.stats()["a", "b"]["cut"] > cut_before, 5))
        self.assertFalse(select.select([accepted], [], [], 0)[0])
        self.lab.link("a", "*", True)
        self.assertTrue(select.select([accepted], [], [], 10)[0])
        self.assertEqual(accepted.recv(4), b"x")


class NothingIsLeft(harness.LabTest):
    SITES = "[site.none]\n"

    def setUp(self):
        self.other = harness.own_lab("c")
        self.addCleanup(self.other.down)
        self.before = self.interfaces()

    def interfaces(self):
        return sorted(os.listdir("/sys/class/net"))

    def assert_gone(self, pids=()):
        self.assertEqual(namespaces.existing(self.other.prefix), [])
        self.assertFalse(self.other.folder.exists())
        self.assertEqual(self.interfaces(), self.before)
        for pid in pids:
            # Without a parent that reaps, one that was killed may be a zombie for a moment.
            self.assertTrue(eventually(lambda pid=pid: not alive(pid), 5), pid)

    def test_after_down(self):
        self.other.up((HERE / "six-kinds.toml").read_text())
        forks = self.other.popen("cone", ["sh", "-c", "trap '' TERM HUP INT; setsid sleep 1000 & setsid sleep 1000 & wait"])
        self.assertTrue(eventually(lambda: len(namespaces.pids_in([self.other.namespace("cone")])) == 3, 5))
        pids = namespaces.pids_in(namespaces.existing(self.other.prefix))
        self.assertEqual(len(pids), 4, "the router and three more")
        self.other.down()
        self.assert_gone([forks.pid, *pids])
        self.other.down()  # and again

    def tool(self, *words):
        return [sys.executable, str(HERE / "netlab"), "--lab", self.other.name, *words]

    def test_after_the_tool_was_killed_at_any_point(self):
        whole = 1 + 9 + 10  # the world, gateways, hosts
        for reached in (1, 8, whole, "router"):
            tool = subprocess.Popen(self.tool("up", str(HERE / "six-kinds.toml")))

            def there():
                names = namespaces.existing(self.other.prefix)
                return bool(namespaces.pids_in(names)) if reached == "router" else len(names) >= reached
            self.assertTrue(eventually(there, 20), reached)
            tool.kill()
            tool.wait()
            pids = namespaces.pids_in(namespaces.existing(self.other.prefix))
            if reached == "router":  # the next `up` cleans too
                self.other.up("[site.only]\n")
                self.assertEqual(len(namespaces.existing(self.other.prefix)), 3)
                self.assertEqual(self.other.run("only", ["true"]).returncode, 0)
            self.assertEqual(subprocess.run(self.tool("down"), timeout=60).returncode, 0)
            self.assert_gone(pids)

    def test_a_wrong_description_is_refused_before_anything_is_made(self):
        for text, word in (("[site.a]\nkind='moon'\n", "moon"), ("[site.a]\nkind='one-relay'\n", "relay"), ("", "0 sites"),
                           ("[site.a]\n[[link]]\nbetween=['a','b']\n", "between"), ("[defaults]\ndelay=1\n[site.a]\n", "delay"),
                           ("[site.a]\nhosts=0\n", "hosts"), ("[site.'a b']\n", "name")):
            with self.assertRaisesRegex(BadSites, word):
                self.other.up(text)
            self.assert_gone()

    def test_a_folder_open_to_others_is_refused(self):
        with contextlib.ExitStack() as stack:
            folder = self.enterContext(private_folder())
            os.environ["XDG_RUNTIME_DIR"] = folder
            stack.callback(os.environ.pop, "XDG_RUNTIME_DIR")
            lab_module.base_folder().mkdir(mode=0o755)
            with self.assertRaisesRegex(namespaces.Failed, "open to others"):
                Lab(self.other.name).up("[site.a]\n")
        self.assert_gone()


@contextlib.contextmanager
def private_folder():
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        yield folder


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


if __name__ == "__main__":
    harness.main()
