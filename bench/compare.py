"""Why: figures of a shared machine drift by more than the programs differ, so only ratios taken close together
mean anything. This runs the programs in turn, A B C A B C ..., and tells medians and the median of the ratios of
neighbours. Every benchmark's `run` uses it.
"""
import argparse
import ctypes
import datetime
import json
import os
import pathlib
import platform
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
CORES = len(os.sched_getaffinity(0))

PR_SET_CHILD_SUBREAPER = 36


class Wrong(Exception):
    """A result that is not what it must be: the benchmark's figures mean nothing."""


# ---- programs ----------------------------------------------------------------------------------------------

def built(name, folder="bench"):
    path = BUILD / folder / name
    return str(path) if path.exists() else None


def zrun(ranks, program, *arguments):
    return [built("zrun", "bin"), "-q", "-n", str(ranks), program, *arguments]


def hydra(ranks, program, *arguments):
    return [shutil.which("mpiexec.hydra"), "-n", str(ranks), program, *arguments]


def open_mpi(ranks, program, *arguments):
    root = ["--allow-run-as-root"] if os.getuid() == 0 else []
    return [shutil.which("mpirun.openmpi"), *root, "--oversubscribe", "-n", str(ranks), program, *arguments]


class Contender:
    """One program of a comparison. A peer that is missing or fails is left out; ours must not be."""

    def __init__(self, name, argv, ours=False, check=None):
        self.name, self.argv, self.ours, self.check = name, argv, ours, check
        self.seconds = []   # wall time of each round
        self.results = []   # what `check` made of each round's output
        self.out = None     # why it is left out
        if None in argv:
            if ours:
                raise Wrong(f"{name} is not built; run bench/setup.sh")
            self.out = "not installed"


SPARED = set()  # pids of what runs beside a whole benchmark, such as nodes: not ended between two programs


def descendants():
    """All processes below this one but the spared and theirs; orphans too, since it adopts them."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path("/proc", entry, "stat").read_text()
                parents[int(entry)] = int(stat.rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                pass  # it has ended
    found, todo = [], [os.getpid()]
    while todo:
        parent = todo.pop()
        below = [pid for pid, its_parent in parents.items() if its_parent == parent and pid not in SPARED]
        found += below
        todo += below
    return found


def end_descendants(grace_s=0.0):
    """Returns when nothing is left below this process; what does not end within the grace is killed."""
    start = time.monotonic()
    while time.monotonic() < start + grace_s + 5:
        try:
            while os.waitpid(-1, os.WNOHANG)[0] > 0:
                pass
        except ChildProcessError:
            return
        if SPARED and not descendants():
            return
        if time.monotonic() >= start + grace_s:
            for pid in descendants():
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass  # it has ended
        time.sleep(0.002)
    raise Wrong("processes are left that do not die")


def run_once(argv, limit_s):
    """(wall seconds, exit status or None when the limit was over, stdout, stderr)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        ended = os.pidfd_open(process.pid)  # Popen.wait with a limit polls, which shows in the time
        poller = select.poll()
        poller.register(ended, select.POLLIN)
        in_time = bool(poller.poll(limit_s * 1000))
        seconds = time.monotonic() - start
        os.close(ended)
        status = process.wait() if in_time else None
        end_descendants(grace_s=1.0 if in_time else 0.0)  # zrun's node, Hydra's proxy may be on their way out
        process.returncode = -1 if status is None else status  # a killed one was reaped just now
        out.seek(0)
        err.seek(0)
        return seconds, status, out.read().decode(errors="replace"), err.read().decode(errors="replace")


def turn(contender, limit_s, keep):
    seconds, status, out, err = run_once(contender.argv, limit_s)
    failure = None
    result = None
    if status is None:
        failure = f"no end within {limit_s:g} s"
    elif status != 0:
        failure = f"exit status {status}: {err.strip()[-300:]}"
    elif contender.check:
        try:
            result = contender.check(out)
        except (Wrong, ValueError, KeyError) as wrong:
            failure = f"wrong result: {wrong!r}"
    if failure:
        if contender.ours:
            raise Wrong(f"{contender.name}: {failure}\n  {' '.join(contender.argv)}")
        contender.out = failure
    elif keep:
        contender.seconds.append(seconds)
        contender.results.append(result)


