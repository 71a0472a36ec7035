/// An answer of a ``ScriptedUpstream``: what is sent, in pieces. Pure.
struct UpstreamPlan: Sendable {
    var status = 200
    var headers: [(name: String, value: String)] = []
    var isStream = false
    /// Sent at once, before the first piece.
    var before: [String] = []
    var count = 0
    /// The pieces, which the script counts, gates and cuts.
    var piece: @Sendable (Int) -> String = { _ in "" }
    /// Sent at once, after the last piece.
    var after: [String] = []

    /// A whole body: two pieces, its halves.
    static func whole(_ body: String, status: Int = 200) -> UpstreamPlan {
        let middle = body.index(body.startIndex, offsetBy: body.count / 2)
        let halves = [String(body[..<middle]), String(body[middle...])]
        return UpstreamPlan(
            status: status, headers: [("content-type", "application/json")], count: 2, piece: { halves[$0] })
    }

    /// Server-sent events: each a name, if any, and data.
    static func events(
        before: [String], count: Int, piece: @escaping @Sendable (Int) -> String, after: [String]
    ) -> UpstreamPlan {
        UpstreamPlan(
            headers: [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache")],
            isStream: true, before: before, count: count, piece: piece, after: after)
    }

    /// Bytes of all pieces of an answer that is not a stream.
    var length: Int { (0..<count).reduce(0) { $0 + piece($1).utf8.count } }
}
