import Addressing
import BGP
import Configuration
import ControlProtocol
import Routing

/// What was in force before. Whoever lets go of the last of a large one is busy for a while: not the event loop.
struct FormerConfiguration: Sendable {
    let loaded: LoadedConfiguration
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let numbers: TableNumbers
}

/// A configuration with everything that can be worked out before it is put into force. It is made beside the event
/// loop, however large it is; what is left to do there is in proportion to what changes.
struct PreparedConfiguration: Sendable {
    let loaded: LoadedConfiguration
    let basis: PlanBasis
    let index: ConfigurationIndex
    let plan: PreparedPlan
    let neighbors: [NeighborConfiguration]
    /// In the words in which it is kept on disk.
    let canonicalText: String

    /// - Throws: what of the services the tables cannot hold: it is refused while the old ones still work.
    init(_ loaded: LoadedConfiguration, of text: ConfigurationText, on basis: PlanBasis) throws(ControlError) {
        self.loaded = loaded
        self.basis = basis
        let index = loaded.configuration.index
        self.index = index
        var numbers = basis.numbers
        let ports = basis.index.configuration.ports
        for (name, port) in ports where loaded.configuration.ports[name]?.device != port.device {
            // Another device has another Ethernet address.
            numbers.hardwareAddresses[name] = nil
        }
        var services = ServicesCompiler(index: index, numbers: numbers, limits: basis.limits)
        services.compile()
        try Self.check(services, of: loaded, text)
        plan = PreparedPlan(index: index, numbers: numbers, services: services, on: basis)
        neighbors = BGPNeighborCompiler(
            index: index, plan: plan.compiler.plan, port: basis.bgpPort, linkName: basis.linkName
        ).neighbors()
        canonicalText = loaded.configuration.canonicalText
    }

    private static func check(
        _ services: ServicesCompiler, of new: LoadedConfiguration, _ text: ConfigurationText
    ) throws(ControlError) {
        guard !services.refusals.isEmpty else { return }
        let lines = text.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        throw ControlError(
            .configurationInvalid, "the configuration does not fit into the tables, nothing was applied",
            diagnostics: services.refusals.map { refusal in
                let place = new.sources[refusal.object] ?? SourceLocation(file: text.fileName, line: 1, column: 1)
                let line = lines.indices.contains(place.line - 1) ? String(lines[place.line - 1]) : ""
                return Diagnostic(
                    severity: .error, code: "does-not-fit", message: refusal.message, file: place.file,
                    line: place.line, column: place.column, lineText: line, length: 1, expected: [])
            })
    }
}
