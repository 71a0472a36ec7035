"""A ledger of months: reports, admissions beside it, a day that is dropped under load, seals."""
import json
import os
import re
import statistics
import subprocess
import time

from servers import find, sh

HEADING = "## A full ledger"
# What a DBA would set for a database of this size; all else is as delivered.
SETTINGS = {"shared_buffers": "2GB", "max_wal_size": "8GB", "checkpoint_timeout": "15min"}
# Days whose seals are made and verified, the first of which is dropped then.
SEALED_DAYS = 2
USERS_ASKED = 9


def count(text):
    """`100M` and the like."""
    factor = {"k": 10**3, "M": 10**6, "G": 10**9}.get(text[-1:], 1)
    return int(text[:-1] if factor > 1 else text) * factor


def median(values):
    return statistics.median(values)


class Ledger:
    def __init__(self, programs, postgres, rows, days, users):
        self.programs = programs
        self.postgres = postgres
        self.rows, self.days, self.users = rows, days, users
        self.urls = {}

    # What is asked of the programs.

    def sluice(self, name, *words, **settings):
        environment = {"PATH": os.environ["PATH"], "DATABASE_URL": self.urls[name], "SLUICE_LOG_LEVEL": "warning",
                       "SLUICE_DATA_DIR": self.postgres.folder, **settings}
        done = subprocess.run([self.programs["sluice"], *words], env=environment, text=True, stdout=subprocess.PIPE)
        if done.returncode:
            raise SystemExit(f"sluice {' '.join(words)} failed with {done.returncode}")
        return done.stdout.strip()

    def load(self, name, calls, background=False):
        command = [self.programs["sluice-bench"], "--url", self.urls[name], f"--calls={calls}", "--warm-up=20000",
                   "--in-flight=256", "--users=100000"]
        if background:
            return subprocess.Popen(command, text=True, stdout=subprocess.PIPE)
        return self.read(name, sh(*command))

    def read(self, name, out):
        answer = json.loads(out.strip().splitlines()[-1])
        if answer["unchecked"]:
            raise SystemExit(f"{name}: {answer['unchecked']} calls were let through unchecked; the figures are void")
        return answer

    def psql(self, sql):
        return self.postgres.psql(sql, "filled")

    def asked(self, *statements):
        """Milliseconds of each statement, on a new connection, as psql measures them."""
        out = sh(find("psql"), "-h", self.postgres.folder, "-U", "bench", "-d", "filled", "-qAtX", "-v", "ON_ERROR_STOP=1",
                 "-c", "\\timing on", "-o", os.devnull, *[word for sql in statements for word in ("-c", sql)])
        return [float(value) for value in re.findall(r"^Time: ([\d.]+) ms", out, flags=re.MULTILINE)]

    def note(self, text):
        print(f"ledger: {text}", flush=True)

    # What is measured.

    def fill(self):
        for name in ("filled", "empty"):
            self.urls[name] = self.postgres.fresh(name)
            self.sluice(name, "migrate", "up")
        filled = self.sluice("filled", "bench", "fill", f"--days={self.days}", f"--users={self.users}", f"--rows={self.rows}",
                             "--yes")
        self.note(filled)
        start = time.monotonic()
        while int(self.psql("SELECT sluice.roll_up(1)")):
            pass
        summed = time.monotonic() - start
        facts = self.psql(
            "SELECT count(*), (SELECT count(*) FROM sluice.settlements), pg_database_size(current_database()),"
            " min((admitted_at AT TIME ZONE 'UTC')::date), max((admitted_at AT TIME ZONE 'UTC')::date) FROM sluice.calls")
        calls, settlements, size, self.first, self.last = facts.split("|")
        return {"text": filled, "rate": int(re.search(r"(\d+) rows/s", filled).group(1)), "calls": int(calls),
                "settlements": int(settlements), "bytes": int(size), "roll_up_s": summed}

    def reports(self):
        """Each question twice: after a restart of the server, and again."""
        users = self.psql(
            "(SELECT user_id FROM sluice.spend_monthly GROUP BY 1 ORDER BY sum(calls) DESC LIMIT 1) UNION ALL"
            f" (SELECT user_id FROM sluice.spend_monthly GROUP BY 1 ORDER BY md5(user_id::text) LIMIT {USERS_ASKED - 1})")
        month = self.psql(f"SELECT date_trunc('month', '{self.last}'::date)::date")
        before = self.psql(f"SELECT greatest('{month}'::date - interval '1 month', date_trunc('month', '{self.first}'::date))::date")
        spend = [
            f"SELECT day, model, calls, cost_usd FROM sluice.spend_daily WHERE user_id = '{user}'"
            f" AND day BETWEEN '{self.first}' AND '{self.last}' ORDER BY day, model" for user in users.split()]
        top = "SELECT * FROM sluice.top_spenders WHERE month = '%s' ORDER BY rank LIMIT 100"
        questions = {"spend of one user over all days": spend, f"top 100 spenders of {month[:7]}, under way": [top % month],
                     f"top 100 spenders of {before[:7]}": [top % before]}
        results = {}
        for name, statements in questions.items():
            self.postgres.restart()
            cold = self.asked(*statements)
            results[name] = {"cold_ms": median(cold), "warm_ms": median(self.asked(*statements)), "slowest_ms": max(cold)}
            self.note(f"{name}: {results[name]}")
        return results

    def admissions(self, rounds, seconds):
        """Both databases in turn, round after round, each with as many rows of today as the other."""
        calls = 60_000 * seconds
        results = {"empty": [], "filled": []}
        for _ in range(rounds):
            for name, runs in results.items():
                runs.append(self.load(name, calls))
                self.note(f"admissions, {name}: {runs[-1]}")
        return results

    def seals(self):
        until = self.psql(f"SELECT '{self.first}'::date + {SEALED_DAYS - 1}")
        rows = int(self.psql(
            f"SELECT (SELECT count(*) FROM sluice.calls WHERE admitted_at < '{until} 24:00Z')"
            f" + (SELECT count(*) FROM sluice.settlements WHERE settled_at < '{until} 24:00Z')"))
        start = time.monotonic()
        self.sluice("filled", "audit", "seal", f"--until={until}")
        sealed = time.monotonic()
        self.sluice("filled", "audit", "verify")
        verified = time.monotonic()
        million = rows / 1e6
        return {"rows": rows, "seal_s": (sealed - start) / million, "verify_s": (verified - sealed) / million}

    def drop(self, rate, seconds):
        """The longest admission of a stretch of full load, and of one in the middle of which the first day is dropped."""
        calls = int(rate * seconds)
        quiet = self.load("filled", calls)
        busy = self.load("filled", calls, background=True)
        time.sleep(seconds / 3)
        start = time.monotonic()
        before = self.psql(f"SELECT '{self.first}'::date + 1")
        self.sluice("filled", "partitions", "drop", f"--before={before}", "--yes")
        took = time.monotonic() - start
        if busy.poll() is not None:
            raise SystemExit("the load was over before the day was dropped: measure for longer")
        left = int(self.psql(f"SELECT count(*) FROM sluice.calls WHERE admitted_at < '{before} 00:00Z'"))
        if left:
            raise SystemExit(f"{left} calls of the day that was dropped are there")
        return {"quiet": quiet, "dropping": self.read("filled", busy.communicate()[0]), "took_s": took}

    def measure(self, rounds, seconds):
        results = {"fill": self.fill(), "reports": self.reports(), "admissions": self.admissions(rounds, seconds),
                   "seals": self.seals()}
        rate = median([run["rate"] for run in results["admissions"]["filled"]])
        results["drop"] = self.drop(rate, max(15, 3 * seconds))
        return results


