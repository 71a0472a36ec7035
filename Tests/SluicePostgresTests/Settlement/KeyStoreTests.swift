import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Testing

@Suite(.serialized) struct KeyStoreTests {
    private func withKeys(_ body: (PostgresKeyStore, PostgresConnection) async throws -> Void) async throws {
        try await withTestDatabase { database in
            try await database.withConnections { try await body(PostgresKeyStore(database: $0), $1) }
        }
    }

    private func digest() throws -> KeyDigest {
        try #require(KeyDigest((0..<32).map { _ in .random(in: 0...255) }))
    }

    private func newKey(
        _ digest: KeyDigest, user: UserID = .fresh(), prefix: String = "sk_sluice_ab", name: String? = "n",
        role: Role = .agent, lifetime: Duration? = nil
    ) -> NewAPIKey {
        NewAPIKey(digest: digest, prefix: prefix, name: name, user: user, role: role, lifetime: lifetime)
    }

    @Test func aKeyIsFoundByItsDigest() async throws {
        try await withKeys { keys, _ in
            for role in Role.allCases {
                let (digest, user) = (try digest(), UserID.fresh())
                let created = try await keys.create(
                    newKey(digest, user: user, name: nil, role: role, lifetime: .seconds(90)), deadline: .patience)
                #expect(created.user == user && created.role == role && created.name == nil)
                #expect(created.prefix == "sk_sluice_ab" && created.revokedAt == nil && created.lastUsedAt == nil)
                let expiry = try #require(created.expiresAt)
                let lifetime = created.createdAt.duration(to: expiry)
                #expect(lifetime > .seconds(80) && lifetime < .seconds(100))
                #expect(try await keys.find(digest, deadline: .patience) == created)
            }
            #expect(try await keys.find(digest(), deadline: .patience) == nil)
        }
    }

    @Test func theFirstRevocationStays() async throws {
        try await withKeys { keys, _ in
            let digest = try digest()
            let key = try await keys.create(newKey(digest), deadline: .patience)
            #expect(key.expiresAt == nil && key.isValid(at: Timestamp(microseconds: .max)))
            let revoked = try #require(try await keys.revoke(key.id, deadline: .patience))
            #expect(revoked.revokedAt != nil && !revoked.isValid(at: key.createdAt))
            #expect(try await keys.revoke(key.id, deadline: .patience) == revoked)
            #expect(try await keys.find(digest, deadline: .patience) == revoked)
            #expect(try await keys.revoke(KeyID(bits: UUIDBits(high: 1, low: 1)), deadline: .patience) == nil)
        }
    }

    @Test func keysAreListedNewestFirstPageByPage() async throws {
        try await withKeys { keys, _ in
            let user = UserID.fresh()
            var own: [KeyID] = []
            for index in 0..<7 {
                let key = try await keys.create(
                    newKey(digest(), user: index % 2 == 0 ? user : .fresh()), deadline: .patience)
                if index % 2 == 0 { own.append(key.id) }
            }
            var (listed, before) = ([KeyID](), KeyID?.none)
            while let page = try await keys.list(user: user, before: before, limit: 3, deadline: .patience).nonEmpty {
                #expect(page.count <= 3)
                listed += page.map(\.id)
                before = page.last?.id
            }
            #expect(Set(listed) == Set(own) && listed.count == own.count)
            #expect(listed.map(\.bits) == listed.map(\.bits).sorted(by: >))
            #expect(try await keys.list(user: nil, before: nil, limit: 1_000, deadline: .patience).count == 7)
        }
    }

    @Test func aNoteOfUseIsNeverMovedBackNorAhead() async throws {
        try await withKeys { keys, _ in
            let digest = try digest()
            let key = try await keys.create(newKey(digest), deadline: .patience)
            let first = key.createdAt.advanced(by: .seconds(-10))
            try await keys.noteUse([key.id: first], deadline: .patience)
            try await keys.noteUse([key.id: first.advanced(by: .seconds(-1))], deadline: .patience)
            #expect(try await keys.find(digest, deadline: .patience)?.lastUsedAt == first)
            try await keys.noteUse([key.id: key.createdAt.advanced(by: .seconds(86_400))], deadline: .patience)
            let last = try #require(try await keys.find(digest, deadline: .patience)?.lastUsedAt)
            #expect(last > first && last < key.createdAt.advanced(by: .seconds(3_600)))
            try await keys.noteUse([:], deadline: .patience)
        }
    }

    @Test func valuesOutOfRangeAreRejected() async throws {
        try await withKeys { keys, _ in
            let taken = try digest()
            _ = try await keys.create(newKey(taken), deadline: .patience)
            let wrong = [
                newKey(taken), newKey(try digest(), prefix: ""), newKey(try digest(), name: ""),
                newKey(try digest(), name: String(repeating: "n", count: NewAPIKey.maximumNameLength + 1)),
            ]
            for key in wrong {
                await #expect {
                    _ = try await keys.create(key, deadline: .patience)
                } throws: { ($0 as? StoreError)?.kind == .rejected }
            }
        }
    }

    @Test func aRoleThatIsNotKnownHereLetsNobodyIn() async throws {
        try await withKeys { keys, connection in
            let digest = try digest()
            let key = try await keys.create(newKey(digest), deadline: .patience)
            try await connection.query("ALTER TABLE sluice.api_keys DROP CONSTRAINT api_keys_role_known")
            try await connection.query("ALTER TABLE sluice.api_keys DISABLE TRIGGER USER")
            try await connection.query("UPDATE sluice.api_keys SET role = 'emperor' WHERE key_id = \(key.id)")
            await #expect {
                _ = try await keys.find(digest, deadline: .patience)
            } throws: { ($0 as? StoreError)?.kind == .schema }
        }
    }
}

extension Array {
    fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
