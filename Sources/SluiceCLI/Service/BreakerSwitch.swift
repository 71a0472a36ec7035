import Glibc
import ServiceLifecycle
import SluiceCore
import UnixSignals

/// Lets an operator force the breaker by signal: SIGUSR1 open, SIGUSR2 closed; the same signal again makes it automatic.
struct BreakerSwitch: Service {
    let breaker: CircuitBreaker

    /// Until somebody listens the signals would end the process.
    static func ignoreSignals() {
        signal(SIGUSR1, SIG_IGN)
        signal(SIGUSR2, SIG_IGN)
    }

    func run() async {
        let signals = await UnixSignalsSequence(trapping: .sigusr1, .sigusr2)
        await cancelWhenGracefulShutdown {
            for await signal in signals {
                breaker.mode = Self.toggled(breaker.mode, by: signal == .sigusr1 ? .forcedOpen : .forcedClosed)
            }
        }
    }

    static func toggled(_ mode: Breaker.Mode, by wanted: Breaker.Mode) -> Breaker.Mode {
        mode == wanted ? .automatic : wanted
    }
}
