import Addressing
import Configuration
import SeededRandom

/// Makes valid configurations at random: whatever the model can say is said by some of them.
struct RandomConfiguration {
    var generator: SeededGenerator
    var configuration = Configuration()
    private var vrfNames: [String] = []
    private var ipv4Lists: [String] = []
    private var ipv6Lists: [String] = []
    private var policyNames: [String] = []
    private var routeMapNames: [String] = []
    /// Those for routes.
    private var routePolicyNames: [String] = []
    /// Numbers the subnets, so that none overlaps another.
    private var nextSubnet: UInt32 = 0

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    static func make(seed: UInt64) -> Configuration {
        var random = RandomConfiguration(seed: seed)
        random.fillBox()
        random.fillFlows()
        random.fillPrefixLists()
        random.fillVRFs()
        random.fillServices()
        random.fillRouteMaps()
        random.fillRoutePolicies()
        random.fillInterfaces()
        random.fillBGP()
        random.fillStaticRoutes()
        random.fillCore()
        random.makeCarriers()
        return random.configuration
    }

    private mutating func fillBox() {
        configuration.hostname = generator.maybe { "box\($0.number(0...99))" }
        configuration.dataplane.cores = Set((0..<generator.number(0...5)).map { _ in generator.number(0...1023) })
            .sorted()
        if configuration.dataplane.cores.isEmpty {
            configuration.dataplane.workers = generator.maybe { $0.number(1...64) }
        }
        configuration.dataplane.polling = generator.pick(PollingMode.allCases)
        configuration.dataplane.packetMemoryMebibytes = generator.maybe { $0.number(8...65536) }
        configuration.dataplane.tableMemoryMebibytes = generator.maybe { $0.number(8...4096) }
        let lowest: UInt32 = generator.number(16...1_048_575)
        configuration.mpls.labelRange = lowest...generator.number(lowest...1_048_575)
        if generator.chance(2) { fillLabelSpaces() }
        configuration.mpls.labelQuarantineSeconds = generator.number(0...604_800)
        configuration.mpls.labelWithdrawalSeconds = generator.number(0...3600)
        configuration.mpls.propagatesTTL = !generator.chance(4)
        fillMetrics()
        fillLogCollectors()
        for family in AddressFamily.allCases where generator.chance(3) {
            configuration.accessListLogThresholds[family] = generator.number(1...2_147_483_647)
        }
    }

    /// Nowhere, by default, or on an address that nothing else has.
    private mutating func fillMetrics() {
        guard !generator.chance(5) else {
            configuration.metrics = nil
            return
        }
        guard generator.chance(2) else { return }
        var settings = MetricsSettings()
        if let address = IPAddress(generator.chance(2) ? "172.31.255.1" : "2001:db8:ffff::1") {
            settings.address = address
        }
        if generator.chance(2) { settings.port = generator.number(1...65_535) }
        configuration.metrics = settings
    }

    private mutating func fillLogCollectors() {
        for index in 0..<generator.number(0...2) {
            guard let address = IPAddress(index == 0 ? "192.0.2.20" : "2001:db8::20") else { continue }
            var collector = LogCollectorSettings(address: address)
            collector.transport = generator.pick(LogCollectorSettings.Transport.allCases)
            if generator.chance(2) { collector.port = generator.number(1...65_535) }
            configuration.logCollectors.append(collector)
        }
    }

    /// A block of which the first labels name spaces.
    private mutating func fillLabelSpaces() {
        let lowest: UInt32 = generator.number(16...1_000_000)
        configuration.mpls.commonBlock = lowest...(lowest + 100)
        for index in 0..<generator.number(0...2) {
            guard let label = MPLSLabel(rawValue: lowest + UInt32(index)) else { continue }
            var space = LabelSpace(name: "space\(index)", contextLabel: label)
            space.block = generator.maybe { 100...$0.number(100...1_048_575) }
            configuration.labelSpaces[space.name] = space
        }
    }

