import Addressing
import Configuration
import SeededRandom

extension RandomConfiguration {
    /// The operator's own network, in addresses that nothing else has.
    mutating func fillCore() {
        configuration.mpls.nniMark = generator.maybe { LargeCommunity($0.number(1...9), 0, $0.number(0...9)) }
        guard generator.chance(2), let port = PortName(kind: .ethernet, path: [99, 1]),
            let ipv4 = InterfaceAddress("172.20.0.1/24"), let ipv6 = InterfaceAddress("2001:db8:c::1/64"),
            let router4 = IPAddress("172.20.0.2"), let router6 = IPAddress("2001:db8:c::2")
        else { return }
        let name = InterfaceName(port: port)
        var interface = Interface(
            name: name, kind: .core(CoreInterface(encapsulation: .untagged, addresses: [ipv4, ipv6])))
        if generator.chance(2), let ipv6Host = IPPrefix("2001:db8:22::3/128"), let ipv4Host = IPPrefix("172.22.0.3/32")
        {
            interface.kind = .core(
                CoreInterface(encapsulation: .untagged, addresses: [ipv4, ipv6], hostDevice: "core0"))
            var engine = RoutingEngineSettings(port: generator.number(1...65_535))
            if generator.chance(2) { engine.holdTimeSeconds = generator.number(1...86_400) }
            if generator.chance(2) { engine.refreshTimeSeconds = generator.number(1...86_400) }
            for prefix in [ipv4Host, ipv6Host] where generator.chance(2) { engine.implicitNull.append(prefix) }
            configuration.routingEngine = engine
        }
        interface.mtuOctets = generator.maybe { $0.number(1280...9600) }
        configuration.interfaces[name] = interface
        for (index, vrf) in configuration.vrfs.keys.sorted().enumerated() where generator.chance(2) {
            guard let unit = InterfaceName(port: port, number: UInt32(index + 1)) else { continue }
            add(unit, .coreUnit(CoreUnit(link: name, vrf: vrf)))
        }
        var loopback = Loopback()
        loopback.description = generator.maybe { "box \($0.number(0...9))" }
        loopback.addresses = [.ipv4: .ipv4(IPv4Address(172, 21, 0, 1))]
        if generator.chance(2) { loopback.addresses[.ipv6] = IPAddress("2001:db8:ff::1") }
        configuration.loopback = loopback
        let prefixes = ["172.22.0.0/24", "2001:db8:22::/48"].compactMap { IPPrefix($0) }
        for (prefix, router) in zip(prefixes, [router4, router6]) where generator.chance(2) {
            configuration.defaultTableRoutes.append(DefaultTableRoute(prefix: prefix, nextHop: router))
        }
        for (prefix, router) in zip(prefixes, [router4, router6]) where generator.chance(2) {
            let label = MPLSLabel(rawValue: generator.number(16...1_048_575)).map {
                StaticBinding.OutgoingLabel.label($0)
            }
            let labels = [label, .implicitNull, .explicitNull].compactMap { $0 }
            configuration.staticBindings.append(
                StaticBinding(prefix: prefix, nextHop: router, label: generator.pick(labels)))
        }
        fillMultipointLabels()
        configuration.udpTransports = prefixes.compactMap { prefix in
            let isPossible = configuration.loopback?.addresses[prefix.family] != nil
            guard isPossible, generator.chance(2) else { return nil }
            return UDPTransport(
                prefix: prefix, omitsChecksum: prefix.family == .ipv6 && generator.chance(2),
                isByCommunity: generator.chance(2))
        }
        guard let system = configuration.bgp?.autonomousSystem else { return }
        var settings = BGPPeerSettings()
        settings.remoteAS = system
        settings.isFromLoopback = true
        var family = BGPPeerFamily()
        family.isActivated = true
        family.isReflectorClient = generator.chance(2)
        if generator.chance(2) { family.relay = relayPolicy() }
        settings.families = [.vpnv4: family]
        if generator.chance(2) { settings.families[.ipv4LabeledUnicast] = labeledUnicast(.ipv4) }
        if generator.chance(2) { settings.families[.ipv6LabeledUnicast] = labeledUnicast(.ipv6) }
        if generator.chance(2) {
            var membership = BGPPeerFamily()
            membership.isActivated = true
            membership.maximumPrefixes = familySettings(.ipv4).maximumPrefixes
            settings.families[.routeTargets] = membership
        }
        for signalling in SessionFamily.allCases where signalling.isSignalling && generator.chance(2) {
            var exchanged = BGPPeerFamily()
            exchanged.isActivated = true
            exchanged.isReflectorClient = generator.chance(2)
            exchanged.maximumPrefixes = familySettings(.ipv4).maximumPrefixes
            if generator.chance(2) { exchanged.relay = signallingRelay(signalling) }
            settings.families[signalling] = exchanged
        }
        let neighbor = NeighborName(address: .ipv4(IPv4Address(172, 22, 0, 9)))
        configuration.bgp?.neighbors[neighbor] = BGPNeighbor(name: neighbor, settings: settings)
    }

