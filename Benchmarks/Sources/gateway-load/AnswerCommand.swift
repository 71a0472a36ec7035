import ArgumentParser
import Foundation
import Glibc

/// Stands in for a model that answers at once; its CPU time is that of reading and writing.
struct AnswerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer", abstract: "Answer chat completions on a free port, which is printed, until killed.")

    @Option(help: "Pieces of a streamed answer.")
    var pieces = 10
    @Option(help: "Pause between two of them, in microseconds.")
    var pause: UInt32 = 0

    func validate() throws {
        guard pieces >= 2 else { throw ValidationError("pieces must be 2 or more") }
    }

    func run() throws {
        let listener = Connection.socket()
        Connection.enable(SO_REUSEADDR, of: SOL_SOCKET, on: listener)
        guard Connection.withAddress(0, { bind(listener, $0, $1) }) == 0, listen(listener, 1_024) == 0 else {
            throw SocketError(call: "listen", code: errno)
        }
        print(Self.port(of: listener))
        fflush(nil)
        let (answers, pause) = (Answers(pieces: pieces), pause)
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { throw SocketError(call: "accept", code: errno) }
            Thread.detachNewThread { Self.serve(descriptor, answers, pause) }
        }
    }

    private static func serve(_ descriptor: Int32, _ answers: Answers, _ pause: UInt32) {
        let connection = Connection(descriptor: descriptor)
        var request = Message()
        while request.read(from: connection) {
            guard request.isComplete else { continue }
            let isStream = request.contains(#""stream":true"#)
            request.reset()
            guard isStream ? stream(answers.pieces, to: connection, pause) : connection.send(answers.whole) else {
                return
            }
        }
    }

    private static func stream(_ pieces: [[UInt8]], to connection: borrowing Connection, _ pause: UInt32) -> Bool {
        for (index, piece) in pieces.enumerated() {
            if index > 0, pause > 0 { usleep(pause) }
            guard connection.send(piece) else { return false }
        }
        return true
    }

    private static func port(of listener: Int32) -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
