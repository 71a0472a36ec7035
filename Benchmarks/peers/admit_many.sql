\set class :client_id + :clients * random(0, :classes / :clients - 1)
\set batch :class + :classes * random(0, :batches - 1)
SELECT count(*) FROM batches AS b CROSS JOIN LATERAL sluice.admit_many(b.users, b.calls, b.supplied, b.weights, b.texts, b.texts, b.origins, '{1000000}', '{3600000000}', 1, 'bench') AS d WHERE b.id = :batch;
