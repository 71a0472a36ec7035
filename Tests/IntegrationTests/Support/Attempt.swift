import Glibc
import SluiceCore

/// One call as its caller saw it, by the wall clock of this machine, which is the database's too.
struct Attempt: Sendable {
    let user: UserID
    let weight: Int64
    let sentAt: Timestamp
    let receivedAt: Timestamp
    let status: Int
    /// What was answered: of an admission the call id, of a refusal the wait.
    let callID: CallID?
    let retryAfter: Duration?

    /// - Throws: what the connection does.
    static func make(_ client: ReplicaClient, _ user: UserID, weight: Int64) async throws -> Attempt {
        let sentAt = now
        let answer = try await client.admit(user, weight: weight)
        let receivedAt = now
        let body = try answer.body
        return Attempt(
            user: user, weight: weight, sentAt: sentAt, receivedAt: receivedAt, status: answer.status,
            callID: body.callID.flatMap { CallID($0) }, retryAfter: body.retryAfterMS.map { .milliseconds($0) })
    }

    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
