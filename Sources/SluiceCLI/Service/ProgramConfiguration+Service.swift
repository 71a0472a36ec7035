import SluiceServer

extension ProgramConfiguration {
    /// How the HTTP service listens and whom it serves.
    ///
    /// - Throws: ``ConfigurationError`` for what only the service itself can judge.
    func service() throws(ConfigurationError) -> ServiceConfiguration {
        do throws(ServiceConfigurationError) {
            var service = try ServiceConfiguration(
                host: listenHost, port: listenPort, serviceKeys: serviceKeys, isDev: isDev,
                hasOtherCredentials: identity.secret != nil || identity.keySet != nil)
            service.modelBodyLimit = gateway.bodyMaximum
            service.addressLimit = try AddressLimit(requests: edge.requests, window: edge.window)
            service.trustedProxies = try TrustedProxies(
                edge.trustedProxies, header: edge.forwardedHeader == .forwarded ? .forwarded : .xForwardedFor)
            service.crossOrigin = try CrossOrigin(edge.corsOrigins)
            return service
        } catch {
            throw ConfigurationError(problems: [
                ConfigurationProblem(key: "the service", value: nil, source: "the settings", reason: "\(error)")
            ])
        }
    }
}
