"""Network namespaces by the names of one lab: enter them, find who is in them, remove them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import threading
import time

CLONE_NEWNET, CLONE_NEWUTS = 0x40000000, 0x04000000
RUN_NETNS = "/run/netns"
_libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """Something of the machine refused, and what it said."""


def unavailable():
    """Why labs cannot be had here, or nothing."""
    if os.geteuid() != 0:
        return "needs root: network namespaces and TUN devices are made"
    for tool in ("ip", "nft"):
        if not any(os.access(f"{folder}/{tool}", os.X_OK) for folder in ("/usr/sbin", "/sbin", "/usr/bin", "/bin")):
            return f"needs the program {tool} (Debian: iproute2, nftables)"
    if not os.path.exists("/dev/net/tun"):
        return "needs /dev/net/tun"
    probe = f"zelprobe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True)
    if made.returncode != 0:
        return f"needs network namespaces: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", probe], capture_output=True)
    return ""


def run(words, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise Failed(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def ip_batch(lines, namespace=None):
    run(["ip", *(["-n", namespace] if namespace else []), "-batch", "-"], "\n".join(lines) + "\n")


def path(namespace):
    return f"{RUN_NETNS}/{namespace}"


def existing(prefix):
    try:
        return sorted(name for name in os.listdir(RUN_NETNS) if name.startswith(prefix))
    except FileNotFoundError:
        return []


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def enter(namespace, hostname=None):
    """For a process of its own: after fork, before exec."""
    descriptor = os.open(path(namespace), os.O_RDONLY | os.O_CLOEXEC)
    _check(_libc.setns(descriptor, CLONE_NEWNET), namespace)
    os.close(descriptor)
    if hostname:
        _check(_libc.unshare(CLONE_NEWUTS), "unshare")
        socket.sethostname(hostname)


@contextlib.contextmanager
def inside(namespace):
    """The calling thread is in the namespace for a while; what sockets it makes there stay there."""
    home = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(namespace)
        yield
    finally:
        _check(_libc.setns(home, CLONE_NEWNET), "home")
        os.close(home)


def pids_in(names):
    """Who is in any of them: one walk over /proc."""
    inodes = set()
    for name in names:
        with contextlib.suppress(OSError):
            inodes.add(os.stat(path(name)).st_ino)
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{entry}/ns/net").st_ino in inodes:
                found.append(int(entry))
    return found


def kill_all_in(names, limit_s=20):
    """Those killed may have begun others meanwhile, so until nobody is left."""
    deadline = time.monotonic() + limit_s
    while pids := pids_in(names):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise Failed(f"processes {pids} do not end")
        time.sleep(0.01)


def remove(names):
    for name in names:
        run(["ip", "netns", "del", name])
