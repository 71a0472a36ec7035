# shellcheck shell=bash
# What compose-check does with the running services. Sourced by bin/compose-check, which sets `root`, `work` and `client`.

address=http://127.0.0.1:8080

fail() {
    say "FAILED: $*"
    compose ps >&2 || true
    compose logs --tail 15 >&2 || true
    exit 1
}

compose() {
    "$client/bin/podman-compose" --env-file "$work/env" --file "$root/docker-compose.yml" "$@"
}

container() { podman ps --all --quiet --filter "label=com.docker.compose.service=$1" --filter label=io.podman.compose.project=sluice; }

# eventually SECONDS COMMAND...: waits until it succeeds.
eventually() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

is_healthy() { podman healthcheck run "$(container "$1")"; }
secret() { sed -n "s/^$1=//p" "$work/env"; }
random_user() { cat /proc/sys/kernel/random/uuid; }

sql() {
    podman exec "$(container postgres)" psql --no-psqlrc --quiet --tuples-only --no-align --username postgres --dbname sluice --command "$1"
}

# admit USER [KEY]: prints the status; the answer is in the files body and headers.
admit() {
    curl --silent --max-time 10 --noproxy '*' --output "$work/body" --dump-header "$work/headers" --write-out '%{http_code}' \
        --header "Authorization: Bearer ${2:-$(secret SLUICE_SERVICE_KEYS)}" --header 'Content-Type: application/json' \
        --data "{\"user\":\"$1\"}" "$address/v1/admit" || true
}

# counted USER: as admit, and writes down that the call was let through, for the sum at the end.
counted() {
    local status
    status=$(admit "$1")
    echo "$status $(grep -o '"mode":"[a-z]*"' "$work/body" || true)" >>"$work/calls"
    echo "$status"
}

let_through() { grep -c '^200' "$work/calls" || true; }
has_all_rows() { [ "$(sql 'SELECT count(*) FROM sluice.calls')" -ge "$(let_through)" ]; }

# call_until FILE: one call after the other, each of another user, until the file is there.
call_until() {
    until [ -e "$1" ]; do
        counted "$(random_user)" >/dev/null
    done
}

# during COMMAND...: runs it while calls are made, and prints how many of them were not let through.
during() {
    local before
    rm -f "$work/enough"
    before=$(wc -l <"$work/calls")
    call_until "$work/enough" &
    local caller=$!
    "$@" || { touch "$work/enough"; wait "$caller"; fail "$*"; }
    touch "$work/enough"
    wait "$caller"
    tail -n "+$((before + 1))" "$work/calls" >"$work/last"
    grep -vc '^200' "$work/last" || true
}

check_image() {
    step "the image itself"
    local image=localhost/sluice:checked size
    [ "$(podman image inspect --format '{{.User}}' $image)" = 10001:10001 ] || fail "the image runs as another account"
    podman image inspect $image | grep -q '"/usr/local/bin/sluice",' || fail "the image has no entry point of its own"
    podman image inspect $image | grep -q '"Healthcheck"' || fail "the image has no health check"
    size=$(podman image inspect --format '{{.Size}}' $image)
    say "size: $((size / 1000000)) MB"
    [ "$size" -lt 350000000 ] || fail "the image is larger than 350 MB"
    podman run --rm --read-only --cap-drop ALL --network none $image version >&2 || fail "the image does not run closed off"
    if podman run --rm --network none --entrypoint /bin/sh $image -c 'command -v cc swift git curl apt-key' >&2; then
        fail "the image carries tools"
    fi
    # Every library is there, and what is missing besides is said, not crashed on.
    podman run --rm --network none $image serve >"$work/output" 2>&1 && fail "it serves without a key"
    grep -q 'no key is configured' "$work/output" || fail "$(cat "$work/output")"
}

start() {
    step "the services"
    compose config >"$work/config" || fail "docker-compose.yml is not understood"
    local name
    for name in POSTGRES_PASSWORD SLUICE_MIGRATOR_PASSWORD SLUICE_SERVICE_PASSWORD SLUICE_SERVICE_KEYS; do
        ! grep -q "$(secret $name)" "$root/docker-compose.yml" "$root/deploy" -r || fail "a secret is in the files"
    done
    # One after the other, as `depends_on` says: this engine may be too old to wait for health checks.
    compose up --detach --no-build --no-deps postgres >&2
    eventually 90 is_healthy postgres || fail "PostgreSQL does not become healthy"
    compose up --detach --no-build --no-deps migrate >&2
    [ "$(podman wait "$(container migrate)")" = 0 ] || fail "the migration job failed"
    compose up --detach --no-build --no-deps replica-1 replica-2 replica-3 balancer >&2
    for name in replica-1 replica-2 replica-3; do
        eventually 60 is_healthy $name || fail "$name does not become ready"
    done
    eventually 30 curl --silent --fail --noproxy '*' "$address/healthz" || fail "the load balancer does not answer"
}

check_limit() {
    step "the limit, over all replicas"
    local user status refused=0 wait
    user=$(random_user)
    for _ in 1 2 3 4 5; do
        status=$(counted "$user")
        [ "$status" = 200 ] || fail "a call within the limit got $status: $(cat "$work/body")"
    done
    for _ in 1 2 3 4 5 6 7 8 9; do
        [ "$(admit "$user")" = 429 ] || fail "a call above the limit was not refused: $(cat "$work/body")"
        wait=$(sed -n 's/^retry-after: \([0-9]*\)\r$/\1/ip' "$work/headers")
        if [ "${wait:-0}" -lt 1 ] || [ "$wait" -gt 3600 ]; then fail "Retry-After is '$wait'"; fi
        refused=$((refused + 1))
    done
    [ "$(admit "$user" "$(openssl rand -hex 32)")" = 401 ] || fail "a wrong key was let in"
    [ "$(curl --silent --noproxy '*' --output /dev/null --write-out '%{http_code}' "$address/metrics")" = 404 ] ||
        fail "/metrics can be reached from outside"
    during sleep 2 >/dev/null
    local replicas
    replicas=$(sql 'SELECT count(DISTINCT replica) FROM sluice.calls')
    [ "$replicas" = 3 ] || fail "calls reached $replicas replicas, not 3"
    say "5 admitted, $refused refused; then $(let_through) by 3 replicas"
}

