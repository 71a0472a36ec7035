-- API keys. Of a key only its SHA-256 is kept: it has 160 random bits or more, so the digest cannot be guessed back.
-- Locks: none that anybody waits for; everything here is new.

CREATE TABLE sluice.api_keys (
    key_id       uuid        NOT NULL DEFAULT sluice.new_call_id(),
    digest       bytea       NOT NULL,
    prefix       text        NOT NULL,
    name         text,
    user_id      uuid        NOT NULL,
    role         text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT sluice.clock(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (key_id),
    CONSTRAINT api_keys_digest_unique UNIQUE (digest),
    CONSTRAINT api_keys_digest_is_sha256 CHECK (octet_length(digest) = 32),
    CONSTRAINT api_keys_prefix_in_range CHECK (prefix ~ '^[!-~]{1,32}$'),
    CONSTRAINT api_keys_name_in_range CHECK (length(name) BETWEEN 1 AND 128),
    CONSTRAINT api_keys_role_known CHECK (role IN ('admin', 'operator', 'readonly', 'agent', 'service'))
);

COMMENT ON TABLE sluice.api_keys IS 'API keys, for ever: calls in the ledger name them. A key ends by revoked_at or expires_at.';
COMMENT ON COLUMN sluice.api_keys.digest IS 'SHA-256 of the key.';
COMMENT ON COLUMN sluice.api_keys.prefix IS 'The first characters of the key, by which its owner knows it again.';
COMMENT ON COLUMN sluice.api_keys.user_id IS 'Whose window calls with this key count in.';
COMMENT ON COLUMN sluice.api_keys.last_used_at IS 'Within some minutes: replicas write it down now and then.';

CREATE INDEX api_keys_user ON sluice.api_keys (user_id, key_id);

CREATE TRIGGER api_keys_no_delete BEFORE DELETE ON sluice.api_keys
FOR EACH ROW EXECUTE FUNCTION sluice.refuse_change();
CREATE TRIGGER api_keys_no_truncate BEFORE TRUNCATE ON sluice.api_keys
FOR EACH STATEMENT EXECUTE FUNCTION sluice.refuse_change();

-- What the service is told of a key; never its digest.
CREATE TYPE sluice.api_key AS (
    key_id       uuid,
    prefix       text,
    name         text,
    user_id      uuid,
    role         text,
    created_at   timestamptz,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);

CREATE FUNCTION sluice.find_key(digest bytea) RETURNS SETOF sluice.api_key
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
SELECT k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
FROM sluice.api_keys AS k WHERE k.digest = find_key.digest
$$;

COMMENT ON FUNCTION sluice.find_key(bytea) IS 'The key with this SHA-256, also one that is revoked or expired.';

CREATE FUNCTION sluice.create_key(
    digest bytea, prefix text, name text, user_id uuid, role text, lifetime interval DEFAULT NULL
) RETURNS SETOF sluice.api_key
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
INSERT INTO sluice.api_keys AS k (digest, prefix, name, user_id, role, expires_at)
VALUES (digest, prefix, name, user_id, role, sluice.clock() + lifetime)
RETURNING k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
$$;

COMMENT ON FUNCTION sluice.create_key(bytea, text, text, uuid, text, interval) IS 'Keeps a new key. Pass the SHA-256 of the key, which itself is never sent to the database.';

CREATE FUNCTION sluice.list_keys(user_id uuid DEFAULT NULL, before uuid DEFAULT NULL, at_most integer DEFAULT 100)
RETURNS SETOF sluice.api_key
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
SELECT k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
FROM sluice.api_keys AS k
WHERE (list_keys.user_id IS NULL OR k.user_id = list_keys.user_id) AND (before IS NULL OR k.key_id < before)
ORDER BY k.key_id DESC LIMIT least(greatest(at_most, 1), 1000)
$$;

COMMENT ON FUNCTION sluice.list_keys(uuid, uuid, integer) IS 'Keys, newest first: of one user or of all, those made before the key that is named.';

CREATE FUNCTION sluice.revoke_key(key_id uuid) RETURNS SETOF sluice.api_key
LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
UPDATE sluice.api_keys AS k SET revoked_at = coalesce(k.revoked_at, sluice.clock())
WHERE k.key_id = revoke_key.key_id
RETURNING k.key_id, k.prefix, k.name, k.user_id, k.role, k.created_at, k.expires_at, k.revoked_at, k.last_used_at
$$;

COMMENT ON FUNCTION sluice.revoke_key(uuid) IS 'Ends a key for good. Of one that is revoked already the first time stays.';

CREATE FUNCTION sluice.note_key_uses(key_ids uuid[], used_ats timestamptz[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
AS $$
UPDATE sluice.api_keys AS k SET last_used_at = u.at
FROM (
    -- A time of a replica whose clock is ahead is the database's. In the order of the keys, so that two replicas do not
    -- wait for each other in a circle.
    SELECT n.key_id, least(max(n.at), sluice.clock()) AS at
    FROM unnest(key_ids, used_ats) AS n(key_id, at)
    JOIN (SELECT l.key_id FROM sluice.api_keys AS l WHERE l.key_id = ANY (key_ids) ORDER BY l.key_id FOR NO KEY UPDATE)
        AS held USING (key_id)
    GROUP BY n.key_id
) AS u
WHERE k.key_id = u.key_id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)
$$;

COMMENT ON FUNCTION sluice.note_key_uses(uuid[], timestamptz[]) IS 'Notes when keys were last used; never moves a note back.';