    /// The VRF's own of the block, or one of a space that is below its block.
    private mutating func commonLabel(ofVRF index: Int) -> ProvisionedLabel? {
        guard let block = configuration.mpls.commonBlock else { return nil }
        let spaces = configuration.labelSpaces.keys.sorted()
        let space = spaces.isEmpty || generator.chance(2) ? nil : generator.pick(spaces)
        let number = space == nil ? block.lowerBound + 10 + UInt32(index) : 16 + UInt32(index)
        return MPLSLabel(rawValue: number).map { ProvisionedLabel($0, space: space) }
    }

    private mutating func fillFlows() {
        for index in 0..<generator.number(0...2) {
            let name = "exporter\(index)"
            let isIPv4 = generator.chance(2)
            guard let address = IPAddress(isIPv4 ? "192.0.2.\(index)" : "2001:db8::\(index)") else { continue }
            var exporter = FlowExporterSettings(name: name, destination: address)
            exporter.description = generator.maybe(Self.text)
            exporter.source = generator.maybe { _ in address }
            exporter.transport = generator.pick(FlowExporterSettings.Transport.allCases)
            exporter.port = generator.number(1...65_535)
            if exporter.transport == .udp { exporter.templateIntervalSeconds = generator.number(1...86_400) }
            configuration.flowExporters[name] = exporter
            for number in 0..<generator.number(0...2) {
                var monitor = FlowMonitorSettings(name: "monitor\(index)-\(number)", exporter: name)
                monitor.description = generator.maybe(Self.text)
                monitor.activeTimeoutSeconds = generator.number(1...604_800)
                monitor.inactiveTimeoutSeconds = generator.number(1...604_800)
                monitor.cacheEntries = generator.number(16...FlowMonitorSettings.mostCacheEntries)
                monitor.samplingInterval = generator.number(1...65_535)
                configuration.flowMonitors[monitor.name] = monitor
            }
        }
    }

    private mutating func fillPrefixLists() {
        for family in AddressFamily.allCases {
            for name in ["seq", "in"] where generator.chance(2) {
                configuration.prefixLists[family, default: [:]][name] = RandomPrefixList.make(name, family, &generator)
            }
        }
    }

    private mutating func fillVRFs() {
        for index in 0..<generator.number(1...4) {
            let name =
                generator.pick(["one", "forwarding", "vrf\"x", "définition", "bind"]).filter(\.isASCII) + "\(index)"
            vrfNames.append(name)
            var vrf = VRF(name: name, routeDistinguisher: RouteDistinguisher(rawValue: UInt64(index) << 32 | 7))
            vrf.description = generator.maybe(Self.text)
            vrf.importTargets = targets()
            vrf.exportTargets = targets()
            for side in [.core, .everyNNI, .nni(neighbor: .ipv4(IPv4Address(192, 0, 2, 2)))] as [RouteTargetSide]
            where generator.chance(4) {
                var policy = RouteTargetPolicy()
                policy.imported = targets()
                policy.exported = targets()
                if policy != RouteTargetPolicy() { vrf.sideTargets[side] = policy }
            }
            vrf.allowsTransit = generator.chance(3)
            vrf.acceptsConnectedSubnets = generator.chance(4)
            vrf.addressFamilies = generator.pick([[.ipv4], [.ipv6], [.ipv4, .ipv6]])
            vrf.propagatesTTL = !generator.chance(3)
            vrf.labelMode = generator.pick(LabelMode.allCases)
            if generator.chance(2) { vrf.commonLabel = commonLabel(ofVRF: index) }
            vrf.hasFallbackLabel = vrf.commonLabel != nil && generator.chance(2)
            for family in vrf.addressFamilies.sorted() where generator.chance(3) {
                vrf.loopbacks[family] = IPAddress(
                    family == .ipv4 ? "192.0.2.\(index + 1)" : "2001:db8:ffff::\(index + 1)")
            }
            vrf.maximumRoutes = generator.maybe {
                MaximumPrefixes(
                    $0.number(1...UInt32.max), warningPercent: $0.pick([1, 75, 100]),
                    excess: $0.pick([.staysDown, .warns]))
            }
            vrf.maximumLabels = generator.maybe { $0.number(1...1 << 20) }
            vrf.reservedMemoryMebibytes = generator.maybe { $0.number(1...3) }
            for family in vrf.addressFamilies.sorted() where generator.chance(3) {
                vrf.prefixLists[family] = RandomPrefixList.names(in: configuration, family, &generator)
            }
            if generator.chance(2) { vrf.flowMonitor = configuration.flowMonitors.keys.sorted().first }
            if generator.chance(3) { vrf.optionE = .everyNeighbor }
            if generator.chance(3) { vrf.optionB = .everyNeighbor }
            configuration.vrfs[name] = vrf
        }
    }

