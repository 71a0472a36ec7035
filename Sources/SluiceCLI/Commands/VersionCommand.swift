import ArgumentParser

/// `sluice version`
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() async {
        Terminal.print("sluice \(SluiceVersion.text)")
    }
}

/// The version of this program.
enum SluiceVersion {
    static let text = "0.1.0"
}
