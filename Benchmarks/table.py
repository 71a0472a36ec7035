"""The table of the comparison: what is set against what, what is aimed at, and what came of it."""
import dataclasses
import re
import statistics

import http_load
from measures import BATCH_CONNECTIONS, BATCHES, FULL_WINDOW, FUNCTIONS, INSERTS, REPLICAS

MEMORY = "memory"
MEMORY_KEY = ("POST /v1/admit", "64 connections")
MEMORY_AIM_MIB = 100
# The last quarter of the samples may be so much above the one before it and still be called flat.
FLAT_MIB = 5


@dataclasses.dataclass(frozen=True)
class Row:
    """One ratio. Of several measurements on a side, the one with the best median counts."""
    name: str
    what: str
    against: str
    ours: list
    theirs: list
    aim: float
    # A latency, for which less is better, or else a rate.
    is_latency: bool = False
    # Whether the other side is Sluice as well.
    is_own: bool = False

    def ratios(self, results):
        """Of each round."""
        key = "p50_ms" if self.is_latency else "rate"
        ours, theirs = results[best(results, self.ours, key)], results[best(results, self.theirs, key)]
        return [our[key] / their[key] for our, their in zip(ours, theirs)]

    def is_reached(self, ratio):
        return ratio <= self.aim if self.is_latency else ratio >= self.aim

    def is_slower(self, ratio):
        return ratio > 1 if self.is_latency else ratio < 1

    def figure(self, results, candidates):
        key = "p50_ms" if self.is_latency else "rate"
        value = median(results[best(results, candidates, key)], key)
        return f"{value * 1_000:,.0f} µs" if self.is_latency else f"{value:,.0f}/s"


SPREAD_256 = [("library", "spread, 256 in flight")]
ROWS = [
    Row("spread-256", "library, 256 calls in flight, 100,000 users, all admitted", "Redis sliding log, 256 connections",
        SPREAD_256, [("Redis", "spread, 256 connections")], 1.0),
    Row("spread-64", "library, 64 calls in flight, 100,000 users, all admitted", "Redis sliding log, 64 connections",
        [("library", "spread, 64 in flight")], [("Redis", "spread, 64 connections")], 0.8),
    Row("durable", "library, 256 in flight", "Redis sliding log, `appendfsync always`: durable against durable", SPREAD_256,
        [("Redis, flushed", "spread, 256 connections")], 2),
    Row("insert", "library, 256 in flight", "one-row INSERT a transaction, pgbench, {best}", SPREAD_256, INSERTS, 3),
    Row("function", "library, 256 in flight", "the set-based SQL function alone, pgbench, {best}", SPREAD_256, FUNCTIONS, 0.6,
        is_own=True),
    Row("hot", "one user, all admitted, 256 in flight", "Redis sliding log, 256 connections",
        [("library", "one user, 256 in flight")], [("Redis", "one user, 256 connections")], 1.2),
    Row("refused", "one user, all refused (cache), 256 in flight", "Redis sliding log, 256 connections",
        [("library", "one user, refused, 256 in flight")], [("Redis", "one user, refused, 256 connections")], 15),
    Row("latency", "library, one caller, one call at a time, median latency", "one-row INSERT by the same client",
        [("library", "spread, 1 in flight")], [("INSERT by the library's client", "1 in flight")], 1.5, is_latency=True),
    Row("http", "`POST /v1/admit`, wrk, 64 connections, all admitted", f"`GET {http_load.CONSTANT}` of the same server, a constant",
        [("POST /v1/admit", "64 connections")], [(f"GET {http_load.CONSTANT}", "64 connections")], 0.6, is_own=True),
    Row("completion", "chat completion with admission and settlement, 32 connections", "LiteLLM proxy, one worker, no database",
        [("completion through Sluice", "32 connections")], [("completion through LiteLLM", "32 connections")], 30),
    Row("one", "`sluice.admit_one`, a call a transaction, pgbench, 16 connections", "one-row INSERT, 16 connections",
        [("admit_one", "16 connections")], INSERTS[:1], 0.6),
    Row("window", f"quota with {FULL_WINDOW:,} rows in the window, admitted", "with 20 rows",
        [("library, window", f"{FULL_WINDOW:,} rows, admitted")], [("library, window", "20 rows, admitted")], 0.8, is_own=True),
    Row("window-refused", f"quota of {FULL_WINDOW:,}, window full, refused without cache", "quota of 20, window full",
        [("library, window", f"{FULL_WINDOW:,} rows, refused, no cache")], [("library, window", "20 rows, refused, no cache")],
        0.8, is_own=True),
    Row("partitions", "400 partitions, empty", "7 partitions", [("library, partitions", "400")],
        [("library, partitions", "7")], 0.9, is_own=True),
    Row("replicas", f"{REPLICAS} replica processes, 32 in flight each, 4 hot users among 100,000", "1 replica, 256 in flight",
        [("library, replicas", f"{REPLICAS}, 256 in flight in all")], [("library, replicas", "1, 256 in flight in all")], 0.9,
        is_own=True),
    Row("replay", "library while the journal of an outage is replayed", "without", [("library, replay", "beside it")],
        [("library, replay", "without")], 0.8, is_own=True),
]
NAMES = [row.name for row in ROWS] + [MEMORY]


