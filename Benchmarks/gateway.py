"""The gateway beside the bare upstream: a model's stand-in that answers at once, clients, and a replica between them."""
import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import statistics
import subprocess
import tempfile
import time
import uuid

from replica import Replica
from servers import sh

HEADING = "## Gateway"
CONNECTIONS = 32
USERS = 200
# Answers a second over all connections, at which the machine has time to spare, so that no call waits for another.
RATE = 500


def token(secret, user, role="agent", seconds=86_400):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    claims = {"sub": user, "role": role, "exp": int(time.time()) + seconds}
    text = b".".join(part(json.dumps(value).encode()) for value in ({"alg": "HS256", "typ": "JWT"}, claims))
    return b".".join((text, part(hmac.new(secret.encode(), text, hashlib.sha256).digest()))).decode()


class Model:
    """The stand-in for a model."""

    def __init__(self, program, **options):
        self.process = subprocess.Popen([program, "answer", *flags(options)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.kill()
        self.process.wait()


def flags(options):
    return [f"--{key.replace('_', '-')}" + ("" if value is True else f"={value}") for key, value in options.items()]


class Stand:
    """Everything that a measurement of the gateway needs; started by the first one."""

    def __init__(self, programs, postgres, folder):
        self.programs = programs
        self.postgres = postgres
        self.folder = tempfile.mkdtemp(prefix="gateway-", dir=folder)
        self.database = "gateway"
        self.service_key = secrets.token_hex(32)
        self.servers = []

    def start(self, users=USERS, pause=0, **settings):
        secret = secrets.token_hex(32)
        for name, count in (("many", users), ("one", 1)):
            with open(f"{self.folder}/{name}", "w") as file:
                file.writelines(token(secret, str(uuid.uuid4())) + "\n" for _ in range(count))
        self.model = Model(self.programs["gateway-load"], pause=pause)
        self.servers.insert(0, self.model)
        self.replica = Replica(
            self.programs["sluice"], self.postgres.fresh(self.database), self.folder,
            LLM_RATE_LIMIT_REQUESTS="1000000000", JWT_SECRET=secret, SLUICE_MIGRATE="run",
            SLUICE_OPENAI_BASE_URL=f"http://127.0.0.1:{self.model.port}/v1", SLUICE_OPENAI_API_KEY="sk-bench",
            SLUICE_SERVICE_KEYS=self.service_key, **settings)
        self.servers.insert(0, self.replica)

    def ready(self):
        if not self.servers:
            # Long enough that a stall is measured, not answered by the outage policy.
            self.start(SLUICE_ADMISSION_DEADLINE_MS="30000")

    @contextlib.contextmanager
    def enforcing(self):
        """Takes how many calls were answered: all of them must be in the ledger as decided there."""
        counts = []
        before = self.enforced()
        yield counts
        asked, found = sum(counts), self.enforced() - before
        if found < asked:
            raise SystemExit(f"{asked} calls were let through, the ledger has {found}; the figures are void")

    def enforced(self):
        return int(self.postgres.psql("SELECT count(*) FROM sluice.calls WHERE mode = 'enforced'", self.database))

    def call(self, server, tokens="many", **options):
        """Calls the replica ("gateway"), the stand-in for the model ("direct") or whatever listens on a port."""
        port = {"gateway": self.replica.port, "direct": self.model.port}.get(server, server)
        out = sh(self.programs["gateway-load"], "call", f"--port={port}", f"--tokens={self.folder}/{tokens}", *flags(options))
        return json.loads(out)

    def measure(self, server, **options):
        self.ready()
        before = self.replica.cpu_seconds()
        answer = self.call(server, connections=CONNECTIONS, **options)
        answer["cpu_us"] = (self.replica.cpu_seconds() - before) / sum(answer["statuses"].values()) * 1e6
        if answer["failed"] or set(answer["statuses"]) != {"200"}:
            raise SystemExit(f"gateway: not all calls were answered, the figures are void: {answer}")
        return answer

    def measures(self, seconds):
        """Name → what to run. The list of models goes through the same proxy, without a decision and a settlement."""
        shapes = {
            "direct": {"server": "direct"}, "through Sluice": {"server": "gateway"},
            "through Sluice, one user": {"server": "gateway", "tokens": "one"}}
        plan = {}
        for pace, rate in (("moderate", RATE), ("full", 0)):
            for kind, options in (("plain", {}), ("stream", {"streams": 1}), ("not metered", {"models": True})):
                for name, shape in shapes.items():
                    if kind == "not metered" and "one user" in name:
                        continue
                    plan["gateway", kind, pace, name] = lambda shape=shape, rate=rate, options=options: self.measure(
                        rate=rate, seconds=seconds, **shape, **options)
        return plan

    def stop(self):
        while self.servers:
            self.servers.pop(0).stop()


def report(results, rounds, seconds, postgres_version, machine):
    def of(kind, pace, name, key):
        return statistics.median(run[key] for run in results["gateway", kind, pace, name])

    lines = [
        HEADING, "", "Written by `Benchmarks/run --only gateway`.", "",
        f"- {machine}",
        f"- PostgreSQL {postgres_version} (fsync and synchronous_commit on) over a unix socket; HTTP/1.1 over the loopback",
        f"- {CONNECTIONS} connections, {USERS} users with tokens (HS256), all far below their quota; every call is decided,",
        "  passed on, and settled with the tokens that the upstream reported; the deadline of an admission is 30 s, so that",
        "  a stall is measured",
        "- the upstream answers at once: 581 bytes of JSON, or a stream of 10 pieces; *not metered* is `GET /v1/models`, which",
        "  goes the same way without a decision and a settlement",
        f"- medians of {rounds} rounds of {seconds} s each, all in turn in every round; upstream, load generator and database",
        "  share the cores with the replica. *CPU* is the replica's alone", ""]
    for pace, title in (("moderate", f"### At {RATE} calls/s"), ("full", "### As fast as it goes")):
        lines += [title, "", "| what | way | calls/s | p50 ms | p99 ms | first byte p50 ms | added p50 ms | CPU µs/call | p50 of the runs |",
                  "|---|---|---:|---:|---:|---:|---:|---:|---|"]
        for (_, kind, its_pace, name), runs in ((key, runs) for key, runs in results.items() if key[0] == "gateway"):
            if its_pace != pace:
                continue
            figures = [of(kind, pace, name, key) for key in ("p50_ms", "p99_ms", "first_p50_ms")]
            added = "" if name == "direct" else f"{figures[0] - of(kind, pace, 'direct', 'p50_ms'):.2f}"
            cpu = "" if name == "direct" else f"{of(kind, pace, name, 'cpu_us'):.0f}"
            p50 = [run["p50_ms"] for run in runs]
            lines.append(f"| {kind} | {name} | {of(kind, pace, name, 'rate'):,.0f} | "
                         + " | ".join(f"{figure:.2f}" for figure in figures)
                         + f" | {added} | {cpu} | {min(p50):.2f}–{max(p50):.2f} |")
        lines.append("")
    lines += ["As fast as it goes, a call waits for the 31 others: its latency is 32 divided by the rate, on any machine. What the",
              "gateway adds to a call is seen at the moderate pace; of it, *not metered* is the proxy's share, and the rest that of",
              "the decision, beside the settlements on the same two cores. What bounds either is said above.", ""]
    return "\n".join(lines)
