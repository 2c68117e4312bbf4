"""Why: tables of what a message costs, for one host, between hosts and through a relay."""
import json
import statistics

from compare import Wrong, ratio_text, ratios, spread


def figures(text, ranks, wanted):
    """What a program printed: {(what, bytes): us}."""
    found = {}
    for line in text.splitlines():
        figure = json.loads(line)
        if figure["ranks"] != ranks:
            raise Wrong(f"{ranks} ranks expected: {line}")
        found[figure["what"], figure["bytes"]] = figure["us"]
    if not wanted <= found.keys():
        raise Wrong(f"figures are missing: {text!r}")
    return found


def table(report, ranks, contenders, what, label, where=""):
    """A row per size: each one's median, and the median of the ratios of times, the first over each other one."""
    there = [c for c in contenders if not c.out]
    zel, peers = there[0], there[1:]
    case = f"{where}{', ' if where else ''}{what}"
    print(f"\n{case}, {ranks} ranks; ratios are of times")
    print(f"  {label:>9}" + "".join(f"{c.name:>29}" for c in there) + "".join(f"{f'{zel.name} / {c.name}':>24}" for c in peers))
    for key in sorted(k for k in zel.results[0] if k[0] == what):
        row = f"  {key[1]:>9}"
        for contender in there:
            if key not in contender.results[0]:
                row += f"{'-':>29}"
                continue
            times = [result[key] for result in contender.results]
            middle = statistics.median(times)
            second = ""
            if what == "message":
                second = f"{key[1] / middle / 1e3:9.3f} GB/s"
            elif what == "rate":
                second = f"{1 / middle:9.3f} M/s" if key[1] <= 1024 else f"{key[1] / middle / 1e3:9.3f} GB/s"
            row += f"{f'{middle:.3f} us{second}':>29}"
            report.record(case=f"{case} {key[1]}", ranks=ranks, name=contender.name, us=times)
        for peer in peers:
            if key not in peer.results[0]:
                row += f"{'-':>24}"
                continue
            against = ratios([r[key] for r in zel.results], [r[key] for r in peer.results])
            row += f"{ratio_text(against):>24}"
            report.record(case=f"{case} {key[1]}", ranks=ranks, name=peer.name, ratio=spread(against))
        print(row)
    for contender in contenders:
        if contender.out:
            print(f"  {contender.name} left out: {contender.out}")
            report.record(case=case, ranks=ranks, name=contender.name, left_out=contender.out)


def time_ratios(contenders, key):
    """The first one's time over that of the better of the others, round by round."""
    zel, *peers = contenders
    rounds = zip(zel.results, *(peer.results for peer in peers))
    return [ours[key] / min(peer[key] for peer in theirs) for ours, *theirs in rounds]