def needed(names):
    """The measurements that rows of these names are made of."""
    keys = [key for row in ROWS if row.name in names for key in row.ours + row.theirs]
    return set(keys + ([MEMORY_KEY] if MEMORY in names else []))


def median(runs, key):
    values = [run[key] for run in runs if run.get(key) is not None]
    return statistics.median(values) if values else None


def best(results, candidates, key="rate"):
    return max(candidates, key=lambda name: median(results[name], key))


def table(results, names, full_ledger=""):
    lines = ["| what | Sluice | against | ratio | aim |", "|---|---:|---|---:|---|"]
    for row in ROWS:
        if row.name not in names:
            continue
        ratios = row.ratios(results)
        ratio = statistics.median(ratios)
        against = row.against.format(best=best(results, row.theirs)[1])
        aim = ("≤ " if row.is_latency else "≥ ") + f"{row.aim:g}" + ("" if row.is_reached(ratio) else ", **missed**")
        lines.append(
            f"| {row.what} | {row.figure(results, row.ours)} | {against}: {row.figure(results, row.theirs)} |"
            f" {ratio:.2f}{f' ({min(ratios):.2f}–{max(ratios):.2f})' if len(ratios) > 1 else ''} | {aim} |")
    lines += full_ledger_row(full_ledger)
    return lines + (memory_row(results) if MEMORY in names else [])


def full_ledger_row(section):
    """What the section about a full ledger says, if there is one."""
    found = {name: re.search(pattern, section) for name, pattern in {
        "facts": r"- ([\d,]+) calls and .* over (\d+) days", "full": r"full days \| ([\d,]+) \|",
        "empty": r"empty ledger \| ([\d,]+) \|", "ratio": r"full / empty \| ([\d.]+) \|"}.items()}
    if not all(found.values()):
        return []
    calls, days = found["facts"].groups()
    ratio = float(found["ratio"].group(1))
    return [f"| library beside {calls} calls in {days} daily partitions ([a full ledger](#a-full-ledger)) |"
            f" {found['full'].group(1)}/s | beside an empty ledger: {found['empty'].group(1)}/s | {ratio:.2f} |"
            f" ≥ 0.9{'' if ratio >= 0.9 else ', **missed**'} |"]


def memory_row(results):
    samples = [size for run in results[MEMORY_KEY] for size in run["rss_mib"]]
    if len(samples) < 4:
        return []
    quarter = len(samples) // 4
    parts = [statistics.mean(samples[at * quarter:(at + 1) * quarter]) for at in range(4)]
    highest = max(samples)
    rises = parts[3] - parts[2] > FLAT_MIB
    missed = ", **missed**" if highest > MEMORY_AIM_MIB or rises else ""
    return [f"| resident memory of `sluice serve` at full load (wrk) | {highest:.0f} MiB at most | quarters of the time: "
            + ", ".join(f"{part:.0f}" for part in parts) + f" MiB | | ≤ {MEMORY_AIM_MIB} MiB, flat{missed} |"]


def slower(results, names):
    """What is said plainly: where the peer is ahead."""
    lines = []
    for row in ROWS:
        if row.name not in names or row.is_own:
            continue
        ratio = statistics.median(row.ratios(results))
        if row.is_slower(ratio):
            against = row.against.format(best=best(results, row.theirs)[1])
            by = f"takes {ratio:.2f} times as long as" if row.is_latency else f"reaches {ratio:.2f} of the rate of"
            lines.append(f"- {row.what}: Sluice {by} {against}.")
    return lines or ["Nowhere in the table above."]


def figures(results):
    """Everything that was measured."""
    lines = ["| system | workload | a second | p50 ms | p99 ms | slowest–fastest round |", "|---|---|---:|---:|---:|---|"]
    for (system, workload), runs in results.items():
        rates = [run["rate"] for run in runs]
        p50, p99 = median(runs, "p50_ms"), median(runs, "p99_ms")
        lines.append(f"| {system} | {workload} | {median(runs, 'rate'):,.0f} | {p50:.3f} | "
                     + (f"{p99:.2f}" if p99 is not None else "–") + f" | {min(rates):,.0f}–{max(rates):,.0f} |")
    return lines


def reading(results):
    """Which share of the time of the set-based function the reading of the batches takes, at most."""
    shares = [run["reading"] for name in FUNCTIONS for run in results.get(name, [])]
    return f"{max(shares):.0%}" if shares else "–"


BATCH_TEXT = f"of {', '.join(map(str, BATCHES))} calls over {' or '.join(map(str, BATCH_CONNECTIONS))} connections"
