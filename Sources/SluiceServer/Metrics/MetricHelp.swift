public import PrometheusMetrics

extension PrometheusConfiguration {
    /// The help texts of the service's metrics, those of its connections to PostgreSQL included.
    public static let sluice = PrometheusConfiguration(help: [
        "sluice_decisions_total": "Calls decided, by outcome and policy.",
        "sluice_decision_duration_seconds": "Time from a call's arrival to its decision, by outcome.",
        "sluice_batch_calls": "Calls in each batch sent to the database.",
        "sluice_batch_duration_seconds": "Time the database took for a batch.",
        "sluice_queued_calls": "Calls that stayed in the queue when the last batch was sent.",
        "sluice_store_errors_total": "Times that the database did not decide a call, by kind of error.",
        "sluice_breaker_state": "1 for the state that the circuit breaker is in, 0 for the others.",
        "sluice_breaker_transitions_total": "Changes of the circuit breaker's state, by the new state.",
        "sluice_breaker_forced": "1 while an operator forces the circuit breaker open or closed, by mode.",
        "sluice_journal_records": "Calls in the journal that wait for their rows.",
        "sluice_journal_bytes": "Bytes of the journal that hold them.",
        "sluice_journal_oldest_seconds": "Age of the oldest call in the journal; 0 when none waits.",
        "sluice_journal_recorded_total": "Calls written to the journal.",
        "sluice_journal_replayed_total": "Calls brought from the journal to the database, by outcome.",
        "sluice_journal_lost_total": "Calls let through that will get no row, by reason.",
        "sluice_journal_refused_total": "Calls turned away because the journal could not take them, by reason.",
        "sluice_journal_set_aside_total": "Segments of the journal that were set aside for a person to look at.",
        "sluice_journal_sync_seconds": "Time that writing and syncing a group of calls took.",
        "sluice_http_requests_total": "HTTP requests answered, by method, route and status.",
        "sluice_http_request_duration_seconds": "Time from a request's head to its answer, by route.",
        "postgres_pool_connections_open": "Connections to PostgreSQL that are open, by pool.",
        "postgres_pool_connections_idle": "Open connections that nobody uses, by pool.",
        "postgres_pool_connections_leased": "Open connections in use, by pool.",
        "postgres_pool_connections_connecting": "Connections being opened, by pool.",
        "postgres_pool_waiting": "Callers that wait for a connection, by pool.",
        "postgres_pool_acquire_duration": "Seconds from asking for a connection to having it, by pool.",
        "postgres_pool_connect_failures_total": "Connections that could not be opened, by pool.",
        "ratelimit_service_rate_limit_total_hits": "Weight that was asked for, by policy.",
        "ratelimit_service_rate_limit_within_limit": "Weight that was let through, by policy.",
        "ratelimit_service_rate_limit_near_limit": "Weight that was let through beyond 80 % of a limit, by policy.",
        "ratelimit_service_rate_limit_over_limit": "Weight that was refused, by policy.",
    ])
}
