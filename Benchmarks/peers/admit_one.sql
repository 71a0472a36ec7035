\set user random(0, 99999)
SELECT sluice.admit_one(('51510000-0000-4000-0000-' || lpad(to_hex(:user::bigint), 12, '0'))::uuid, gen_random_uuid(), false, 1, NULL, NULL, NULL, '{1000000}', '{3600000000}', 1, 'bench');