    /// Some VRFs take the packets of all the others.
    private mutating func fillRouteMaps() {
        var targets: [String] = []
        for name in vrfNames where generator.chance(2) {
            configuration.vrfs[name]?.policyRouteSources = Set(vrfNames)
            if configuration.vrfs[name]?.addressFamilies.count == 2 { targets.append(name) }
        }
        for index in 0..<generator.number(0...2) {
            let name = generator.pick(["permit", "map"]) + "\(index)"
            routeMapNames.append(name)
            configuration.routeMaps[name] = RandomRouteMap.make(
                name, lists: [.ipv4: ipv4Lists, .ipv6: ipv6Lists], targets: targets, &generator)
            configuration.routeMaps[name]?.entries[0].description = generator.maybe(Self.text)
        }
    }

    private mutating func fillRoutePolicies() {
        RandomRoutePolicy.fillLists(of: &configuration, &generator)
        for name in ["out", "policy"] where generator.chance(2) {
            routePolicyNames.append(name)
            configuration.routeMaps[name] = RandomRoutePolicy.map(name, in: configuration, &generator)
        }
        for name in vrfNames { attachRoutePolicies(toVRF: name) }
    }

    private mutating func attachRoutePolicies(toVRF name: String) {
        for family in configuration.vrfs[name]?.addressFamilies.sorted() ?? []
        where !routePolicyNames.isEmpty && generator.chance(2) {
            let map = generator.pick(routePolicyNames)
            let export = "\(map)-export"
            if configuration.routeMaps[export] == nil {
                configuration.routeMaps[export] = configuration.routeMaps[map].map {
                    RandomRoutePolicy.exportMap($0, named: export, &generator)
                }
            }
            let names = PolicyNames(
                imported: generator.chance(2) ? map : nil, exported: generator.chance(2) ? export : nil)
            if names != PolicyNames() { configuration.vrfs[name]?.routeMaps[family] = names }
        }
    }

    /// Those that what leaves may meet.
    private var routeMapsWithinVRF: [String] {
        routeMapNames.filter { name in
            configuration.routeMaps[name]?.entries.allSatisfy { entry in
                if case .vrf = entry.otherwise { false } else { true }
            } == true
        }
    }

    private mutating func targets() -> Set<RouteTarget> {
        let all = ["42:1", "42:4294967295", "192.0.2.1:65535", "4200000000:9"].compactMap { RouteTarget($0) }
        return Set(all.filter { _ in generator.chance(2) })
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        generator.pick([
            "plain words", "", " ", "a ! b", "\"quoted\"", "back\\slash", "é ü 漢字", "  spaces  inside  ", "tab\tinside",
            "!",
            "exit", "\\\"",
        ])
    }