def report(results, ledger, rounds, seconds, postgres_version, machine):
    fill, drop, seals = results["fill"], results["drop"], results["seals"]
    rates = {name: median([run["rate"] for run in runs]) for name, runs in results["admissions"].items()}
    lines = [
        HEADING, "",
        f"Written by `Benchmarks/run --only ledger --rows {ledger.rows} --days {ledger.days} --users {ledger.users}`.", "",
        f"- {machine}",
        f"- PostgreSQL {postgres_version}, " + ", ".join(f"{name} = {value}" for name, value in SETTINGS.items())
        + ", all else as delivered (fsync on)",
        f"- {fill['calls']:,} calls and {fill['settlements']:,} settlements of {ledger.users:,} users over {ledger.days} days"
        f" ({fill['bytes'] / 1e9:.0f} GB), made by `sluice bench fill` at {fill['rate']:,} rows/s, summed up in"
        f" {fill['roll_up_s'] / ledger.days:.1f} s a day",
        "- *cold*: the first question after a restart of the server (the system's cache is warm); *warm*: the same again",
        f"- spend is the median of {USERS_ASKED} users, the heaviest among them; admissions are medians of {rounds} rounds of about"
        f" {seconds} s, both databases in turn, 256 in flight", "",
        "| report | cold ms | warm ms | slowest ms | aim |", "|---|---:|---:|---:|---|"]
    for name, row in results["reports"].items():
        aim = "≤ 100 ms" if name.startswith("spend") else "≤ 2,000 ms"
        lines.append(f"| {name} | {row['cold_ms']:.1f} | {row['warm_ms']:.1f} | {row['slowest_ms']:.1f} | {aim} |")
    lines += [
        "", "| what | figure | aim |", "|---|---:|---|",
        f"| admissions/s beside {ledger.days} full days | {rates['filled']:,.0f} | |",
        f"| admissions/s beside an empty ledger | {rates['empty']:,.0f} | |",
        f"| full / empty | {rates['filled'] / rates['empty']:.2f} | ≥ 0.9 |",
        f"| longest admission at full load, nothing else | {drop['quiet']['max_ms']:.0f} ms | |",
        f"| longest admission at full load, while a day is dropped | {drop['dropping']['max_ms']:.0f} ms | ≤ quiet + 100 ms |",
        f"| the drop itself (`sluice partitions drop`), under that load | {drop['took_s'] * 1_000:.0f} ms | |",
        f"| sealing a million rows | {seals['seal_s']:.1f} s | |",
        f"| verifying a million rows | {seals['verify_s']:.1f} s | |"]
    return "\n".join(lines) + "\n"