# The role of the service may call functions, and read and write nothing.
check_privileges() {
    step "the service's role"
    local answer
    answer=$(podman exec --env PGPASSWORD="$(secret SLUICE_SERVICE_PASSWORD)" "$(container postgres)" psql --no-psqlrc --host 127.0.0.1 \
        --username service --dbname sluice --command 'SELECT count(*) FROM sluice.calls' 2>&1) && fail "it reads the ledger"
    [[ $answer == *"permission denied"* ]] || fail "$answer"
    [ "$(sql "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'sluice'")" = sluice_owner ] ||
        fail "the schema belongs to another role"
}

crash() { kill -KILL "$(podman inspect --format '{{.State.Pid}}' "$(container "$1")")"; }

# Whether the load balancer gives it calls.
serves() {
    [ "$(sql "SELECT count(*) FROM sluice.calls WHERE replica LIKE '$1:%' AND admitted_at > clock_timestamp() - interval '1 s'")" -gt 0 ]
}

crash_and_return() { crash "$1" && sleep 1 && eventually 60 serves "$1"; }

stop_and_start() { compose stop "$1" >&2 && sleep 1 && compose start "$1" >&2 && eventually 60 serves "$1"; }

hang_and_return() {
    podman pause "$(container "$1")" >&2 && sleep 8 && podman unpause "$(container "$1")" >&2 && eventually 60 serves "$1"
}

check_replicas() {
    step "a replica is killed, and returns"
    local failed
    failed=$(during crash_and_return replica-2)
    say "$(wc -l <"$work/last") calls meanwhile, $failed without an answer"
    # Whoever was at this replica at that moment, one call after the other: one.
    [ "$failed" -le 1 ] || fail "$failed calls failed: $(sort "$work/last" | uniq -c)"
    step "a replica is stopped and started, as in a release"
    failed=$(during stop_and_start replica-3)
    say "$(wc -l <"$work/last") calls meanwhile, $failed without an answer"
    [ "$failed" = 0 ] || fail "$failed calls failed: $(sort "$work/last" | uniq -c)"
    step "a replica hangs"
    failed=$(during hang_and_return replica-1)
    say "$(wc -l <"$work/last") calls meanwhile, $failed without an answer"
    [ "$failed" = "$(grep -c '^504' "$work/last" || true)" ] || fail "others than 504: $(sort "$work/last" | uniq -c)"
    ! grep -q unchecked "$work/calls" || fail "calls went unchecked though the database was there"
}

outage() {
    crash postgres
    podman stop --time 0 "$(container postgres)" >/dev/null
    sleep 5
    # The journal is what the replica's volume is for.
    crash replica-1
    sleep 1
    eventually 60 is_healthy replica-1
    sleep 3
}

are_enforced() { [ "$(tail -n 20 "$work/calls" | grep -c enforced)" = 20 ]; }

return_of_database() { compose start postgres >&2 && eventually 90 is_healthy postgres && eventually 60 are_enforced; }

check_outage() {
    step "the database is killed"
    local failed unchecked
    failed=$(during outage)
    unchecked=$(grep -c unchecked "$work/last" || true)
    say "$(wc -l <"$work/last") calls meanwhile, $unchecked unchecked, $failed without an answer"
    [ "$failed" -le 1 ] || fail "$failed calls failed: $(sort "$work/last" | uniq -c)"
    [ "$unchecked" -gt 0 ] || fail "no call went unchecked"
    [ "$(admit "$(random_user)" "$(openssl rand -hex 32)")" = 401 ] || fail "a wrong key was let in"
    is_healthy replica-2 || fail "a replica without its database left the load balancer"
    step "the database returns"
    failed=$(during return_of_database)
    say "$(wc -l <"$work/last") calls meanwhile, $failed without an answer"
    [ "$failed" = 0 ] || fail "$failed calls failed: $(sort "$work/last" | uniq -c)"
    eventually 60 has_all_rows || fail "$(let_through) calls let through, $(sql 'SELECT count(*) FROM sluice.calls') rows"
}

# Each call that was let through is one row; the few that were under way when a replica was killed may be rows too.
check_ledger() {
    step "the ledger"
    local rows lost
    rows=$(sql 'SELECT count(*) FROM sluice.calls')
    lost=$(grep -vc '^200' "$work/calls" || true)
    say "$(let_through) calls let through, $lost without an answer, $rows rows, $(sql "SELECT count(*) FROM sluice.calls WHERE mode = 'unchecked'") of them unchecked"
    if [ "$rows" -lt "$(let_through)" ] || [ "$rows" -gt "$(($(let_through) + lost))" ]; then
        fail "rows and calls differ"
    fi
}

tear_down() {
    step "the end"
    compose down --volumes --timeout 20 >&2
    [ -z "$(podman ps --all --quiet)" ] || fail "containers are left"
    [ -z "$(podman volume ls --quiet)" ] || fail "volumes are left"
}

run_scenario() {
    : >"$work/calls"
    check_image
    start
    check_limit
    check_privileges
    check_replicas
    check_outage
    check_ledger
    tear_down
    say "compose-check: all of it passed after $SECONDS s"
}