    private mutating func fillServices() {
        configuration.objectGroups = [
            "group4": ObjectGroup(
                name: "group4",
                members: .networks(.ipv4, ["10.0.0.0/8", "192.0.2.7/32"].compactMap { IPPrefix($0) })),
            "group6": ObjectGroup(
                name: "group6",
                members: .networks(.ipv6, ["2001:db8::/32", "2001:db8::7/128"].compactMap { IPPrefix($0) })),
            "ports": ObjectGroup(name: "ports", members: .ports([.equalToAny([22, 80]), .range(1_000...2_000)])),
        ]
        for (name, largest) in [("dscps", UInt8(63)), ("classes", 7)] {
            var map = TableMap(name: name)
            for _ in 0..<generator.number(0...5) {
                map.entries[generator.number(0...63)] = generator.number(0...largest)
            }
            map.otherwise = generator.pick([.copy, .ignore, .value(generator.number(0...largest))])
            configuration.tableMaps[name] = map
        }
        for index in 0..<generator.number(0...3) {
            let isIPv4 = generator.chance(2)
            let name = "list\(index)"
            let kind: AccessListKind = isIPv4 && generator.chance(3) ? .standard : .extended
            var list = AccessList(name: name, family: isIPv4 ? .ipv4 : .ipv6, kind: kind)
            var sequence: UInt32 = 0
            for _ in 0..<generator.number(1...12) {
                sequence += generator.number(1...100)
                let content: AccessListEntry.Content =
                    generator.chance(8)
                    ? .remark(Self.text(&generator))
                    : .rule(RandomAccessRule.make(family: list.family, kind: kind, &generator))
                list.entries.append(AccessListEntry(sequence: sequence, content: content))
            }
            if isIPv4 {
                ipv4Lists.append(name)
                configuration.ipv4AccessLists[name] = list
            } else {
                ipv6Lists.append(name)
                configuration.ipv6AccessLists[name] = list
            }
        }
        for index in 0..<generator.number(0...3) {
            let name = generator.pick(["match-any", "gold"]) + "\(index)"
            configuration.classMaps[name] = RandomPolicy.classMap(name, lists: ipv4Lists + ipv6Lists, &generator)
        }
        for index in 0..<generator.number(0...2) {
            let name = "policy\(index)"
            policyNames.append(name)
            configuration.policyMaps[name] = RandomPolicy.policyMap(
                name, classMaps: configuration.classMaps.keys.sorted(), &generator)
        }
    }

    private mutating func fillInterfaces() {
        for slot: UInt16 in 0..<generator.number(1...4) {
            guard let port = PortName(kind: generator.pick(PortKind.allCases), path: [1, slot]) else { continue }
            if generator.chance(2) { fillPort(port, slot) }
            let isNNI = generator.chance(2)
            let option = generator.pick(NNIOption.allCases)
            if isNNI {
                add(
                    InterfaceName(port: port),
                    .nni(
                        NNI(
                            option,
                            encapsulation: .untagged, addresses: addresses([.ipv4, .ipv6]),
                            checksSourceMAC: generator.chance(3))))
            } else if generator.chance(2) {
                add(InterfaceName(port: port), circuit(.untagged))
            } else if generator.chance(2) {
                add(InterfaceName(port: port), .carrier)
            }
            // VRFs have no part in Option C.
            var nnis = isNNI && option != .optionC ? [InterfaceName(port: port)] : []
            for vlan: UInt16 in 0..<generator.number(0...3) {
                guard let name = InterfaceName(port: port, number: 1000 + UInt32(vlan)) else { continue }
                if generator.chance(3) {
                    add(name, .nni(NNI(encapsulation: .dot1q(vlan + 1), addresses: addresses([.ipv4, .ipv6]))))
                    nnis.append(name)
                } else {
                    add(name, circuit(generator.chance(2) ? .dot1q(vlan + 1) : .qinq(outer: vlan + 1, inner: 4094)))
                }
            }
            for (index, nni) in nnis.enumerated() {
                for (unitIndex, vrf) in vrfNames.enumerated() where generator.chance(2) {
                    guard let name = InterfaceName(port: port, number: UInt32(index * 100 + unitIndex + 1)) else {
                        continue
                    }
                    add(name, .unit(OptionEUnit(nni: nni, vrf: vrf)))
                }
            }
        }
    }

