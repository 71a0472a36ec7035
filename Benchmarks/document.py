"""docs/performance.md: sections, each written anew when what it tells was measured, the others left as they are."""
import re

import curves
import gateway
import ledger
import table
from servers import HERE, ROOT

DOCUMENT = ROOT / "docs/performance.md"
TITLE = "# Performance"
SLOWER = "## Where Sluice is slower"
ANALYSIS = HERE / "analysis.md"
FIGURES = "## All figures"
SOAK = "## Soak"


def split(text):
    """Heading → section."""
    parts = re.split(r"^(?=#{1,2} )", text, flags=re.MULTILINE)
    return {part.splitlines()[0]: part for part in parts if part.strip()}


def write(new):
    old = split(DOCUMENT.read_text() if DOCUMENT.exists() else "")
    analysis = split(ANALYSIS.read_text())
    order = [TITLE, SLOWER, *analysis, curves.HEADING, FIGURES, ledger.HEADING, gateway.HEADING, SOAK]
    if TITLE not in new:
        # Sections that nobody knows any more go with the next comparison.
        order[1:1] = [heading for heading in old if heading not in order]
    sections = old | analysis | new
    DOCUMENT.write_text("\n".join(sections[heading].strip() + "\n" for heading in order if heading in sections))


def full_ledger():
    """The section about it as it stands."""
    return split(DOCUMENT.read_text()).get(ledger.HEADING, "") if DOCUMENT.exists() else ""


def comparison(results, names, rounds, seconds, facts):
    """Heading → section, for the comparison with the peers."""
    title = [
        TITLE, "", "Written by `Benchmarks/run`; run it again to get your own.", "", *facts,
        "- all as delivered: fsync and synchronous_commit on; Redis keeps nothing on disk but where `appendfsync always` is",
        "  named; `redis-benchmark` without pipelining. Databases and Redis over unix sockets, HTTP over the loopback",
        f"- medians of {rounds} round{'s' if rounds > 1 else ''} of about {seconds} s each, all systems in turn in every round; a",
        "  ratio is the median of the rounds' ratios, with the least and the greatest behind it. The load generators share",
        "  the cores with the servers", "",
        "Redis runs the exact sliding log as a Lua script, and does not rewrite its log meanwhile. Sluice's admissions are",
        "committed rows of the ledger when the caller gets its answer; its refusals come from the cache of the process.",
        "`GET /healthz` passes the same middleware at the server's edge, without a key or a body. LiteLLM asks for no key.",
        "Of every system it is checked that it decided what it should: a call that failed, or went through unchecked, voids",
        "the run.", "",
        *table.table(results, names, full_ledger()), "",
        "Where several conditions were tried, the best one counts: INSERT over 16, 64 and 256 connections; batches",
        f"{table.BATCH_TEXT}, of distinct users, dealt out beforehand; reading",
        f"them from a table takes {table.reading(results)} of the time at most."]
    figures = [FIGURES, "", "pgbench gives an average in place of the median; of the SQL function it is that of a batch.", "", *table.figures(results)]
    return {TITLE: "\n".join(title), SLOWER: "\n".join([SLOWER, "", *table.slower(results, names)]),
            FIGURES: "\n".join(figures)}
