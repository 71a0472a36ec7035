"""Rate and latency against one thing at a time: measured shortly, drawn as SVG, and listed as figures."""
import json
import statistics
import subprocess

import environment
from library import fill, partitions
from measures import BILLION, CROWDED
from servers import HERE, ROOT

HEADING = "## Curves"
IMAGES = ROOT / "docs/images"
SECONDS = 1
ROUNDS = 2
LIBRARY, REDIS = "Sluice library", "Redis sliding log"

# Name of the file → title, what the axis says, its points, whether the axis is logarithmic.
AXES = {
    "concurrency": ("Calls in flight", "calls in flight; 100,000 users", (1, 4, 16, 64, 256, 1_024)),
    "users": ("Users", "users; 256 calls in flight", (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)),
    "window": ("Rows in the window", "rows of the one user in the window; 256 calls in flight", (20, 1_000, 100_000, 1_000_000)),
    "partitions": ("Partitions", "daily partitions of the ledger; 256 calls in flight", (7, 30, 90, 400)),
    "replicas": ("Replicas", "processes; 256 calls in flight in all; 4 hot users among 100,000", (1, 2, 4, 8)),
}


def measures(bench):
    """(curve, system, point) → what to run; a point's systems one after the other."""
    library, plan = bench.library, {}
    for n in AXES["concurrency"][2]:
        shape = {"users": 100_000, "quota": BILLION}
        plan["concurrency", LIBRARY, n] = lambda n=n, shape=shape: library.measure(
            in_flight=n, seconds=SECONDS, warm_up=20_000 if n > 16 else 2_000, **shape)
        plan["concurrency", REDIS, n] = lambda n=n, shape=shape: bench.redis.rate(n, SECONDS, **shape)
    for n in AXES["users"][2]:
        shape = {"users": n, "quota": BILLION}
        plan["users", LIBRARY, n] = lambda shape=shape: library.measure(in_flight=256, seconds=SECONDS, **shape)
        plan["users", REDIS, n] = lambda shape=shape: bench.redis.rate(256, SECONDS, **shape)
    for n in AXES["window"][2]:
        shape = {"users": 1, "quota": BILLION}
        plan["window", LIBRARY, n] = lambda n=n, shape=shape: library.measure(
            prepare=fill(n), in_flight=256, seconds=SECONDS, **shape)
        plan["window", REDIS, n] = lambda n=n, shape=shape: bench.redis.rate(256, SECONDS, rows=n, **shape)
    for n in AXES["partitions"][2]:
        way = {"partitions_ahead": 5} if n == 7 else {"prepare": partitions(n)}
        plan["partitions", LIBRARY, n] = lambda way=way: library.measure(
            in_flight=256, seconds=SECONDS, users=100_000, quota=BILLION, **way)
    for n in AXES["replicas"][2]:
        plan["replicas", LIBRARY, n] = lambda n=n: library.replicas(n, 256, seconds=SECONDS, **CROWDED)
    return plan


def points(results, axis, system):
    """[x, rate, p99 ms, p50 ms] of each point of one line."""
    return [
        [x, *(statistics.median(run[key] for run in runs) for key in ("rate", "p99_ms", "p50_ms"))]
        for (name, its_system, x), runs in results.items() if (name, its_system) == (axis, system)]


def draw(results):
    """Writes the images; matplotlib runs in the environment that is made for it."""
    charts = [
        {"file": str(IMAGES / f"performance-{axis}.svg"), "label": label, "ticks": list(ticks),
         "lines": {system: points(results, axis, system) for system in (LIBRARY, REDIS) if points(results, axis, system)}}
        for axis, (_, label, ticks) in AXES.items()]
    IMAGES.mkdir(exist_ok=True)
    subprocess.run(
        [f"{environment.folder()}/bin/python", str(HERE / "charts.py")], input=json.dumps(charts), text=True, check=True)


def report(results, rounds, facts):
    lines = [
        HEADING, "",
        f"Written by `Benchmarks/run --only curves`: {rounds} round{'s' if rounds > 1 else ''} of about {SECONDS} s a point, so read"
        " differences of a tenth as none.", "All calls are admitted.", "", *facts, ""]
    for axis, (title, label, _) in AXES.items():
        systems = [system for system in (LIBRARY, REDIS) if points(results, axis, system)]
        lines += [f"### {title}", "", f"![{alt(results, axis, title, systems)}](images/performance-{axis}.svg)", ""]
        heads = " | ".join(f"{system}: a second | p50 ms | p99 ms" for system in systems)
        lines += [f"| {label.split(';')[0]} | {heads} |", "|---:|" + "---:|---:|---:|" * len(systems)]
        rows = zip(*(points(results, axis, system) for system in systems))
        for row in rows:
            cells = " | ".join(f"{rate:,.0f} | {p50:.3f} | {p99:.2f}" for _, rate, p99, p50 in row)
            lines.append(f"| {row[0][0]:,} | {cells} |")
        lines.append("")
    return "\n".join([*lines, "Rates are the sum of the processes', latencies those of the slowest of them."])


def alt(results, axis, title, systems):
    """The chart in words."""
    parts = []
    for system in systems:
        line = points(results, axis, system)
        (first, *_), (last, *_) = line[0], line[-1]
        parts.append(f"{system} from {line[0][1]:,.0f} a second at {first:,} to {line[-1][1]:,.0f} at {last:,}")
    return f"{title}, rate and 99th percentile: " + "; ".join(parts)
