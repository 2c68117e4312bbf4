"""Why: what does a message between two nodes cost, beside plain TCP, ZeroMQ and ZeroMQ with CURVE on the same path?"""
from compare import Contender, built, in_turn
from node_group import Group
from tables import figures, table, time_ratios

LIMIT_S = 120
WANTED = {("message", 8), ("message", 1 << 20), ("rate", 8), ("rate", 1 << 20)}


def check(text):
    return figures(text, 2, WANTED)


def peers():
    program = built("between_hosts_peers")
    return [Contender("TCP", [program, "tcp"], check=check), Contender("ZeroMQ", [program, "zeromq"], check=check),
            Contender("ZeroMQ+CURVE", [program, "zeromq-curve"], check=check)]


def measure(report, options):
    group = Group()
    group.start()
    group.start()
    group.full()
    program = built("between_hosts")
    zel = Contender("zel", group.zrun(0, (0, 1), program), ours=True, check=check)
    posts = Contender("zel, nodes only", group.zrun(0, (0, 1), program, "posts", paths="nodes"), ours=True, check=check)
    tcp, plain, curve = peers()
    contenders = [zel, tcp, plain, curve, posts]
    in_turn(contenders, options.rounds, LIMIT_S)
    for what in ("first", "message", "rate"):
        table(report, 2, contenders if what != "first" else [zel, posts], what, "bytes", "between hosts")
    for peer in (plain, curve):
        if not peer.out:
            report.budget(f"between hosts, 8 B: zel's time / {peer.name}'s", time_ratios([zel, peer], ("message", 8)), at_most=1.1)
    group.end()
