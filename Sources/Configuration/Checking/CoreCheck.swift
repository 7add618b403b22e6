import Addressing

/// The loopback, the default table's routes, the bindings and the tunnels to PEs: nothing stands there twice, and routers are on the
/// subnets of core interfaces.
struct CoreCheck: ConfigurationCheck {
    private let draft: ConfigurationDraft
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        draft = text.draft
    }

    func check(_ configuration: inout Configuration) {
        if let loopback = draft.loopback {
            report.record(.loopback, at: loopback.declared)
            var model = Loopback()
            model.description = loopback.description?.value
            model.addresses = loopback.addresses.mapValues(\.value)
            configuration.loopback = model
            if loopback.addresses.isEmpty, !draft.damaged.contains(.loopback) {
                report(
                    .loopbackWithoutAddress, "the loopback has no address", at: loopback.declared,
                    hint: "add 'ip address A.B.C.D/32'")
            }
        }
        configuration.mpls.nniMark = draft.nniMark?.value
        let subnets = configuration.interfaces.values.flatMap { interface -> [InterfaceAddress] in
            if case .core(let core) = interface.kind { core.addresses } else { [] }
        }
        checkRoutes(&configuration, subnets)
        checkBindings(&configuration, subnets)
        checkTransports(&configuration, hasCore: !subnets.isEmpty)
        checkRoutingEngine(&configuration)
        checkHostDevices()
    }

    private func checkRoutingEngine(_ configuration: inout Configuration) {
        let engine = draft.routingEngine
        guard let port = engine.port else {
            if let range = engine.withoutPort {
                report(
                    .fpmWithoutPort, "FRR is not listened to, and the line has no effect", at: range,
                    hint: "add 'fpm port 2620', and 'fpm address 127.0.0.1 port 2620' in FRR")
            }
            return
        }
        var settings = RoutingEngineSettings(port: port.value)
        if let seconds = engine.holdTimeSeconds?.value { settings.holdTimeSeconds = seconds }
        if let seconds = engine.refreshTimeSeconds?.value { settings.refreshTimeSeconds = seconds }
        settings.implicitNull = Set(engine.implicitNull.map(\.value)).sorted()
        configuration.routingEngine = settings
    }

    private func checkHostDevices() {
        var lines: [String: Int] = [:]
        for name in draft.interfaces.keys.sorted() {
            guard let interface = draft.interfaces[name], let device = interface.hostDevice else { continue }
            if interface.core == nil {
                report(
                    .misplacedService, "a routing engine has no part in what is here", at: device.range,
                    hint: "the line belongs to an interface with 'encap mpls core'")
            }
            if let line = lines[device.value] {
                report(
                    .duplicateHostDevice, "line \(line) has a device of this name already", at: device.range,
                    hint: "each interface has a device of its own")
            }
            lines[device.value] = lines[device.value] ?? device.range.line
        }
    }

    private func checkRoutes(_ configuration: inout Configuration, _ subnets: [InterfaceAddress]) {
        var lines: [IPPrefix: Int] = [:]
        for draft in draft.defaultTableRoutes {
            if let line = lines[draft.route.prefix] {
                report(
                    .duplicateRoute, "line \(line) has a route to this prefix already", at: draft.declared,
                    hint: "remove one of them")
                continue
            }
            lines[draft.route.prefix] = draft.declared.line
            report.record(.defaultTableRoute(draft.route.prefix), at: draft.declared)
            configuration.defaultTableRoutes.append(draft.route)
            check(router: draft.route.nextHop, at: draft.nextHop, subnets, "the route stays inactive")
        }
        configuration.defaultTableRoutes.sort()
    }

    private func checkBindings(_ configuration: inout Configuration, _ subnets: [InterfaceAddress]) {
        var lines: [IPPrefix: Int] = [:]
        for draft in draft.staticBindings {
            if let line = lines[draft.binding.prefix] {
                report(
                    .duplicateRoute, "line \(line) has a binding of this prefix already", at: draft.declared,
                    hint: "remove one of them")
                continue
            }
            lines[draft.binding.prefix] = draft.declared.line
            report.record(.staticBinding(draft.binding.prefix), at: draft.declared)
            configuration.staticBindings.append(draft.binding)
            check(router: draft.binding.nextHop, at: draft.nextHop, subnets, "the binding leads nowhere")
        }
        configuration.staticBindings.sort()
    }

    private func checkTransports(_ configuration: inout Configuration, hasCore: Bool) {
        var lines: [IPPrefix: Int] = [:]
        for draft in draft.udpTransports {
            let prefix = draft.transport.prefix
            if let line = lines[prefix] {
                report(
                    .duplicateRoute, "line \(line) has the transport to this prefix already", at: draft.declared,
                    hint: "remove one of them")
                continue
            }
            lines[prefix] = draft.declared.line
            report.record(.udpTransport(prefix), at: draft.declared)
            configuration.udpTransports.append(draft.transport)
            if configuration.loopback?.addresses[prefix.family] == nil, !self.draft.damaged.contains(.loopback) {
                let name = prefix.family == .ipv4 ? "IPv4" : "IPv6"
                report(
                    .transportWithoutLoopback, "MPLS over UDP to \(prefix) needs an \(name) address of loopback0",
                    at: draft.declared, hint: "add the address to 'interface loopback0'")
            }
            if !hasCore {
                report(
                    .transportWithoutCore, "MPLS over UDP to \(prefix) needs an interface with 'encap mpls core'",
                    at: draft.declared, hint: "the datagrams leave by an interface of the operator's own network")
            }
        }
        configuration.udpTransports.sort()
    }

    private func check(
        router address: IPAddress, at range: SourceRange, _ subnets: [InterfaceAddress], _ consequence: String
    ) {
        guard !subnets.contains(where: { $0.subnet.contains(address) && $0.address != address }) else { return }
        report(
            .unreachableNextHop, "\(address) is a router on no core interface's subnet: \(consequence)", at: range,
            hint: "a next hop is on the subnet of an interface with 'encap mpls core'")
    }
}
