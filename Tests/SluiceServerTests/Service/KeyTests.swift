import Foundation
import HTTPTypes
import HummingbirdTesting
import SluiceCore
import Synchronization
import Testing

@testable import SluiceServer

@Suite struct KeyTests {
    private func service(_ keys: ListedKeys, onRevoke: @escaping @Sendable (KeyID) -> Void = { _ in }) throws
        -> TestService
    {
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator()
        parts.keys = KeyAdministration(store: keys, issuer: keys, onRevoke: onRevoke)
        return try TestService(parts: parts)
    }

    @Test func aKeyIsShownOnce() async throws {
        let service = try service(ListedKeys())
        let created = try await service.send(
            as: "admin", .post, "/v1/keys",
            #"{"user":"\#(Sample.user)","role":"agent","name":"ci","expires_in_days":2}"#)
        #expect(created.status == .created)
        #expect(created.headers[.cacheControl] == "no-store")
        #expect(
            created.text == #"{"key":"sk_sluice_0-secret","id":"00000000-0000-0007-0000-000000000000","#
                + #""prefix":"sk_sluice_0","name":"ci","user":"\#(Sample.user)","role":"agent","#
                + #""created_at":"2026-11-23T12:34:56.123456Z","expires_at":"2026-11-25T12:34:56.123456Z","#
                + #""revoked_at":null,"last_used_at":null}"#)
        let listed = try await service.send(as: "admin", .get, "/v1/keys")
        #expect(listed.status == .ok && !listed.text.contains("secret"))
        #expect((try listed.object()["keys"] as? [Any])?.count == 1)
    }

    @Test func listsPageByPageAndByUser() async throws {
        let keys = ListedKeys()
        let service = try service(keys)
        let other = "5a1c3e5f-0000-4000-8000-000000000001"
        for user in [Sample.user, other, Sample.user] {
            _ = try await service.send(as: "admin", .post, "/v1/keys", #"{"user":"\#(user)","role":"agent"}"#)
        }
        let first = try await service.send(as: "admin", .get, "/v1/keys?limit=2").object()
        #expect((first["keys"] as? [Any])?.count == 2)
        let next = try #require(first["next"] as? String)
        let second = try await service.send(as: "admin", .get, "/v1/keys?limit=2&before=\(next)").object()
        #expect((second["keys"] as? [Any])?.count == 1 && second["next"] is NSNull)
        let own = try await service.send(as: "admin", .get, "/v1/keys?user=\(other)").object()
        #expect((own["keys"] as? [[String: Any]])?.compactMap { $0["user"] as? String } == [other])
    }

    /// Whoever remembers the key is told before the admin is.
    @Test func revokingIsTold() async throws {
        let keys = ListedKeys()
        let revoked = Mutex<[KeyID]>([])
        let recorder: @Sendable (KeyID) -> Void = { id in revoked.withLock { $0.append(id) } }
        let service = try service(keys, onRevoke: recorder)
        _ = try await service.send(as: "admin", .post, "/v1/keys", #"{"user":"\#(Sample.user)","role":"agent"}"#)
        let id = try #require(keys.all.first?.id)
        let response = try await service.send(as: "admin", .delete, "/v1/keys/\(id)")
        #expect(response.status == .ok)
        #expect(try response.object()["revoked_at"] as? String == "2026-11-23T12:34:56.123456Z")
        #expect(revoked.withLock { $0 } == [id])
        try await service.send(as: "admin", .delete, "/v1/keys/\(Sample.user)").problem(.notFound)
        #expect(revoked.withLock { $0 } == [id])
    }

    @Test(arguments: [
        (#"{"user":"\#(Sample.user)"}"#, "role"), (#"{"role":"agent"}"#, "user"),
        (#"{"user":"\#(Sample.user)","role":"root"}"#, "role"),
        (#"{"user":"\#(Sample.user)","role":"agent","name":""}"#, "name"),
        (#"{"user":"\#(Sample.user)","role":"agent","name":"a\nb"}"#, "name"),
        (#"{"user":"\#(Sample.user)","role":"agent","expires_in_days":0}"#, "expires_in_days"),
        (#"{"user":"\#(Sample.user)","role":"agent","scope":"x"}"#, "scope"),
    ])
    func wrongFieldsAreNamed(body: String, field: String) async throws {
        let keys = ListedKeys()
        try await service(keys).send(as: "admin", .post, "/v1/keys", body).problem(.badRequest, field: field)
        #expect(keys.all.isEmpty)
    }

    @Test(arguments: [("limit=0", "limit"), ("limit=1001", "limit"), ("before=x", "before"), ("user=x", "user")])
    func wrongQueriesAreNamed(query: String, field: String) async throws {
        try await service(ListedKeys()).send(as: "admin", .get, "/v1/keys?\(query)").problem(.badRequest, field: field)
    }

    @Test func whatFailsSaysNothingOfTheStore() async throws {
        let keys = ListedKeys(failure: StoreError(.unavailable, "10.0.0.7 is gone"))
        let response = try await service(keys).send(as: "admin", .get, "/v1/keys")
        try response.problem(.serviceUnavailable)
        #expect(!response.text.contains("10.0.0.7"))
        var parts = ServiceParts()
        parts.authenticator = ScriptedAuthenticator()
        try await TestService(parts: parts).send(as: "admin", .get, "/v1/keys").problem(.serviceUnavailable)
    }
}
