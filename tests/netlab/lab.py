"""A lab of sites that can be used from a program: up, processes and sockets in its hosts, links, down.

Everything that exists has the lab's name in it: namespaces `zelnet-LAB-…`, one private folder. All interfaces are made
inside the namespaces and all processes live in them, so that `down` finds everything without having been told.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import gateway
import namespaces
import sites as sites_module
from namespaces import Failed

HERE = Path(__file__).resolve().parent


def find_router():
    if given := os.environ.get("NETLAB_ROUTER"):
        return given
    built = [path for path in (HERE.parents[1] / "build").glob("*/bin/netlab_router") if os.access(path, os.X_OK)]
    if not built:
        raise Failed("netlab_router is not built: cmake --build --preset dev --target netlab_router")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def base_folder():
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp") / f"zel-netlab-{os.geteuid()}"


class Lab:
    def __init__(self, name="lab"):
        if not name.replace("-", "").isalnum() or not name.isascii() or len(name) > 16:
            raise Failed(f"bad name of a lab: {name!r}")
        self.name = name
        self.prefix = f"zelnet-{name}."
        self.folder = base_folder() / name
        self.sites = None
        self._children = []

    # ---- up and down ----

    def up(self, text, router=None):
        """Cleans what a crash left, then builds all; returns when links carry packets."""
        sites = sites_module.parse(text)
        if reason := namespaces.unavailable():
            raise Failed(reason)
        router = router or find_router()
        self.down()
        with self._locked():
            self.folder.mkdir(mode=0o700)
            (self.folder / "home").mkdir(mode=0o700)
            (self.folder / "sites.toml").write_text(text)
            self.sites = sites
            try:
                self._build(router)
            except BaseException:
                self._remove()
                raise
        return self

    def attach(self):
        """To a lab that another process has brought up."""
        try:
            self.sites = sites_module.parse((self.folder / "sites.toml").read_text())
        except FileNotFoundError:
            raise Failed(f"lab {self.name!r} is not up") from None
        return self

    def down(self):
        """Whatever state it was left in. Nothing to do is fine."""
        if not self.folder.exists() and not namespaces.existing(self.prefix):
            self._reap()
            return
        with self._locked():
            self._remove()
        with contextlib.suppress(OSError):
            base_folder().rmdir()  # another lab may be in it

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.down()

    @contextlib.contextmanager
    def _locked(self):
        base = base_folder()
        base.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
                raise Failed(f"{base} is somebody else's, or open to others")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _remove(self):
        names = namespaces.existing(self.prefix)
        namespaces.kill_all_in(names)
        self._reap()
        namespaces.remove(names)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder)
        self.sites = None

    def _reap(self):
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5)
            for pipe in (child.stdin, child.stdout, child.stderr):
                if pipe:
                    pipe.close()
        self._children.clear()

    def _build(self, router):
        everyone = list(self.sites.sites.values())
        namespaces.ip_batch([f"netns add {name}" for name in self._all_names()])
        for site in everyone:
            gateway.build_inside(site, self._gateway(site),
                                 [self.namespace(f"{site.name}.{host}") for host in range(1, site.hosts + 1)])
        log = open(self.folder / "router.log", "wb")
        self._children.append(subprocess.Popen(
            [router, str(self.folder / "control"), str(self.sites.seed), *[self._gateway(site) for site in everyone]],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=lambda: namespaces.enter(self.prefix + "world")))
        log.close()
        if not eventually(lambda: (self.folder / "control").exists() or self._children[0].poll() is not None, 10) or \
                self._children[0].poll() is not None:
            raise Failed(f"the router did not start: {(self.folder / 'router.log').read_text()}")
        for site in everyone:
            gateway.connect(site, self._gateway(site), self.address(site.relay) if site.relay else "")
        commands = []
        for a in everyone:
            for b in everyone:
                if a is not b:
                    commands.append(f"{a.index} {b.index} {_router_words(self.sites.link(a.name, b.name))}")
        self._tell_router(commands)

    def _all_names(self):
        return [self.prefix + "world", *[self._gateway(site) for site in self.sites.sites.values()],
                *[self.namespace(f"{site.name}.{host}") for site, host in self.sites.hosts()]]

    # ---- hosts ----

    def _gateway(self, site):
        return f"{self.prefix}{site.name}"

    def namespace(self, host):
        site, number = self.sites.host(host)
        return f"{self.prefix}{site.name}.{number}"

    def address(self, host):
        """Where a host is seen from outside."""
        site, number = self.sites.host(host)
        return site.outside_address(number)

    def inside_address(self, host):
        site, number = self.sites.host(host)
        return site.inside_address(number)

    def hostname(self, host):
        site, number = self.sites.host(host)
        return f"{site.name}-{number}"

    def runtime_folder(self, host):
        return self.folder / self.hostname(host)

    def environment(self, host):
        """One home for all hosts, as on a shared file system; run-time files of each host apart."""
        runtime = self.runtime_folder(host)
        runtime.mkdir(mode=0o700, exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("ZEL_", "XDG_"))}
        return {**kept, "HOME": str(self.folder / "home"), "XDG_RUNTIME_DIR": str(runtime), "NETLAB_HOST": host}

    def enter(self, host):
        """Makes the calling process one of the host's; for exec."""
        namespaces.enter(self.namespace(host), self.hostname(host))

    def popen(self, host, argv, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        environment = {**self.environment(host), **options.pop("env", {})}
        child = subprocess.Popen([str(word) for word in argv], env=environment, start_new_session=True,
                                 preexec_fn=lambda: self.enter(host), **options)
        self._children.append(child)
        return child

    def run(self, host, argv, limit_s=60):
        """To its end; status 124 if that does not come in time, with what it had said."""
        child = self.popen(host, argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = child.communicate(timeout=limit_s)
            status = child.returncode
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            status = 124
        self._children.remove(child)
        return subprocess.CompletedProcess(argv, status, out, err)

    def kill(self, child, number=signal.SIGKILL):
        if child.poll() is None:
            os.kill(child.pid, number)
        if number == signal.SIGKILL:
            child.wait(10)

    def socket(self, host, family=socket.AF_INET, kind=socket.SOCK_STREAM):
        """A socket of this process that is in the host's network."""
        with namespaces.inside(self.namespace(host)):
            return socket.socket(family, kind)

    # ---- links ----

    def link(self, a, b, up=None, **values):
        """Changes both directions between two sites; '*' is all others. Keys as in sites.toml."""
        if unknown := set(values) - set(sites_module.LINK_KEYS):
            raise sites_module.BadSites(f"no such key {sorted(unknown)[0]!r}")
        words = _router_words(values) + ("" if up is None else f" up {int(up)}")
        first = self.sites.host(a)[0]
        others = [s for s in self.sites.sites.values() if s is not first] if b == "*" else [self.sites.host(b)[0]]
        pairs = [(first.index, other.index) for other in others]
        self._tell_router([f"{x} {y} {words}" for i, j in pairs for x, y in ((i, j), (j, i))])

    def stats(self):
        """{(from, to): carried, lost, overflowed, cut}, in packets."""
        names = {site.index: site.name for site in self.sites.sites.values()}
        rows = [list(map(int, row.split())) for row in self._tell_router(["stats"])[0].splitlines()[:-1]]
        return {(names[row[0]], names[row[1]]): dict(zip(("carried", "lost", "overflowed", "cut"), row[2:]))
                for row in rows}

    def _tell_router(self, commands):
        answers = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.settimeout(10)
            try:
                control.connect(str(self.folder / "control"))
                for command in commands:
                    control.send(command.encode())
                    answers.append(control.recv(1 << 20).decode())
                    if not answers[-1].endswith("ok\n"):
                        raise Failed(f"router: {command}: {answers[-1].strip()}")
            except OSError as error:
                raise Failed(f"the router of lab {self.name!r} does not answer: {error}") from error
        return answers


def _router_words(values):
    factors = {"delay_ms": ("delay_us", 1000), "jitter_ms": ("jitter_us", 1000), "loss_percent": ("loss_ppm", 10_000),
               "rate_mbit": ("rate_bit_s", 1_000_000), "queue_kib": ("queue_bytes", 1024)}
    return " ".join(f"{factors[key][0]} {round(value * factors[key][1])}" for key, value in values.items())


def eventually(condition, limit_s):
    """Whether it came true within the limit."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
