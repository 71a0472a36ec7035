#!/usr/bin/env bash
# What compose-check's stand-in for the image of PostgreSQL starts: that part of the real one's entry point that docker-compose.yml uses.
set -euo pipefail

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
export POSTGRES_USER=$user POSTGRES_DB=$database

if [ "$(id -u)" -eq 0 ]; then
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    install -d -o postgres -g postgres -m 3775 /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:?}") --auth-host=scram-sha-256 >/dev/null
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    # Nobody but the scripts below reaches this one.
    pg_ctl --silent --wait --options "-c listen_addresses=''" start
    createdb --username="$user" "$database"
    for script in /docker-entrypoint-initdb.d/*.sh; do
        [ ! -e "$script" ] || "$script"
    done
    pg_ctl --silent --wait --mode fast stop
fi
exec "$@"