    private mutating func fillPort(_ name: PortName, _ slot: UInt16) {
        var port = Port(
            name: name, device: generator.chance(2) ? .pci("0000:0\(slot):00.0") : .virtual("net_null\(slot),a=!b\""))
        port.receiveQueues = generator.number(1...64)
        port.mtuOctets = 9600
        port.macAddress = generator.maybe { MACAddress(rawValue: 0x0200_0000_0000 | $0.number(1...0xFFFF)) }
        configuration.ports[name] = port
    }

    private mutating func circuit(_ encapsulation: VLANEncapsulation) -> InterfaceKind {
        let vrf = generator.pick(vrfNames)
        let families = configuration.vrfs[vrf]?.addressFamilies ?? []
        return .attachmentCircuit(
            AttachmentCircuit(
                encapsulation: encapsulation, vrf: vrf, addresses: generator.chance(4) ? [] : addresses(families)))
    }

    /// At least one address, IPv4 first.
    private mutating func addresses(_ families: Set<AddressFamily>) -> [InterfaceAddress] {
        var result: [InterfaceAddress?] = []
        for _ in 0..<generator.number(1...2) {
            nextSubnet += 1
            if families.contains(.ipv4) {
                result.append(
                    InterfaceAddress(.ipv4(IPv4Address(rawValue: 0x0A00_0001 | nextSubnet << 8)), prefixLength: 24))
            }
        }
        for _ in 0..<generator.number(1...2) where families.contains(.ipv6) {
            nextSubnet += 1
            let raw: UInt128 = 0x2001_0DB8 << 96 | UInt128(nextSubnet) << 64 | 1
            result.append(
                InterfaceAddress(.ipv6(IPv6Address(rawValue: raw)), prefixLength: generator.pick([64, 127, 128])))
        }
        return result.compactMap(\.self)
    }

    mutating func add(_ name: InterfaceName, _ kind: InterfaceKind) {
        var interface = Interface(name: name, kind: kind)
        interface.description = generator.maybe(Self.text)
        interface.isShutdown = generator.chance(5)
        if case .coreUnit = kind {} else { interface.mtuOctets = generator.maybe { $0.number(1280...9600) } }
        if kind != .carrier {
            if !ipv4Lists.isEmpty {
                interface.accessGroups.ipv4Input = generator.maybe { [ipv4Lists] in $0.pick(ipv4Lists) }
                interface.accessGroups.ipv4Output = generator.maybe { [ipv4Lists] in $0.pick(ipv4Lists) }
            }
            if !ipv6Lists.isEmpty {
                interface.accessGroups.ipv6Input = generator.maybe { [ipv6Lists] in $0.pick(ipv6Lists) }
                interface.accessGroups.ipv6Output = generator.maybe { [ipv6Lists] in $0.pick(ipv6Lists) }
            }
            if !policyNames.isEmpty {
                interface.inputPolicy = generator.maybe { [policyNames] in $0.pick(policyNames) }
                interface.outputPolicy = generator.maybe { [policyNames] in $0.pick(policyNames) }
            }
            for place in AttachmentPlace.allCases {
                let names = place.direction == .input ? routeMapNames : routeMapsWithinVRF
                if !names.isEmpty { interface.routeMaps[place] = generator.maybe { $0.pick(names) } }
            }
            interface.ipv4SourceCheck = generator.maybe(Self.sourceCheck)
            interface.ipv6SourceCheck = generator.maybe(Self.sourceCheck)
            switch kind {
            case .nni, .unit, .coreUnit:
                interface.diffServMode = generator.maybe { $0.pick(DiffServMode.allCases) }
                if generator.chance(4) { interface.ipv4SourceCheck?.mode = .feasible }
            case .attachmentCircuit, .core, .carrier: break
            }
        }
        configuration.interfaces[name] = interface
    }

