import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// `sluice health`
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask the replica that listens here whether it is alive; what a container's health check runs.",
        discussion: "Exits with 1 when it is not, or does not answer within 5 seconds.")

    @Flag(help: "Ask whether it belongs in the load balancer, instead.") var ready = false
    @OptionGroup(title: "Settings") var settings: SettingOptions

    func run() async throws {
        try await reportingErrors {
            let configuration = try settings.load().configuration
            guard configuration.listenPort != 0 else {
                throw CommandError(.usage, "\(Setting.listenPort.variable) = 0 is any free port: say which one to ask")
            }
            let url = Self.url(
                host: configuration.listenHost, port: configuration.listenPort, path: ready ? "/readyz" : "/healthz")
            do {
                return try await Self.ask(url)
            } catch {
                let reason = (error as? HTTPClientError)?.shortDescription ?? "\(error)"
                Terminal.printError("sluice: \(url) does not answer: \(reason)")
                return .checkFailed
            }
        }
    }

    /// A replica that listens on every address of the machine is asked on loopback.
    static func url(host: String, port: Int, path: String) -> String {
        let reached =
            switch host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: host
            }
        return "http://\(reached.contains(":") ? "[\(reached)]" : reached):\(port)\(path)"
    }

    private static func ask(_ url: String) async throws -> CommandStatus {
        let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
        let body = try await answer.body.collect(upTo: 64 * 1_024)
        Terminal.print(String(buffer: body))
        return answer.status == .ok ? .success : .checkFailed
    }
}