def in_turn(contenders, rounds, limit_s):
    """A warm-up, then `rounds` rounds of all contenders."""
    for number in range(rounds + 1):
        for contender in contenders:
            if not contender.out:
                turn(contender, limit_s, keep=number > 0)


# ---- figures -----------------------------------------------------------------------------------------------

def ratios(ours, theirs):
    return [a / b for a, b in zip(ours, theirs)]


def spread(values):
    """Median and quartiles."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return statistics.median(values), low, high


def ratio_text(values):
    middle, low, high = spread(values)
    digits = 2 if middle >= 0.1 else 3
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


class Report:
    """Prints tables, and keeps every figure as a JSON line."""

    def __init__(self, bench, options):
        self.bench = bench
        self.missed = []
        self.file = None
        self.started = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        if options.json:
            path = pathlib.Path(options.json)
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file = path.open("a")
        print(f"== {bench}: {machine()}")

    def record(self, **figure):
        if self.file:
            self.file.write(json.dumps({"bench": self.bench, "started": self.started, **figure}) + "\n")
            self.file.flush()

    def budget(self, what, values, at_most=None, at_least=None):
        """A budget is told, and missed without failing: a noisy machine proves nothing."""
        middle = statistics.median(values)
        kept = middle <= at_most if at_most is not None else middle >= at_least
        limit = f"<= {at_most:g}" if at_most is not None else f">= {at_least:g}"
        print(f"    budget: {what} {limit}: {'reached' if kept else 'MISSED'} with {ratio_text(values)}")
        self.record(what=what, budget=limit, ratio=spread(values), reached=kept)

    def wall_times(self, title, contenders):
        """Medians, and how our first contender stands to each of the others."""
        ours = contenders[0]
        print(f"\n{title}")
        for contender in contenders:
            if contender.out:
                print(f"  {contender.name:<18} left out: {contender.out}")
                self.record(case=title, name=contender.name, left_out=contender.out)
                continue
            line = f"  {contender.name:<18} {statistics.median(contender.seconds) * 1e3:9.1f} ms"
            against = {}
            if contender is not ours:
                against = {"ratio": spread(ratios(ours.seconds, contender.seconds))}
                line += f"   {ours.name} / {contender.name} = {ratio_text(ratios(ours.seconds, contender.seconds))}"
            print(line)
            self.record(case=title, name=contender.name, seconds=contender.seconds, **against)


def machine():
    model = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = os.getloadavg()[0]
    return f"{CORES} cores, {model}, Linux {platform.release()}, load {load:.1f} at the start"


def main(bench, measure, rounds, quick_rounds, parts=()):
    """Runs `measure(report, options)` of one benchmark with the options all of them have; `options.only` is one of its
    parts, or None."""
    parser = argparse.ArgumentParser(description=f"zel's {bench} benchmark; see bench/README.md")
    parser.add_argument("--quick", action="store_true", help="a short form, to see that it works")
    parser.add_argument("--rounds", type=int, help=f"rounds after the warm-up (default {rounds}; quick {quick_rounds})")
    parser.add_argument("--json", default=str(BUILD / "bench" / "results.jsonl"), metavar="FILE",
                        help="append every figure to this file (default: %(default)s)")
    parser.set_defaults(only=None)
    if parts:
        parser.add_argument("--only", choices=parts, help="one part of it")
    options = parser.parse_args()
    options.rounds = options.rounds or (quick_rounds if options.quick else rounds)
    sys.stdout.reconfigure(line_buffering=True)  # a long run is watched, through a pipe too
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        measure(Report(bench, options), options)
    except Wrong as wrong:
        print(f"bench/{bench}/run: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        SPARED.clear()
        end_descendants()
    return 0