    private static func sourceCheck(_ generator: inout SeededGenerator) -> SourceCheck {
        SourceCheck(mode: generator.pick([.strict, .loose]), allowsDefault: generator.chance(3))
    }

    private mutating func vrfFamilySettings() -> VRFFamilySettings {
        var settings = VRFFamilySettings()
        settings.connected = generator.chance(2)
        settings.staticRoutes = generator.chance(2)
        if generator.chance(3) {
            settings.mixedPaths = generator.number(1...16)
        } else {
            settings.externalPaths = generator.maybe { $0.number(1...16) }
            settings.internalPaths = generator.maybe { $0.number(1...16) }
        }
        return settings
    }

    private mutating func fillBGP() {
        guard !generator.chance(6) else { return }
        var bgp = BGPConfiguration(autonomousSystem: generator.pick([42, 65535, 4_294_967_294]))
        bgp.routerID = generator.maybe { IPv4Address(rawValue: $0.number(1...UInt32.max)) }
        bgp.clusterID = generator.maybe { IPv4Address(rawValue: $0.number(1...UInt32.max)) }
        bgp.gracefulRestart = generator.maybe {
            GracefulRestart(restartTimeSeconds: $0.number(1...4095), stalePathSeconds: $0.number(1...4095))
        }
        bgp.endsSessionsWithLink = generator.chance(2)
        bgp.keepsRoutesWithoutImport = generator.chance(3)
        bgp.relaxesMultipathASPath = generator.chance(3)
        let groups = ["default", "peer-group", "g!x"].filter { _ in generator.chance(2) }
        for group in groups { bgp.peerGroups[group] = BGPPeerGroup(name: group, settings: settings(remoteAS: nil)) }
        var named: [NNIOption: Set<IPAddress>] = [:]
        for interface in configuration.interfacesInOrder {
            guard case .nni(let nni) = interface.kind, let own = nni.addresses.first else { continue }
            guard case .ipv4(let address) = own.address else { continue }
            let neighbor = IPAddress.ipv4(IPv4Address(rawValue: address.rawValue + 1))
            var settings = settings(remoteAS: generator.number(64512...65000))
            let family = generator.pick([SessionFamily.vpnv4, .vpnv6])
            switch nni.option {
            case .optionE: settings.families[family, default: BGPPeerFamily()].isOptionE = true
            case .optionB:
                settings.families[family, default: BGPPeerFamily()].isOptionB = true
                settings.families[family]?.relay = relayPolicy()
                for signalling in SessionFamily.allCases where signalling.isSignalling && generator.chance(3) {
                    var exchanged = BGPPeerFamily()
                    exchanged.isOptionB = true
                    exchanged.relay = signallingRelay(signalling)
                    settings.families[signalling] = exchanged
                }
            case .optionC:
                settings.families[.ipv4LabeledUnicast] = optionC(.ipv4)
                if generator.chance(2) { settings.families[.ipv6LabeledUnicast] = optionC(.ipv6) }
            }
            let name = NeighborName(address: neighbor)
            bgp.neighbors[name] = BGPNeighbor(
                name: name, peerGroup: groups.randomElement(using: &generator), settings: settings)
            named[nni.option, default: []].insert(neighbor)
        }
        for vrf in vrfNames {
            for family in configuration.vrfs[vrf]?.addressFamilies ?? [] where generator.chance(2) {
                bgp.vrfFamilies[VRFFamily(vrf: vrf, family: family)] = vrfFamilySettings()
            }
            if let neighbors = named[.optionE], generator.chance(2) {
                configuration.vrfs[vrf]?.optionE = .neighbors(neighbors)
            }
            for neighbor in (named[.optionE] ?? []).sorted() where generator.chance(3) {
                attachCircuits(of: vrf, towards: neighbor)
            }
            if let neighbors = named[.optionB], generator.chance(2) {
                configuration.vrfs[vrf]?.optionB = .neighbors(neighbors)
            }
        }
        for interface in configuration.interfacesInOrder {
            guard case .attachmentCircuit(let circuit) = interface.kind else { continue }
            for own in circuit.addresses where generator.chance(2) {
                addNeighbor(beside: own, on: interface.name, inVRF: circuit.vrf, groups: groups, to: &bgp)
            }
        }
        configuration.bgp = bgp
    }

