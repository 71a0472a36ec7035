import Glibc

/// Draws from a fixed distribution in constant time (Vose's alias method, 1991).
struct AliasTable {
    private var keeps: [Double]
    private var alias: [Int32]

    /// - Parameter weights: of each outcome, positive, at most 2^31 of them.
    init(weights: [Double]) {
        let mean = weights.reduce(0, +) / Double(weights.count)
        keeps = weights.map { $0 / mean }
        alias = (0..<weights.count).map(Int32.init)
        var small: [Int32] = []
        var large: [Int32] = []
        for index in keeps.indices {
            if keeps[index] < 1 { small.append(Int32(index)) } else { large.append(Int32(index)) }
        }
        while let less = small.popLast() {
            guard let more = large.last else { break }
            alias[Int(less)] = more
            keeps[Int(more)] -= 1 - keeps[Int(less)]
            if keeps[Int(more)] < 1 {
                large.removeLast()
                small.append(more)
            }
        }
    }

    /// A few use most of it: the weight of the one in place n is 1 / (n + 10)^0.9, after Zipf and Mandelbrot.
    static func zipf(count: Int) -> AliasTable {
        AliasTable(weights: (0..<count).map { 1 / pow(Double($0) + 10, 0.9) })
    }

    func draw(_ random: inout FillRandom) -> Int {
        let index = random.below(keeps.count)
        return random.unit() < keeps[index] ? index : Int(alias[index])
    }
}
