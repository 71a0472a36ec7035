/// A certificate authority made for one test, and a server certificate for 127.0.0.1 and localhost signed by it.
public struct TestCertificates: Sendable {
    /// Files in PEM form.
    public let authority: String
    public let certificate: String
    public let key: String
    private let folder: ScratchFolder

    /// Makes them by `openssl`. They live in a folder of their own until ``remove()``, or the end of the tests.
    public static func make() async throws -> TestCertificates {
        let folder = try ScratchFolder.make()
        let openssl = try Executables.path(of: "openssl", package: "openssl")
        let path = folder.path
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await Command.run(
            [
                openssl, "req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", "\(path)/ca.key",
                "-out", "\(path)/ca.crt",
            ] + curve, as: folder.account)
        try await Command.run(
            [
                openssl, "req", "-subj", "/CN=localhost", "-keyout", "\(path)/server.key", "-out", "\(path)/server.csr",
            ] + curve, as: folder.account)
        try folder.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n", to: "extensions")
        try await Command.run(
            [
                openssl, "x509", "-req", "-days", "2", "-in", "\(path)/server.csr", "-CA", "\(path)/ca.crt", "-CAkey",
                "\(path)/ca.key", "-CAcreateserial", "-extfile", "\(path)/extensions", "-out", "\(path)/server.crt",
            ], as: folder.account)
        return TestCertificates(
            authority: "\(path)/ca.crt", certificate: "\(path)/server.crt", key: "\(path)/server.key", folder: folder)
    }

    /// The settings of a PostgreSQL server that uses them.
    public var serverSettings: [String: String] {
        ["ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key]
    }

    public func remove() async { await folder.remove() }
}
