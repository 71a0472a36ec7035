"""What PostgreSQL does without the program: pgbench over a unix socket, prepared statements."""
import re

from servers import HERE, find, sh

USERS = 100_000
# As the library's batches that are under way at once, those of two connections have no user in common: the users are
# dealt out to so many classes, and each of a class's batches holds some of one class, each of them once.
CLASSES = 4
# How often all users are dealt out to batches.
DEALS = 5


def pgbench(postgres, database, script, connections, seconds, **variables):
    out = sh(find("pgbench"), "-h", postgres.folder, "-U", "bench", database, "-n", "-M", "prepared", "-c", str(connections),
             "-j", str(min(2, connections)), "-T", str(seconds), "-f", str(HERE / "peers" / script),
             *[word for name, value in variables.items() for word in ("-D", f"{name}={value}")])
    failed = re.search(r"number of failed transactions: (\d+)", out)
    if failed and int(failed.group(1)):
        raise SystemExit(f"{script}: {failed.group(1)} transactions failed; the figures are void")
    return {"rate": float(re.search(r"tps = ([\d.]+)", out).group(1)),
            "p50_ms": float(re.search(r"latency average = ([\d.]+)", out).group(1)), "p99_ms": None,
            "transactions": int(re.search(r"transactions actually processed: (\d+)", out).group(1))}


def check(found, wanted, what):
    if found != wanted:
        raise SystemExit(f"{what}: {found} rows in place of {wanted}; the figures are void")


def insert(postgres, connections, seconds):
    """One row a transaction."""
    postgres.fresh("floor")
    postgres.psql(
        "CREATE TABLE floor (user_id uuid, at timestamptz DEFAULT clock_timestamp(), call_id uuid, "
        "PRIMARY KEY (user_id, at, call_id))", "floor")
    answer = pgbench(postgres, "floor", "insert.sql", connections, seconds)
    check(int(postgres.psql("SELECT count(*) FROM floor", "floor")), answer["transactions"], "INSERT")
    return answer


def admit_one(postgres, template, connections, seconds):
    """One call a transaction."""
    postgres.fresh("one", template)
    before = rows(postgres, "one")
    answer = pgbench(postgres, "one", "admit_one.sql", connections, seconds)
    share = (rows(postgres, "one") - before) / answer["transactions"]
    # Two connections may meet at one user, whom the second is then told is busy.
    if share < 0.99:
        raise SystemExit(f"admit_one: a share of {share:.3f} was admitted; the figures are void")
    return {**answer, "rate": answer["rate"] * share}


def admit_set(postgres, template, size, connections, seconds):
    """Batches of random users that were made beforehand, through the function that the library asks: `admit_batch`, or
    `admit_many` where the schema has nothing newer. `reading` is the share of the time that fetching them takes."""
    postgres.fresh("many", template)
    is_new = int(postgres.psql("SELECT count(*) FROM pg_proc WHERE proname = 'admit_batch'", "many"))
    script = "admit_batch.sql" if is_new else "admit_many.sql"
    variables = {"batches": batches_of_class(size), "classes": CLASSES, "clients": connections}
    before = rows(postgres, "many")
    answer = pgbench(postgres, "many", script, connections, seconds, **variables)
    added = rows(postgres, "many") - before
    share = added / (answer["transactions"] * size)
    if share < 0.99:
        raise SystemExit(f"{script}: a share of {share:.3f} was admitted; the figures are void")
    reading = pgbench(postgres, "many", "read_batch.sql", connections, 1, **variables)
    return {**answer, "rate": answer["rate"] * size * share, "reading": answer["rate"] / reading["rate"]}


def rows(postgres, database):
    return int(postgres.psql("SELECT count(*) FROM sluice.calls", database))


def batches_of_class(size):
    return DEALS * (USERS // CLASSES // size)


def batches(size):
    """The table of batches for a template."""
    per_deal = USERS // CLASSES // size
    return f"""
        CREATE TABLE batches (id integer PRIMARY KEY, users uuid[], calls uuid[], supplied boolean[], weights bigint[],
            texts text[], origins sluice.call_origin[]);
        ALTER TABLE batches ALTER users SET STORAGE EXTERNAL, ALTER calls SET STORAGE EXTERNAL;
        INSERT INTO batches
        SELECT s.class + {CLASSES} * ((s.deal - 1) * {per_deal} + s.place / {size}),
            array_agg(('51510000-0000-4000-0000-' || lpad(to_hex(s.u), 12, '0'))::uuid),
            array_agg(gen_random_uuid()), array_fill(false, ARRAY[{size}]), array_fill(1::bigint, ARRAY[{size}]),
            array_fill(NULL::text, ARRAY[{size}]), array_fill(NULL::sluice.call_origin, ARRAY[{size}])
        FROM (
            SELECT deal, u, u % {CLASSES} AS class, row_number() OVER (PARTITION BY deal, u % {CLASSES} ORDER BY random()) - 1 AS place
            FROM generate_series(1, {DEALS}) AS deal, generate_series(0, {USERS - 1}) AS u
        ) AS s WHERE s.place < {per_deal * size} GROUP BY 1;
        VACUUM ANALYZE batches"""
