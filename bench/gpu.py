"""A card's section of docs/performance.md, and the same as a short text."""

from tables import geomean, ratio, rows_of, show, table, time_of, way

# Those of one pass over what they read and write: nothing but memory.
MEMORY_BOUND = ("W7-sum-u32", "W7-sum-f32", "W16-stencil", "W16-transpose")


def latency_of(data, what, mode):
    return next((r for r in rows_of(data, "latency", what)
                 if r["mode"] == mode), None)


def copy_rate(data):
    """Bytes a nanosecond, read and written together, or None."""
    rates = [r["work"] / r["median_ns"] for r in data.get("roofline", [])
             if r["name"].startswith("copy")]
    return max(rates) if rates else None


def share(workload, name, rate):
    """Of the copy rate, what the way moves at least, in the smaller of its
    times: on the device, and back to back."""
    times = [y["median_ns"] for y in (way(workload, name + " device"),
                                      way(workload, name + " stream")) if y]
    if not times or not rate or not workload["bytes"]:
        return None
    return workload["bytes"] / min(times) / rate


def kernels(data, clock="device"):
    """(workload, CUDA's time over Vyre's by that clock)."""
    values = [(w["id"], ratio(way(w, "cuda " + clock), way(w, "vyre " + clock)))
              for w in data["workloads"].values()]
    return [v for v in values if v[1]]


# ---- what is asked

def goals(data):
    """(what, asked, reached, whether it is)."""
    rows = []

    def at_least(what, value, limit):
        if value is not None:
            rows.append((what, "≥ %s" % show(limit), show(value),
                         value >= limit))

    def over(what, kind, mode, floor, limit=1.05):
        ours, base = latency_of(data, kind, mode), latency_of(data, kind, floor)
        if ours and base:
            value = ours["median_ns"] / base["median_ns"]
            rows.append((what, "≤ %s" % show(limit), "%s (%s, %s)" % (
                show(value), time_of(ours["median_ns"]),
                time_of(base["median_ns"])), value <= limit))

    def at_most(what, row, limit):
        if row:
            rows.append((what, "≤ " + time_of(limit), time_of(row["median_ns"]),
                         row["median_ns"] <= limit))

    over("resident, over a one-node graph", "resident", "vyre",
         "CUDA, one-node graph")
    over("prepared, over a one-node graph", "resident", "vyre, prepared",
         "CUDA, one-node graph")
    over("borrowed 2 x 4 KiB in, 4 KiB out, over mapped memory and a graph",
         "borrowed", "vyre", "CUDA, mapped, one-node graph")
    at_most("batch of 1000 x 64 lanes, an item",
            latency_of(data, "batch", "vyre"), 100)
    over("sequence of 100 steps, over the same graph", "sequence", "vyre",
         "CUDA, 100-node graph")
    over("the same with new bindings", "sequence", "vyre, bindings",
         "CUDA, 100-node graph")
    for clock, how in (("device", "device time"), ("stream", "back to back")):
        values = kernels(data, clock)
        at_least("kernels over nvcc's, %s, geometric mean" % how,
                 geomean([v for _, v in values]), 0.97)
        if values:
            name, least = min(values, key=lambda v: v[1])
            at_least("kernels over nvcc's, %s, least (%s)" % (how, name), least,
                     0.85)
    rate = copy_rate(data)
    bound = [(share(w, "vyre", rate), w["id"])
             for w in data["workloads"].values() if w["id"] in MEMORY_BOUND]
    bound = [b for b in bound if b[0]]
    if bound:
        at_least("memory-bound in one pass, of the copy rate, least (%s)" % min(bound)[1],
                 min(bound)[0], 0.93)
    both = [latency_of(data, "transfer", "CUDA, pinned, " + way_)
            for way_ in ("in", "out")]
    if all(both):
        base = [r["median_ns"] for r in both]
        for mode, ns in (("in", base[0]), ("out", base[1]),
                         ("in and out", sum(base))):
            ours = latency_of(data, "transfer", "vyre, " + mode)
            if ours:
                at_least("large borrowed %s, of the pinned copy rate" % mode,
                         ns / ours["median_ns"], 0.9)
        for mode, ns in zip(("in", "out"), base):
            ours = latency_of(data, "transfer", "vyre, pinned, " + mode)
            if ours:
                at_least("the same of pinned memory, %s" % mode,
                         ns / ours["median_ns"], 0.9)
    for what, mode in (("fresh process", "fresh process, warm disk"),
                       ("same process", "warm disk")):
        at_most("compile with a warm disk cache, %s" % what, next(
            (r for r in rows_of(data, "compile", "compile")
             if r["mode"] == mode), None), 2e6)
    return rows


