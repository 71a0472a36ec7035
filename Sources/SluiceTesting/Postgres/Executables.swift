import Glibc

/// Where programs are: on `PATH`, or where Debian keeps PostgreSQL's, the highest version first.
enum Executables {
    static func path(of name: String, package: String) throws(FixtureError) -> String {
        let folders = searchPath + versionedFolders + ["/usr/sbin", "/usr/local/bin"]
        if let folder = folders.first(where: { access("\($0)/\(name)", X_OK) == 0 }) { return "\(folder)/\(name)" }
        throw FixtureError("\(name) was not found on PATH or below \(debianFolder): apt-get install \(package)")
    }

    private static let debianFolder = "/usr/lib/postgresql"

    private static var searchPath: [String] {
        getenv("PATH").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
    }

    private static var versionedFolders: [String] {
        entries(of: debianFolder).compactMap(Int.init).sorted(by: >).map { "\(debianFolder)/\($0)/bin" }
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}
