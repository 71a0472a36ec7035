import HummingbirdSluice
import NIOCore
import SluiceCore
import Testing

@testable import SluiceServer

@Suite struct DecisionRequestTests {
    private func read(_ text: String) throws -> DecisionRequest {
        try DecisionRequest(ByteBuffer(string: text), names: DecisionRequest.Field.allNames)
    }

    @Test func takesEveryField() throws {
        let request = try read(
            #"{"user":"\#(Sample.user.uppercased())","call_id":"\#(Sample.callID)","weight":7,"route":"r","model":"m"}"#
        )
        let call = try request.call()
        #expect(call.user.description == Sample.user)
        #expect(call.id.description == Sample.callID)
        #expect(call.isIDSupplied)
        #expect((call.weight, call.route, call.model) == (7, "r", "m"))
    }

    @Test func fillsInWhatIsLeftOut() throws {
        for text in [
            #"{"user":"\#(Sample.user)"}"#,
            #"{"user":"\#(Sample.user)","call_id":null,"weight":null,"route":null,"model":null}"#,
        ] {
            let call = try read(text).call()
            #expect(call.id.bits.version == 7)
            #expect(!call.isIDSupplied)
            #expect((call.weight, call.route, call.model) == (1, nil, nil))
        }
    }

    @Test(arguments: [
        ("{}", "user"), (#"{"user":null}"#, "user"), (#"{"user":5}"#, "user"), (#"{"user":"x"}"#, "user"),
        (#"{"user":"0b6f2d1c8a3e4f5b9c7d1e2f3a4b5c6d"}"#, "user"),
        (#"{"user":"{0b6f2d1c-8a3e-4f5b-9c7d-1e2f3a4b5c6d}"}"#, "user"),
        (#"{"user":"U","user":"U"}"#, "user"), (#"{"user":"U","us\u0065r":"U"}"#, "user"),
        (#"{"user":"U","weight":1,"weight":1}"#, "weight"), (#"{"user":"U","weight":null,"weight":1}"#, "weight"),
        (#"{"user":"U","weight":"1"}"#, "weight"), (#"{"user":"U","weight":1.0}"#, "weight"),
        (#"{"user":"U","weight":1e2}"#, "weight"), (#"{"user":"U","weight":true}"#, "weight"),
        (#"{"user":"U","weight":-1}"#, "weight"), (#"{"user":"U","weight":1000000001}"#, "weight"),
        (#"{"user":"U","weight":99999999999999999999}"#, "weight"),
        (#"{"user":"U","call_id":"0b6f2d1c-8a3e-4f5b-9c7d-1e2f3a4b5c6d"}"#, "call_id"),
        (#"{"user":"U","call_id":"01932d4e-5f60-7abc-0def-0123456789ab"}"#, "call_id"),
        (#"{"user":"U","call_id":7}"#, "call_id"), (#"{"user":"U","call_id":""}"#, "call_id"),
        (#"{"user":"U","Weight":1}"#, "Weight"), (#"{"user":"U","":1}"#, ""), (#"{"user":"U","policy":"x"}"#, "policy"),
        (#"{"user":"U","route":1}"#, "route"), (#"{"user":"U","route":"a\u0000"}"#, "route"),
        (#"{"user":"U","model":["m"]}"#, "model"),
    ])
    func refusesByName(text: String, field: String) throws {
        let body = text.replacing("\"U\"", with: "\"\(Sample.user)\"")
        do {
            _ = try read(body).call()
            Issue.record("accepted \(body)")
        } catch let error as FieldError {
            #expect(error.field == field, "\(error)")
        } catch let error as CallError {
            #expect(error.field == field, "\(error)")
        }
    }

    @Test func labelsHaveALimit() throws {
        let long = String(repeating: "é", count: 129)
        #expect(throws: CallError.labelTooLong(field: "model", bytes: 258)) {
            try read(#"{"user":"\#(Sample.user)","model":"\#(long)"}"#).call()
        }
    }
}