def crossover(data):
    """Lanes from which a resident dispatch beats the loop in C, by the lines
    between the sizes measured; None where there are not two."""
    rows = rows_of(data, "latency", "dispatch")
    ns = {(r["mode"], r["n"]): r["median_ns"] for r in rows}
    last = None
    for n in sorted({r["n"] for r in rows if r["n"]}):
        if ("resident", n) not in ns or ("C, by a pointer", n) not in ns:
            continue
        ours, plain = ns["resident", n], ns["C, by a pointer", n]
        if ours <= plain:
            if not last:
                return n
            before, was = last
            gap = was / (was + (plain - ours))
            return round(before + (n - before) * gap)
        last = n, ours - plain
    return None


# ---- the page

def head(data):
    c, m, d = data["card"], data["machine"], data["device"]
    return """
## %s

- compute capability %s, %d multiprocessors, %d GiB, second-level cache %d MiB,
  driver for CUDA %s; host %s, %d threads
- device `%s` (%s); commit %s; %s; sizes: %s
- baselines: %s, `%s`; contracted: `%s`

Beside hand-written CUDA of the same steps, `bench/baselines/cuda`. Device
time is by events round the kernels, one at a time; back to back, many chains
are queued and the last one is waited for; the wall includes what the host does
in between. Shares of the copy rate are of the least that has to be moved, in
the smaller of the first two times.
Ratios are CUDA's median over Vyre's of runs in turn: above 1, Vyre is faster;
bold, it is slower. All outputs were compared before and after.
""" % (c["name"], c["capability"], c["processors"], round(c["memory"] / 2**30),
       c["level2"] >> 20, c["driver"], m["cpu"], m["threads"], d["name"],
       d["driver"], ", ".join(data["commits"]), data["date"], data["scale"],
       c["compiler"], data["flags"].get("cuda", "–"),
       data["flags"].get("cuda contracted", "–"))


def bold(value):
    text = show(value)
    return "**%s**" % text if value is not None and value < 1 else text


def percent(value):
    return "–" if value is None else "%.0f %%" % (100 * value)


def workloads(data, notes):
    rate, rows = copy_rate(data), []
    for w in data["workloads"].values():
        def over(base, ours):
            return ratio(way(w, base), way(w, ours))
        device = way(w, "vyre device")
        loose = way(w, "cuda contracted device")
        rows.append([
            w["id"], w["title"], "{:,}".format(w["size"]),
            time_of(device["median_ns"]) if device else "–",
            bold(over("cuda device", "vyre device")),
            bold(over("cuda stream", "vyre stream")),
            bold(over("cuda", "vyre")),
            "%s, %d differ" % (bold(ratio(loose, device)), loose["differing"])
            if loose and device else "–",
            percent(share(w, "vyre", rate)), percent(share(w, "cuda", rate)),
            show(over("c", "vyre")), show(over("c", "vyre+transfers"))])
    if not rows:
        return ""
    text = "\n### Its workloads\n\n" + table(
        ["", "workload", "size", "Vyre, device time", "over CUDA, device time",
         "over CUDA, back to back", "over CUDA, wall",
         "over contracted CUDA, and its elements that differ",
         "of the copy rate", "CUDA, of the copy rate", "over C, all threads",
         "over C, with transfers"], rows)
    values = [v for _, v in kernels(data)]
    if values:
        text += "\nOver CUDA, device time: geometric mean %s, least %s.\n" % (
            show(geomean(values)), show(min(values)))
    said = [(w, notes["GPU " + w]) for w in data["workloads"]
            if "GPU " + w in notes]
    if said:
        text += "\n" + "".join("- %s: %s\n" % s for s in said)
    return text


