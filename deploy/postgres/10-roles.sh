#!/usr/bin/env bash
# Run by the image of PostgreSQL when its volume is empty: who migrates, who serves. Neither is a superuser.
set -euo pipefail

# The passwords come from the environment, not from arguments, which every process could see.
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv migrator SLUICE_MIGRATOR_PASSWORD
\getenv service SLUICE_SERVICE_PASSWORD
CREATE ROLE sluice_owner NOLOGIN;
CREATE ROLE sluice_app NOLOGIN;
CREATE ROLE sluice_audit NOLOGIN;
CREATE ROLE migrator LOGIN PASSWORD :'migrator' IN ROLE sluice_owner;
CREATE ROLE service LOGIN PASSWORD :'service' IN ROLE sluice_app;
SELECT current_database() AS database \gset
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO sluice_owner, sluice_app, sluice_audit;
GRANT CREATE ON DATABASE :"database" TO sluice_owner;
SQL
