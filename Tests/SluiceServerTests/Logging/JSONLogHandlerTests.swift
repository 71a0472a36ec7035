import Foundation
import Logging
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct JSONLogHandlerTests {
    private func line(_ handler: JSONLogHandler, metadata: Logger.Metadata? = nil, error: (any Error)? = nil) -> String
    {
        let event = LogEvent(
            level: .warning, message: "breaker opened", error: error, metadata: metadata, source: nil, file: #fileID,
            function: #function, line: #line)
        return String(decoding: handler.line(for: event, at: Sample.now), as: UTF8.self)
    }

    @Test func aLineIsOneObject() {
        var handler = JSONLogHandler(label: "sluice")
        handler[metadataKey: "replica"] = "a"
        handler[metadataKey: "pause"] = "old"
        handler.metadataProvider = Logger.MetadataProvider { ["trace": "t1", "replica": "lost"] }
        let metadata: Logger.Metadata = ["pause": "new\nline", "list": ["x", .dictionary(["k": "\"v\""])]]
        #expect(
            line(handler, metadata: metadata)
                == #"{"timestamp":"2026-11-23T12:34:56.123456Z","level":"warning","logger":"sluice","#
                + #""message":"breaker opened","metadata":{"list":["x",{"k":"\"v\""}],"pause":"new\nline","#
                + #""replica":"a","trace":"t1"}}"# + "\n")
    }

    @Test func withoutValuesThereAreNone() {
        #expect(!line(JSONLogHandler(label: "l")).contains("metadata"))
        let error = StoreError(.unavailable, "gone")
        #expect(line(JSONLogHandler(label: "l"), error: error).contains(#""error":"unavailable: gone""#))
    }

    @Test func secretsAreHidden() {
        let text = line(
            JSONLogHandler(label: "l"),
            metadata: ["Authorization": "Bearer hunter2", "deep": ["password": "hunter2"], "tokens": "17"])
        #expect(!text.contains("hunter2"))
        #expect(text.contains(#""tokens":"17""#))
    }

    /// Whole lines, whoever writes.
    @Test func linesDoNotMix() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sluice-log-\(UUID().uuidString)").path
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try #require(FileHandle(forWritingAtPath: path))
        let sink = LogSink(fileDescriptor: file.fileDescriptor)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    let logger = Logger(label: "w\(worker)") { JSONLogHandler(label: $0, sink: sink) }
                    for step in 0..<200 { logger.info("step", metadata: ["n": "\(step)"]) }
                }
            }
        }
        try file.close()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 1_600)
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
}
