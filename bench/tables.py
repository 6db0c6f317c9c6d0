"""What bench/report and its parts share: looking up rows, formatting them."""

import math


def way(workload, name, threads=None):
    """The way of that name; the one with most threads without `threads`."""
    best = None
    for w in workload["ways"]:
        if w["name"] != name or (threads and w["threads"] != threads):
            continue
        if best is None or w["threads"] > best["threads"]:
            best = w
    return best


def ratio(base, ours):
    return base["median_ns"] / ours["median_ns"] if base and ours else None


def show(value):
    if value is None:
        return "–"
    return ("%.2g" if value < 0.1 else "%.2f" if value < 9.95 else
            "%.0f") % value


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(r) + " |" for r in rows]
    return "\n".join(lines) + "\n"


def geomean(values):
    values = [v for v in values if v]
    if not values:
        return None
    return math.exp(sum(map(math.log, values)) / len(values))


def time_of(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return "%.3g %s" % (ns / size, unit)
    return "%.3g ns" % ns


def rows_of(data, key, what):
    return [r for r in data.get(key, []) if r["what"] == what]
