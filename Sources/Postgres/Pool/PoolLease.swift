/// A connection that the pool has lent to one task.
struct PoolLease: Sendable {
    let id: PoolMachine.ConnectionID
    let connection: PostgresConnection
}
