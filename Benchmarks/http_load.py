"""`POST /v1/admit` of a replica, driven by wrk, and its memory meanwhile."""
import json

from memory import Memory
from servers import HERE, find, sh

CONNECTIONS = 64
USERS = 100_000
# The least that the server does for an answer in JSON: the edge's middleware and a constant.
CONSTANT = "/healthz"


def wrk(stand, seconds, *words):
    out = sh(find("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(HERE / "peers/admit.lua"),
             f"http://127.0.0.1:{stand.replica.port}", "--", stand.service_key, str(USERS), *words)
    answer = json.loads(out.strip().splitlines()[-1])
    if answer["failed"] or not answer["answers"]:
        raise SystemExit(f"wrk: {answer['failed']} calls failed; the figures are void: {answer}")
    return answer


def admitted(stand, seconds):
    """All of them, each in the ledger as enforced before its answer."""
    stand.ready()
    with stand.enforcing() as counts, Memory(stand.replica.process.pid, pause=min(1, seconds / 5)) as memory:
        answer = wrk(stand, seconds)
        counts.append(answer["answers"])
    return {**answer, "rss_mib": [size for _, size, _ in memory.curve]}


def constant(stand, seconds):
    stand.ready()
    return wrk(stand, seconds, CONSTANT)
