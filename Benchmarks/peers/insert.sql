INSERT INTO floor (user_id, call_id) VALUES (gen_random_uuid(), gen_random_uuid());
