import Benchmark

/// All of them: the library makes a program that runs what is registered here.
let benchmarks: @Sendable () -> Void = {
    measurePath()
    measureIDs()
    measureWire()
    measureHTTP()
    measureJournal()
    measureMetrics()
    measureIdentity()
}