    /// Option AB, unless the VRF says or has something else there; the far end need not be on a circuit.
    private mutating func attachCircuits(of vrf: String, towards neighbor: IPAddress) {
        if case .neighbors(let named)? = configuration.vrfs[vrf]?.optionE, named.contains(neighbor) { return }
        let hasUnit = configuration.interfaces.values.contains {
            if case .unit(let unit) = $0.kind { unit.vrf == vrf } else { false }
        }
        guard !hasUnit else { return }
        var nextHops: [AddressFamily: IPAddress] = [:]
        for family in configuration.vrfs[vrf]?.addressFamilies.sorted() ?? []
        where generator.chance(2) || nextHops.isEmpty {
            nextHops[family] = IPAddress(family == .ipv4 ? "10.0.1.9" : "2001:db8:0:1::9")
        }
        configuration.vrfs[vrf]?.optionAB[neighbor] = nextHops
    }

    /// A neighbor on a circuit, whose session carries one family of the VRF or both.
    private mutating func addNeighbor(
        beside own: InterfaceAddress, on circuit: InterfaceName, inVRF vrf: String, groups: [String],
        to bgp: inout BGPConfiguration
    ) {
        var address: IPAddress
        switch own.address {
        case .ipv4(let own): address = .ipv4(IPv4Address(rawValue: own.rawValue + 1))
        case .ipv6(let own): address = .ipv6(IPv6Address(rawValue: own.rawValue + 1))
        }
        let families = configuration.vrfs[vrf]?.addressFamilies.sorted() ?? []
        let active = families.count > 1 && generator.chance(2) ? [generator.pick(families)] : families
        guard own.subnet.contains(address), !active.isEmpty else { return }
        var settings = settings(remoteAS: generator.number(64512...65000))
        settings.maximumPrefixes = nil
        settings.maximumLabels = nil
        settings.sourceAddresses = []
        settings.families = [:]
        for family in active {
            var result = familySettings(family)
            result.originatesDefault = generator.chance(3)
            settings.families[SessionFamily(unicast: family)] = result
        }
        for family in families where bgp.vrfFamilies[VRFFamily(vrf: vrf, family: family)] == nil {
            bgp.vrfFamilies[VRFFamily(vrf: vrf, family: family)] = VRFFamilySettings()
        }
        // The other address that such a router has on the circuit.
        if own.address.family == .ipv6, let linkLocal = IPAddress("fe80::2"), generator.chance(2) {
            address = linkLocal
            settings.interface = circuit
        }
        let name = NeighborName(vrf: vrf, address: address)
        guard bgp.neighbors[name] == nil else { return }
        bgp.neighbors[name] = BGPNeighbor(
            name: name, peerGroup: groups.randomElement(using: &generator), settings: settings)
    }

    private static func maximumPrefixes(_ generator: inout SeededGenerator) -> MaximumPrefixes {
        MaximumPrefixes(
            generator.number(1...UInt32.max),
            warningPercent: generator.pick([1, MaximumPrefixes.standardWarningPercent, 100]),
            excess: generator.pick([.staysDown, .restarts(afterMinutes: 1), .restarts(afterMinutes: 65535), .warns]))
    }

