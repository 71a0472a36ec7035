import CoreMetrics

/// What a pool reports, each with the label `pool`:
///
/// - `postgres_pool_connections_open`, `…_idle`, `…_leased`: gauges; open = idle + leased (or being settled).
/// - `postgres_pool_connections_connecting`: a gauge.
/// - `postgres_pool_waiting`: a gauge, callers that wait for a connection.
/// - `postgres_pool_acquire_duration`: a timer, from the request to the connection, failures included.
/// - `postgres_pool_connect_failures_total`: a counter.
struct PostgresPoolMetrics: Sendable {
    private let open: Gauge
    private let idle: Gauge
    private let leased: Gauge
    private let connecting: Gauge
    private let waiting: Gauge
    private let acquireDuration: Timer
    private let connectFailures: Counter

    init(pool name: String) {
        let labels = [("pool", name)]
        open = Gauge(label: "postgres_pool_connections_open", dimensions: labels)
        idle = Gauge(label: "postgres_pool_connections_idle", dimensions: labels)
        leased = Gauge(label: "postgres_pool_connections_leased", dimensions: labels)
        connecting = Gauge(label: "postgres_pool_connections_connecting", dimensions: labels)
        waiting = Gauge(label: "postgres_pool_waiting", dimensions: labels)
        acquireDuration = Timer(label: "postgres_pool_acquire_duration", dimensions: labels)
        connectFailures = Counter(label: "postgres_pool_connect_failures_total", dimensions: labels)
    }

    func record(_ counts: PoolMachine.Counts) {
        open.record(counts.open)
        idle.record(counts.idle)
        leased.record(counts.leased)
        connecting.record(counts.connecting)
        waiting.record(counts.waiting)
    }

    func acquired(after duration: Duration) {
        let (seconds, attoseconds) = duration.components
        acquireDuration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    func connectFailed() { connectFailures.increment() }
}
