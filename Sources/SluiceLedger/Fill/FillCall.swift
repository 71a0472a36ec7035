/// A call that is asked for: whose, of which model, and at which attempt.
struct FillCall {
    /// Places in the generator's lists.
    let user: Int32
    let model: Int32
    /// The same for all attempts.
    let logicalID: (UInt64, UInt64)
    var attempt: Int16 = 0
}
