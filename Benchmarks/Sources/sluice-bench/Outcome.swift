import Sluice

/// What came of one call.
enum Outcome: Sendable {
    case admitted, refused, unchecked

    init(_ decision: Decision) {
        switch decision {
        case .admitted(let admission) where admission.mode == .enforced: self = .admitted
        case .admitted: self = .unchecked
        case .refused, .neverFits: self = .refused
        }
    }
}