    /// Labels outside of those that are drawn, where there are any.
    private mutating func fillMultipointLabels() {
        let range = configuration.mpls.labelRange
        let outside = [16...max(16, range.lowerBound - 1), min(1_048_575, range.upperBound + 1)...1_048_575]
        for part in outside where !part.overlaps(range) && generator.chance(2) {
            guard let label = MPLSLabel(rawValue: generator.number(part)),
                configuration.mpls.commonBlock?.contains(label.rawValue) != true
            else { continue }
            let hosts = [IPAddress("172.22.0.9"), IPAddress("2001:db8:22::9"), IPAddress("172.22.0.11")].compactMap {
                $0
            }
            var branches: [MultipointLabel.Branch] = []
            for (position, host) in hosts.enumerated() where position == 0 || generator.chance(2) {
                guard let other = MPLSLabel(rawValue: generator.number(16...1_048_575)) else { continue }
                branches.append(MultipointLabel.Branch(address: host, label: other))
            }
            configuration.multipointLabels.append(
                MultipointLabel(
                    label: label, source: .ipv4(IPv4Address(172, 22, 0, 7)),
                    innerLabels: generator.number(0...MultipointLabel.mostInnerLabels), branches: branches.sorted()))
        }
        configuration.multipointLabels.sort()
    }

    /// What is relayed from and to a neighbor.
    mutating func relayPolicy() -> RelayPolicy {
        var policy = RelayPolicy()
        for number in 0..<generator.number(0...3) {
            guard let target = RouteTarget("65001:\(number)"), let new = RouteTarget("42:\(number)") else { continue }
            if generator.chance(2) { policy.imported[target] = generator.pick([target, new]) }
            if generator.chance(2) { policy.exported[new] = generator.pick([target, new]) }
        }
        policy.routeDistinguishers = Set(["42:7", "192.0.2.1:9"].compactMap { RouteDistinguisher($0) })
        if generator.chance(2) { policy.routeDistinguishers = [] }
        policy.hasLabelPerPrefix = generator.chance(3)
        policy.allowsTransit = generator.chance(3)
        return policy
    }

    /// The same of MVPN and EVPN routes.
    mutating func signallingRelay(_ family: SessionFamily) -> RelayPolicy {
        var policy = relayPolicy()
        policy.hasLabelPerPrefix = false
        policy.isSegmented = family != .evpn && generator.chance(3)
        return policy
    }

    mutating func optionC(_ family: AddressFamily) -> BGPPeerFamily {
        var result = labeledUnicast(family)
        result.isActivated = false
        result.isOptionC = true
        result.relay.allowsTransit = generator.chance(2)
        for depth in [LabelledDepth.one, .four] where generator.chance(2) {
            let names = RandomPrefixList.names(in: configuration, family, &generator) ?? PolicyNames()
            let lists = [names.imported, names.exported].compactMap { $0 }
            let permits = lists.allSatisfy {
                configuration.prefixLists[family]?[$0]?.entries.allSatisfy(\.permits) == true
            }
            if !lists.isEmpty, depth != .one || permits { result.depthLists[depth] = names }
        }
        return result
    }

    private mutating func labeledUnicast(_ family: AddressFamily) -> BGPPeerFamily {
        var result = familySettings(family)
        // What is for external neighbors alone.
        result.overridesAS = false
        result.allowedOwnAS = nil
        result.siteOfOrigin = nil
        result.isToldExplicitNull = generator.chance(2)
        return result
    }
}
