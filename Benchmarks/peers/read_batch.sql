\set class :client_id + :clients * random(0, :classes / :clients - 1)
\set batch :class + :classes * random(0, :batches - 1)
SELECT count(*) FROM batches AS b CROSS JOIN LATERAL unnest(b.users, b.calls, b.supplied, b.weights, b.texts) AS d WHERE b.id = :batch;
