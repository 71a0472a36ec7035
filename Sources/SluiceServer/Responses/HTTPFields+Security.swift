import HTTPTypes
import HummingbirdSluice

extension HTTPFields {
    /// What keeps a browser from doing anything with an answer but reading it, where the answer does not say otherwise.
    mutating func setSecurityDefaults() {
        for field in Self.securityDefaults where !contains(field.name) { append(field) }
    }

    private static let securityDefaults: [HTTPField] = [
        HTTPField(name: .cacheControl, value: "no-store"),
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
        HTTPField(name: .xFrameOptions, value: "DENY"),
    ]
}
