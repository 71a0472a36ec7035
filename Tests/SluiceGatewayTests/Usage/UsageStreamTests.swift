import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceGateway

@Suite("Reading the usage of a stream")
struct UsageStreamTests {
    @Test("finds the usage, and lets through what the client is to see", arguments: Recording.all)
    func whole(recording: Recording) throws {
        var reader = try recording.reader()
        let output = reader.take(recording.text.utf8) + reader.end()
        #expect(String(decoding: output, as: UTF8.self) == recording.visible)
        #expect(
            reader.result
                == UsageResult(usage: recording.usage, basis: .measured, model: recording.model, isComplete: true))
    }

    @Test("lets every byte through where nothing is to be hidden, at once", arguments: Recording.all)
    func passesAll(recording: Recording) throws {
        var reader = try recording.reader(hidesUsage: false)
        for byte in recording.text.utf8 { #expect(reader.take([byte]) == [byte]) }
        #expect(reader.end().isEmpty)
        #expect(reader.result.usage == recording.usage)
    }

    @Test("comes to the same wherever the stream is cut in two", arguments: Recording.all)
    func everyCut(recording: Recording) throws {
        let bytes = Array(recording.text.utf8)
        for cut in 0...bytes.count {
            var reader = try recording.reader()
            let output = reader.take(bytes[..<cut]) + reader.take(bytes[cut...]) + reader.end()
            #expect(output == Array(recording.visible.utf8), "cut at \(cut)")
            #expect(reader.result.usage == recording.usage, "cut at \(cut)")
            #expect(reader.result.basis == .measured && reader.result.isComplete, "cut at \(cut)")
        }
    }

    @Test("comes to the same however many pieces it comes in", arguments: Recording.all)
    func randomCuts(recording: Recording) throws {
        var generator = SeededGenerator(seed: UInt64(recording.text.utf8.count))
        for _ in 0..<100 {
            var rest = Array(recording.text.utf8)[...]
            var reader = try recording.reader()
            var output: [UInt8] = []
            while !rest.isEmpty {
                let count = Int.random(in: 0...min(rest.count, 40), using: &generator)
                output += reader.take(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(output + reader.end() == Array(recording.visible.utf8))
            #expect(reader.result.usage == recording.usage)
        }
    }

    @Test("gives an honest estimate when the stream ends at any byte", arguments: Recording.all)
    func endsEarly(recording: Recording) throws {
        let bytes = Array(recording.text.utf8)
        let estimate = try GatewayRequest.asking("asked", recording.kind).reservation.inputTokens
        var reader = try recording.reader()
        var output: [UInt8] = []
        var last: Int64 = 0
        for byte in bytes {
            output += reader.take([byte])
            let result = reader.result
            if result.basis == .measured {
                #expect(result.usage == recording.usage)
            } else {
                #expect(result.usage.input == estimate || result.usage.input == recording.usage.input)
                #expect(result.usage.output >= last && !result.isComplete)
                last = result.usage.output
            }
            #expect(Array(recording.visible.utf8).starts(with: output))
        }
        #expect(reader.result.basis == .measured)
    }

    @Test("counts the text that was seen when the client has left")
    func estimates() throws {
        func cut(_ recording: Recording, before end: String) throws -> UsageResult {
            let text = try #require(recording.text.split(separator: end).first)
            var reader = try recording.reader()
            _ = reader.take(text.utf8)
            return reader.result
        }
        // Hello \"you\" \\ and " 你好" and the arguments: 50 bytes of ASCII and two characters.
        let chat = try cut(
            .chat,
            before:
                #"data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini-2025-08-07","choices":[],"#
        )
        #expect(chat.usage.output == 15)
        #expect(try cut(.responses, before: "event: response.output_text.done").usage.output == 2)
        let messages = try cut(.messages, before: "event: message_delta")
        #expect(messages.usage == TokenUsage(input: 175, cached: 50, cacheWrite: 100, output: 8))
        #expect(messages.basis == .estimated)
        let later = try cut(.messages, before: #"data: {"type":"message_delta","delta":{"stop_reason":"end_turn""#)
        #expect(later.usage.output == 8)
    }

    @Test("hides no chunk that holds more than usage, nor one without usage")
    func hidesOnlyUsage() throws {
        for data in [
            #"{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":1}}"#,
            #"{"choices":[],"prompt_filter_results":[]}"#, #"{"choices":[],"usage":null}"#,
            #"{"usage":{"prompt_tokens":1}}"#, #"{"choices":[],"usage":7}"#, "[DONE]", "{", "",
        ] {
            let text = "data: \(data)\n\n"
            var reader = try Recording.chat.reader()
            #expect(reader.take(text.utf8) + reader.end() == Array(text.utf8), "\(data)")
        }
    }

    @Test("hides a usage chunk that the stream ends with, empty line or not")
    func lastEvent() throws {
        var reader = try Recording.chat.reader()
        let start = #"data: {"choices":[{"delta":{"content":"x"}}]}"# + "\n\n"
        let output =
            reader.take((start + #"data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#).utf8)
            + reader.end()
        #expect(String(decoding: output, as: UTF8.self) == start)
        #expect(reader.result.basis == .measured)
        #expect(reader.result.usage == TokenUsage(input: 5, output: 1))
    }

    @Test("holds back no more than its limit of an event without end, and reads usage in events of any size")
    func longEvents() throws {
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
        var chat = try Recording.chat.reader()
        let head = Array(#"data: {"choices":[{"delta":{"content":""#.utf8)
        var sent = head.count
        var seen = chat.take(head).count
        for _ in 0..<40 {
            sent += part.count
            seen += chat.take(part).count
            #expect(sent - seen <= EventFilter.maximumHeld)
        }
        let output = chat.take(Array("\"}}]}\n\n".utf8)) + chat.end()
        #expect(seen + output.count == sent + 7)
        #expect(chat.result.usage.output == Int64(part.count * 40 / 4))

        var responses = try Recording.responses.reader()
        _ = responses.take(Array(#"data: {"type":"response.completed","response":{"image":""#.utf8))
        for _ in 0..<40 { _ = responses.take(part) }
        _ = responses.take(Array("\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}}\n\n".utf8))
        #expect(responses.result.usage == TokenUsage(input: 3, output: 4))
        #expect(responses.result.basis == .measured)
    }

    @Test("survives anything", arguments: 0..<100)
    func garbage(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("data: {}[]\",:\\\r\n\n0u".utf8) + [0x00, 0xFF]
        let bytes = (0..<2_000).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
        for kind in EndpointKind.allCases {
            for isStream in [true, false] {
                var reader = UsageReader(
                    kind: kind, isStream: isStream, hidesUsage: true, request: try .asking("asked", kind))
                #expect(reader.take(bytes) + reader.end() == bytes)
            }
        }
    }
}
