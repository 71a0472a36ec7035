import SluiceTesting
import Testing

@testable import Postgres

struct ConfigurationTests {
    @Test func aURLIsTakenApart() throws {
        let url = "postgres://ann:s3cret@db1:5433,db2/app?target_session_attrs=read-write&sslmode=verify-full"
        let configuration = try PostgresConfiguration(url: url)
        #expect(configuration.database == "app")
        #expect(configuration.user == "ann")
        #expect(configuration.hosts == ["db1", "db2"])
        #expect(configuration.value(of: "target_session_attrs") == "read-write")
        #expect(configuration.value(of: "sslmode") == "verify-full")
        #expect(configuration.value(of: "client_encoding") == "UTF8")
    }

    @Test func givenOptionsBeatDefaults() throws {
        let configuration = try PostgresConfiguration(url: "keepalives_idle=99 tcp_user_timeout=1 connect_timeout=7")
        #expect(configuration.value(of: "keepalives_idle") == "99")
        #expect(configuration.value(of: "tcp_user_timeout") == "1")
        #expect(configuration.timeoutPerHost == .seconds(7))
        #expect(try PostgresConfiguration(url: "").timeoutPerHost == .seconds(2))
        #expect(try PostgresConfiguration(url: "host=a,b,c").timeout == .seconds(6))
    }

    @Test(arguments: [
        "postgres://ann:hunter2@db/app", "host=db password=hunter2", "postgres://db/app?password=hunter2",
        "password='hunter2' sslpassword=hunter2", "postgres://ann:hunter%32@db/app",
    ])
    func passwordsAreMasked(url: String) throws {
        let configuration = try PostgresConfiguration(url: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("***"))
        }
        #expect(configuration.cleaned("bad password hunter2!") == "bad password ***!")
    }

    @Test(arguments: [
        ("sslmode=maybe", "sslmode is 'maybe', and must be disable, allow"),
        ("target_session_attrs=write", "target_session_attrs is 'write'"),
        ("port=0", "port is '0', and must be numbers from 1 to 65535"), ("port=99999", "port is '99999'"),
        ("host=a,b port=1,2,3", "2 hosts, but 3 ports"), ("host=a,b hostaddr=1.2.3.4", "2 hosts, but 1 addresses"),
        ("connect_timeout=soon", "connect_timeout is 'soon'"), ("client_encoding=LATIN1", "must be UTF8"),
        ("replication=database", "replication"), ("nonsense=1", "invalid connection option \"nonsense\""),
        ("postgres://db/app?sslmod=require", "invalid URI query parameter: \"sslmod\""), ("a\0b", "NUL"),
        ("postgres://[::1/app", "IPv6"), ("postgres://ann:hun@ter2@db/app", "write them as %40 and %2F"),
        ("postgresql://ann:hun/ter2@db/app", "write them as %40 and %2F"),
    ])
    func mistakesAreNamed(url: String, explanation: String) async throws {
        let error = try await Support.postgresError { _ = try PostgresConfiguration(url: url) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains(explanation), "\(error.message)")
    }

    @Test(arguments: [
        "host=db password=my hunter2 x", "postgres://ann:hunter2%zz@db/app", "password=my Hunter2=x",
        "postgres://ann:a@b@hunter2:x/app", "hunter2",
    ])
    func mistakesDoNotShowAPassword(url: String) async throws {
        guard let error = try? await Support.postgresError({ _ = try PostgresConfiguration(url: url) }) else { return }
        #expect(!error.debugDescription.lowercased().contains("hunter2"), "\(error.debugDescription)")
    }

    @Test func hostsAreDroppedOneByOne() throws {
        let configuration = try PostgresConfiguration(url: "host=a,b,c port=1,2,3")
        let rest = try #require(configuration.without(host: "b", port: "2"))
        #expect(rest.value(of: "host") == "a,c")
        #expect(rest.value(of: "port") == "1,3")
        #expect(configuration.without(host: "b", port: "1") == nil)
        let last = try #require(rest.without(host: "a", port: "1"))
        #expect(last.hosts == ["c"])
        #expect(last.without(host: "c", port: "3") == nil)
        let shared = try PostgresConfiguration(url: "postgres://a,b/x")
        #expect(shared.without(host: "a", port: "5432")?.hosts == ["b"])
    }

    @Test func theLastStateOfARefusalCounts() {
        let text = """
            connection to server at "a" (::1), port 5432 failed: FATAL:  57P03: the database system is starting up
            connection to server at "b", port 5432 failed: FATAL:  28P01: password authentication failed for user "x"
            LOCATION:  auth_failed, auth.c:335
            """
        #expect(ConnectAttempt.sqlState(in: text) == .invalidPassword)
        #expect(ConnectAttempt.sqlState(in: "connection refused") == nil)
    }
}
