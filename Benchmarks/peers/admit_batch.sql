\set class :client_id + :clients * random(0, :classes / :clients - 1)
\set batch :class + :classes * random(0, :batches - 1)
SELECT count(*) FROM batches AS b CROSS JOIN LATERAL sluice.admit_batch(b.users, b.calls, NULL, b.weights, NULL, NULL, NULL, '{1000000}', '{3600000000}', 1, 'bench') AS d WHERE b.id = :batch;
