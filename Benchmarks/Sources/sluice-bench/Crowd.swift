import Sluice

/// The users who call.
struct Crowd: Sendable {
    let users: Int
    /// The first so many make `hotShare` of all calls, beside their part of the rest.
    var hotUsers = 0
    var hotShare = 0.0
    /// The common half of their ids.
    var half: UInt64 = 0x5151_0000_0000_4000

    func next(_ numbers: inout SplitMix64) -> UserID {
        let isHot = hotShare > 0 && Double.random(in: 0..<1, using: &numbers) < hotShare
        let low = UInt64.random(in: 0..<UInt64(isHot ? hotUsers : users), using: &numbers)
        return UserID(bits: UUIDBits(high: half, low: low))
    }
}