def roofline(data):
    if not data.get("roofline"):
        return ""
    return "\n### What it can do\n\n" + table(
        ["", "measured"],
        [[r["name"], "%.1f G/s" % (r["work"] / r["median_ns"])]
         for r in data["roofline"]])


KINDS = (("resident", "64 lanes, data on the card"),
         ("borrowed", "2 x 4 KiB in, 4 KiB out, of the caller's memory"),
         ("batch", "1000 times 64 lanes, an item"),
         ("chain", "three dispatches, each on what the last one left"),
         ("sequence", "100 such steps, a step"),
         ("transfer", "256 MiB"))


def dispatches(data):
    rows = []
    for kind, title in KINDS:
        for r in rows_of(data, "latency", kind):
            if kind == "transfer":
                title = "%d MiB" % (r["n"] >> 20)
            extra = (" (%.1f GB/s)" % (r["n"] / r["median_ns"])
                     if kind == "transfer" else "")
            rows.append([title, r["mode"], time_of(r["median_ns"]) + extra,
                         time_of(r["p10_ns"]), time_of(r["p99_ns"])])
            title = ""
    if not rows:
        return ""
    text = "\n### Its dispatches\n\n" + table(
        ["", "", "median", "p10", "p99"], rows)
    lanes = crossover(data)
    if lanes:
        text += ("\nA resident dispatch of one multiplication and addition a "
                 "lane costs less than\nthe loop in C on one thread from some "
                 "%d lanes on.\n" % lanes)
    crowd = rows_of(data, "latency", "callers")
    if crowd:
        counts = sorted({r["n"] for r in crowd})
        cells = {(r["mode"], r["n"]): r["median_ns"] for r in crowd}
        text += "\nMany callers, dispatches a microsecond, all together:\n\n"
        text += table(["callers", *map(str, counts)], [
            [m] + ["%.2f" % (1e3 / cells[m, n]) if (m, n) in cells else "–"
                   for n in counts]
            for m in dict.fromkeys(r["mode"] for r in crowd)])
    return text


def compiling(data):
    rows = rows_of(data, "compile", "compile")
    if not rows:
        return ""
    return "\n### Compiling for it\n\nA program of 50 operations:\n\n" + table(
        ["", "median", "p10", "p99"],
        [[r["mode"], time_of(r["median_ns"]), time_of(r["p10_ns"]),
          time_of(r["p99_ns"])] for r in rows])


def section(data, notes):
    text = head(data)
    rows = goals(data)
    if rows:
        text += "\n### Its goals\n\nBold: not reached in this run.\n\n"
        text += table(["", "asked", "reached"], [
            [what, asked, got if good else "**%s**" % got]
            for what, asked, got, good in rows])
    return (text + workloads(data, notes) + roofline(data) + dispatches(data) +
            compiling(data))


# ---- the terminal

def columns(rows):
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    return "".join(
        "  " + "  ".join(c.ljust(n) for c, n in zip(r, widths)).rstrip() + "\n"
        for r in rows)


def short(data):
    rate = copy_rate(data)
    rows = [["workload", "vyre", "device", "queued", "wall", "of copy", "cuda"]]
    for w in data["workloads"].values():
        device = way(w, "vyre device")
        rows.append([
            w["id"], time_of(device["median_ns"]) if device else "–",
            show(ratio(way(w, "cuda device"), device)),
            show(ratio(way(w, "cuda stream"), way(w, "vyre stream"))),
            show(ratio(way(w, "cuda"), way(w, "vyre"))),
            percent(share(w, "vyre", rate)),
            percent(share(w, "cuda", rate))])
    text = ""
    if len(rows) > 1:
        text += "\nCUDA's time over Vyre's (above 1: Vyre is faster)\n"
        text += columns(rows)
    asked = [["", "asked", "reached", ""]]
    asked += [[what, limit, got, "ok" if good else "NOT REACHED"]
              for what, limit, got, good in goals(data)]
    if len(asked) > 1:
        text += "\n" + columns(asked)
    return text
