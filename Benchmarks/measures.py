"""What the table of the comparison is made of: the name of a measurement (system, workload, conditions) → what to run."""
import http_load
import sql_load
from library import fill, partitions

BILLION = 1_000_000_000
SPREAD = {"users": 100_000, "quota": 1_000_000}
HOT = {"users": 1, "quota": BILLION}
REFUSED = {"users": 1, "quota": 20}
CROWDED = {"users": 100_000, "hot_users": 4, "hot_share": 0.2, "quota": BILLION}
INSERT_CONNECTIONS = (16, 64, 256)
BATCHES = (64, 128, 256, 512, 1_000)
BATCH_CONNECTIONS = (2, 4)
FULL_WINDOW = 1_000_000
REPLICAS = 8

INSERTS = [("INSERT", f"{n} connections") for n in INSERT_CONNECTIONS]
FUNCTIONS = [("SQL function", f"batches of {size}, {n} connections") for size in BATCHES for n in BATCH_CONNECTIONS]


def measures(bench, seconds):
    """In such an order that what is compared is measured one after the other."""
    library = bench.library
    plan = {}
    for n in (256, 64):
        plan["library", f"spread, {n} in flight"] = lambda n=n: library.measure(in_flight=n, seconds=seconds, **SPREAD)
        plan["Redis", f"spread, {n} connections"] = lambda n=n: bench.redis.rate(n, seconds, **SPREAD)
    plan["Redis, flushed", "spread, 256 connections"] = lambda: bench.durable_redis.rate(256, seconds, **SPREAD)
    for n, name in zip(INSERT_CONNECTIONS, INSERTS):
        plan[name] = lambda n=n: sql_load.insert(bench.postgres, n, seconds)
    plan["admit_one", "16 connections"] = lambda: sql_load.admit_one(bench.postgres, library.template(), 16, seconds)
    for (size, n), name in zip(((size, n) for size in BATCHES for n in BATCH_CONNECTIONS), FUNCTIONS):
        plan[name] = lambda size=size, n=n: sql_load.admit_set(bench.postgres, library.batches(size), size, n, seconds)
    plan["library", "one user, 256 in flight"] = lambda: library.measure(in_flight=256, seconds=seconds, **HOT)
    plan["Redis", "one user, 256 connections"] = lambda: bench.redis.rate(256, seconds, **HOT)
    plan["library", "one user, refused, 256 in flight"] = lambda: library.measure(
        in_flight=256, seconds=seconds, outcome="refused", **REFUSED)
    plan["Redis", "one user, refused, 256 connections"] = lambda: bench.redis.rate(256, seconds, **REFUSED)
    plan["library", "spread, 1 in flight"] = lambda: library.measure(in_flight=1, warm_up=2_000, seconds=seconds, **SPREAD)
    plan["INSERT by the library's client", "1 in flight"] = lambda: library.insert(in_flight=1, warm_up=2_000, seconds=seconds)
    plan["POST /v1/admit", "64 connections"] = lambda: http_load.admitted(bench.stand, seconds)
    plan[f"GET {http_load.CONSTANT}", "64 connections"] = lambda: http_load.constant(bench.stand, seconds)
    plan["completion through Sluice", "32 connections"] = lambda: bench.completion(seconds)
    plan["completion through LiteLLM", "32 connections"] = lambda: bench.litellm_completion(seconds)
    for rows in (20, FULL_WINDOW):
        plan["library, window", f"{rows:,} rows, admitted"] = lambda rows=rows: library.measure(
            prepare=fill(rows), in_flight=256, seconds=seconds, **HOT)
        plan["library, window", f"{rows:,} rows, refused, no cache"] = lambda rows=rows: library.measure(
            prepare=fill(rows), in_flight=256, seconds=seconds, users=1, quota=rows, without_cache=True, outcome="refused")
    plan["library, partitions", "7"] = lambda: library.measure(
        partitions_ahead=5, in_flight=256, seconds=seconds, **SPREAD)
    plan["library, partitions", "400"] = lambda: library.measure(
        prepare=partitions(400), in_flight=256, seconds=seconds, **SPREAD)
    for count in (1, REPLICAS):
        plan["library, replicas", f"{count}, 256 in flight in all"] = lambda count=count: library.replicas(
            count, 256, seconds=seconds, **CROWDED)
    for journaled in (0, 120_000 * seconds):
        plan["library, replay", "beside it" if journaled else "without"] = lambda journaled=journaled: library.replaying(
            journaled=journaled, in_flight=256, seconds=seconds, **SPREAD)
    return plan
