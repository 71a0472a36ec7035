import ArgumentParser
import Glibc

/// The whole program: reads the command line, runs the command, and exits with a documented code.
public enum SluiceProgram {
    public static func main() async {
        // Whoever reads our log may end before us; that must not end the service.
        signal(SIGPIPE, SIG_IGN)
        // An operator's signal to a replica that is only starting must not end it either.
        BreakerSwitch.ignoreSignals()
        await SluiceCommand.main()
    }
}