    private mutating func settings(remoteAS: UInt32?) -> BGPPeerSettings {
        var settings = BGPPeerSettings()
        settings.remoteAS = remoteAS
        settings.description = generator.maybe(Self.text)
        settings.password = generator.maybe { $0.pick(["secret", "with space", "!", "\"", "a\\b", "a\\\"b c"]) }
        settings.ttlSecurityHops = generator.maybe { $0.number(1...254) }
        settings.timers = generator.maybe { $0.pick([.suggested, BGPTimers(keepaliveSeconds: 0, holdSeconds: 0)]) }
        settings.connectionMode = generator.maybe { $0.pick(BGPConnectionMode.allCases) }
        settings.isShutdown = generator.chance(4)
        settings.maximumPrefixes = generator.maybe(Self.maximumPrefixes)
        if settings.isShutdown { settings.shutdownMessage = generator.maybe { "m" + Self.text(&$0) } }
        settings.attributeMemoryMebibytes = generator.maybe { $0.pick([1, 64, 65535]) }
        settings.maximumLabels = generator.maybe { $0.pick([1, 65_536, 1_048_576]) }
        settings.passedAttributes = generator.maybe { $0.pick([[20], [22, 99], [41, 128 + 2, 254]]) }
        settings.acceptsMartians = generator.chance(4)
        settings.acceptsASSets = generator.chance(4)
        settings.offersExtendedMessages = generator.chance(4)
        if remoteAS != nil, generator.chance(4) {
            // The hold time that is offered must not be shorter.
            settings.timers = .suggested
            settings.minimumHoldSeconds = generator.number(3...90)
        }
        if remoteAS != nil, generator.chance(4) {
            settings.sourceAddresses = Set(
                (0..<generator.number(1...7)).map { _ in
                    MACAddress(rawValue: 0x0200_0000_0000 | UInt64(generator.number(1...UInt32.max)))
                })
        }
        for family in [SessionFamily.vpnv4, .vpnv6] where generator.chance(3) {
            settings.families[family] = familySettings(family.addressFamily)
        }
        return settings
    }

    mutating func familySettings(_ family: AddressFamily) -> BGPPeerFamily {
        var result = BGPPeerFamily()
        result.isActivated = true
        result.maximumPrefixes = generator.maybe(Self.maximumPrefixes)
        if generator.chance(2) {
            result.prefixLists = RandomPrefixList.names(in: configuration, family, &generator) ?? PolicyNames()
        }
        if !routePolicyNames.isEmpty {
            result.routeMaps.imported = generator.maybe { [routePolicyNames] in $0.pick(routePolicyNames) }
            result.routeMaps.exported = generator.maybe { [routePolicyNames] in $0.pick(routePolicyNames) }
        }
        result.overridesAS = generator.chance(3)
        result.allowedOwnAS = generator.maybe { $0.pick([1, BGPPeerFamily.usualAllowedOwnAS, 10]) }
        result.siteOfOrigin = generator.maybe { $0.pick(["42:1", "192.0.2.1:65535", "4200000000:9"]) }
            .flatMap { SiteOfOrigin($0) }
        return result
    }

    private mutating func fillStaticRoutes() {
        var routes: Set<StaticRoute> = []
        for index: UInt32 in 0..<generator.number(0...6) {
            let vrf = generator.pick(vrfNames)
            guard let family = configuration.vrfs[vrf]?.addressFamilies.sorted().first else { continue }
            let address: IPAddress =
                family == .ipv4
                ? .ipv4(IPv4Address(rawValue: 0xC0A8_0000 | index << 8))
                : .ipv6(IPv6Address(rawValue: 0xFD00 << 112 | UInt128(index) << 64))
            guard let prefix = IPPrefix(covering: address, length: family == .ipv4 ? 24 : 64) else { continue }
            var nextHop: StaticNextHop = generator.chance(2) ? .discard : .address(address)
            if family == .ipv6, generator.chance(3), let interface = configuration.interfaces.keys.sorted().first {
                nextHop = .onLink(interface, IPv6Address(rawValue: 0xFE80 << 112 | UInt128(index + 1)))
            }
            routes.insert(StaticRoute(vrf: vrf, prefix: prefix, nextHop: nextHop, distance: generator.number(1...255)))
        }
        configuration.staticRoutes = routes.sorted()
    }
}
