"""Sluice's library, driven by sluice-bench: one process or several."""
import json
import os
import subprocess
import tempfile
import time

import sql_load
from servers import sh

USER = "51510000-0000-4000-0000-000000000000"
TEMPLATE = "migrated"
# Of all replicas together.
REPLICAS_WARM_UP = 4_000
# What starting and warming up may take: the next is tried where the one before was too short.
START_SECONDS = (3, 10, 30)


def fill(rows):
    """SQL for a window that holds `rows` rows of the one user, spread over the last half hour."""
    return f"""
        SELECT sluice.ensure_partitions(((now() - interval '1 day') AT TIME ZONE 'UTC')::date, 2);
        INSERT INTO sluice.calls (user_id, admitted_at, call_id, weight, running_total, total_since, policy_id, mode,
            id_supplied)
        SELECT '{USER}', s.began + n * (interval '30 minutes' / {rows}), gen_random_uuid(), 1, n,
            s.began + (interval '30 minutes' / {rows}), 1, 'enforced', false
        FROM (SELECT clock_timestamp() - interval '30 minutes' AS began) AS s, generate_series(1, {rows}) AS n"""


def partitions(count):
    """SQL for so many daily partitions, those of the next 14 days among them."""
    return f"SELECT sluice.ensure_partitions(current_date - {count - 15}, {count})"


class Library:
    def __init__(self, program, postgres):
        self.program = program
        self.postgres = postgres
        self.templates = set()

    def template(self, name=TEMPLATE, prepare=None):
        """A migrated database to copy, made when it is first asked for."""
        if name not in self.templates:
            self.migrate(self.postgres.fresh(name))
            if prepare:
                self.postgres.psql(prepare, name)
            self.templates.add(name)
        return name

    def batches(self, size):
        name = f"batches_{size}"
        if name not in self.templates:
            self.template(name)
            for statement in sql_load.batches(size).split(";"):
                self.postgres.psql(statement, name)
        return name

    def migrate(self, url, **options):
        sh(*self.command(url, calls=1, warm_up=0, in_flight=1, users=10**9, **options))

    def measure(self, prepare=None, partitions_ahead=None, outcome="admitted", **options):
        """A database of its own, prepared by SQL where that is given, and what every call must come to.

        Without `partitions_ahead` it is a copy of the template, otherwise it is migrated with so many.
        """
        ahead = {} if partitions_ahead is None else {"partitions_ahead": partitions_ahead}
        if ahead:
            url = self.postgres.fresh("bench")
            self.migrate(url, **ahead)
        else:
            url = self.postgres.fresh("bench", self.template())
        if prepare:
            self.postgres.psql(prepare, "bench")
            self.postgres.psql("VACUUM ANALYZE sluice.calls", "bench")
            self.postgres.psql("CHECKPOINT")
        return self.answer(sh(*self.command(url, **ahead, **options)), outcome)

    def insert(self, **options):
        """One-row inserts through the same client."""
        url = self.postgres.fresh("floor")
        answer = self.answer(sh(*self.command(url, insert=True, **options)))
        rows = int(self.postgres.psql("SELECT count(*) FROM floor", "floor"))
        sql_load.check(rows, answer["calls"] + options["warm_up"], "INSERT by the library's client")
        return answer

    def replaying(self, **options):
        """Live calls while the journal of an outage is brought to the ledger, or none of it."""
        with tempfile.TemporaryDirectory(prefix="journal-", dir=os.path.dirname(self.postgres.folder)) as folder:
            return self.measure(journal=folder, **options)

    def replicas(self, count, in_flight, **options):
        """So many processes, who share the calls in flight and measure the same seconds: their rates in all, and the
        latencies of the worst."""
        options = {"in_flight": in_flight // count, "warm_up": REPLICAS_WARM_UP // count, **options}
        for lead in START_SECONDS:
            outs = self.together(count, time.time() + lead + count / 2, options)
            if outs:
                break
        else:
            raise SystemExit(f"{count} replicas failed, or did not warm up in {lead} s; the figures are void")
        answers = [self.answer(out) for out in outs]
        return {"rate": sum(answer["rate"] for answer in answers),
                **{key: max(answer[key] for answer in answers) for key in ("p50_ms", "p99_ms")}}

    def together(self, count, begin, options):
        """What each printed; nothing if one of them failed, or was not ready to begin."""
        url = self.postgres.fresh("bench", self.template())
        processes = [
            subprocess.Popen(self.command(url, begin=begin, **options), text=True, stdout=subprocess.PIPE)
            for _ in range(count)]
        try:
            outs = [process.communicate()[0] for process in processes]
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        return None if any(process.returncode for process in processes) else outs

    def command(self, url, **options):
        words = [f"--{key.replace('_', '-')}" + ("" if value is True else f"={value}") for key, value in options.items()]
        return [self.program, "--url", url, *words]

    def answer(self, out, outcome="admitted"):
        answer = json.loads(out.strip().splitlines()[-1])
        if answer[outcome] != answer["calls"]:
            raise SystemExit(f"sluice-bench: not every call was {outcome}; the figures are void: {answer}")
        return answer
