import Addressing
import BGP
import Configuration
import Routing

/// From the configuration and the state of the ports to what routing is told.
struct RoutingInputsCompiler {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    /// Whether an interface can carry packets, by name.
    let isUp: (InterfacePlan) -> Bool

    private var configuration: Configuration { index.configuration }
    private var policies: RoutePolicyCompiler { RoutePolicyCompiler(configuration: configuration) }

    /// `nil` without `router bgp`: connected and static routes are needed all the same, so an AS of 0 stands for none.
    func inputs() -> RoutingInputs {
        var inputs = RoutingInputs(autonomousSystem: configuration.bgp?.autonomousSystem ?? 0)
        inputs.labelRange = configuration.mpls.labelRange
        inputs.commonBlock = configuration.mpls.commonBlock
        inputs.labelQuarantineSeconds = configuration.mpls.labelQuarantineSeconds
        if let restart = configuration.bgp?.gracefulRestart {
            inputs.staleRetentionSeconds = UInt32(restart.stalePathSeconds)
        }
        inputs.keepsRoutesWithoutImport = configuration.bgp?.keepsRoutesWithoutImport ?? false
        inputs.loopbacks = Set((configuration.loopback?.addresses ?? [:]).values.map { IPPrefix(host: $0) })
        for session in index.sessions {
            if let peer = plan.peer(session.name) { inputs.neighbors[peer] = neighbor(session, peer) }
        }
        let staticRoutes = Dictionary(grouping: configuration.staticRoutes, by: \.vrf)
        for vrf in index.vrfs {
            guard let number = plan.vrfs[vrf.name]?.number else { continue }
            inputs.vrfs[vrf.name] = self.vrf(vrf, number, staticRoutes: staticRoutes[vrf.name] ?? [])
        }
        return inputs
    }

    private func neighbor(_ session: BGPSession, _ peer: PeerAddress) -> NeighborInputs {
        let isInternal = internalNeighbors.contains(peer)
        // What is not in the tables has no part: a label could not be installed, nor a route lead there.
        let interface = plan.interfaceOfPeer[peer].flatMap { plan.interfaces[$0] }.flatMap {
            $0.isInstallable ? $0 : nil
        }
        var inputs = NeighborInputs(
            peer: peer, remoteAutonomousSystem: session.remoteAS,
            nni: isInternal
                ? NeighborIdentity.core
                : peer.vrf == nil || isCustomerCarrier(session, on: interface) ? interface?.name : nil,
            localAddress: ownAddress(towards: session, peer, isInternal: isInternal) ?? session.address)
        inputs.ownIdentifier = BGPNeighborCompiler.routerIdentifier(of: configuration)
        if isInternal { inputs.ownCluster = cluster }
        inputs.nniMark = nniMark
        inputs.isOfferedTunnel = isInternal && isOfferedTunnel(session, from: inputs.localAddress)
        if peer.vrf != nil {
            inputs.circuit = interface.map {
                NeighborInputs.Circuit(
                    number: $0.number, addresses: $0.addresses, linkLocal: $0.neighborInterface?.linkLocal)
            }
        }
        inputs.attributePolicy = AttributePolicy(
            passedTypeCodes: session.passedAttributes,
            passesMulticastVPN: session.families.keys.contains { $0 == .ipv4MVPN || $0 == .ipv6MVPN })
        inputs.maximumLabels = session.maximumLabels.map { Int($0) }
        if let mebibytes = session.attributeMemoryMebibytes { inputs.attributeMemoryOctets = Int(mebibytes) << 20 }
        inputs.acceptsMartians = session.acceptsMartians
        inputs.acceptsASSets = session.acceptsASSets
        // What was kept for a restart is not kept against the operator's word.
        inputs.keepsRoutesOverRestarts = configuration.bgp?.gracefulRestart != nil && !session.isShutdown
        inputs.isShutdown = session.isShutdown
        inputs.announcedRestartSeconds = UInt32(configuration.bgp?.gracefulRestart?.restartTimeSeconds ?? 0)
        for (family, settings) in session.families {
            var inputsOfFamily = NeighborInputs.Family(
                role(family, settings, of: session, isInternal: isInternal),
                prefixLimit: settings.maximumPrefixes.map(PrefixLimit.init))
            let prefixes = family.addressFamily
            inputsOfFamily.importFilter = policies.filter(settings.prefixLists.imported, prefixes)
            inputsOfFamily.exportFilter = policies.filter(settings.prefixLists.exported, prefixes)
            inputsOfFamily.importPolicy = policies.policy(settings.routeMaps.imported, prefixes)
            inputsOfFamily.exportPolicy = policies.policy(settings.routeMaps.exported, prefixes)
            inputsOfFamily.allowedOwnSystems = Int(settings.allowedOwnAS)
            inputsOfFamily.overridesSystem = settings.overridesAS
            inputsOfFamily.siteOfOrigin = settings.siteOfOrigin.map { ExtendedCommunity($0) }
            inputsOfFamily.originatesDefault = settings.originatesDefault
            inputsOfFamily.isToldExplicitNull = settings.isToldExplicitNull
            inputsOfFamily.relay = RelayInputs(settings.relay)
            if settings.isOptionC { setDepths(settings, prefixes, of: &inputsOfFamily) }
            inputs.families[family] = inputsOfFamily
        }
        return inputs
    }

    /// The lists of an Option C neighbor, each with its depth, and what they have together.
    private func setDepths(
        _ settings: BGPSessionFamily, _ family: AddressFamily, of inputs: inout NeighborInputs.Family
    ) {
        for (depth, lists) in settings.listsByDepth {
            if let filter = policies.filter(lists.imported, family) {
                inputs.depths.imported.append(.init(depth: depth.rawValue, filter: filter))
            }
            if let filter = policies.filter(lists.exported, family) {
                inputs.depths.exported.append(.init(depth: depth.rawValue, filter: filter))
            }
        }
        inputs.importFilter = PrefixFilter(anyOf: inputs.depths.imported.map(\.filter))
        inputs.exportFilter = PrefixFilter(anyOf: inputs.depths.exported.map(\.filter))
    }

    private func isCustomerCarrier(_ session: BGPSession, on interface: InterfacePlan?) -> Bool {
        session.isCustomerCarrier && interface?.isCarrierCircuit == true
    }

    private func ownAddress(towards session: BGPSession, _ peer: PeerAddress, isInternal: Bool) -> IPAddress? {
        if isInternal { return index.localAddress(towardsInternal: session) }
        if session.address.isLinkLocal { return plan.linkLocal(towards: peer) }
        return index.place(of: session.name)?.address.address
    }

    private func role(
        _ family: SessionFamily, _ settings: BGPSessionFamily, of session: BGPSession, isInternal: Bool
    ) -> NeighborRole? {
        if family.isLabeledUnicast, session.vrf != nil { return .customerCarrier }
        if family.isLabeledUnicast { return isInternal ? .transport : settings.isOptionC ? .optionC : nil }
        if family == .routeTargets {
            guard isInternal else { return nil }
            // Whose VPN routes are reflected wants them reflected by their targets.
            return session.families.contains { $0.key.isVPN && $0.value.isReflectorClient }
                ? .reflectorClient : .internal
        }
        guard family.isVPN || family.isSignalling else { return .customer }
        if family.isSignalling, !isInternal { return settings.isOptionB ? .optionBSignalling : nil }
        guard isInternal else { return settings.isOptionB ? .optionB : settings.isOptionE ? .optionE : nil }
        return settings.isReflectorClient ? .reflectorClient : .internal
    }

    /// The neighbors of the own network with which routes are exchanged: it has to have a part in the tables.
    private var internalNeighbors: Set<PeerAddress> {
        guard plan.coreInterfaces.contains(where: { plan.interfaces[$0]?.isInstallable == true }) else { return [] }
        return Set(
            index.internalSessions.filter { index.localAddress(towardsInternal: $0) != nil }.map {
                PeerAddress($0.address)
            })
    }

    /// In what the box reflects routes; `nil` if it has no clients.
    private var cluster: IPv4Address? {
        let hasClients = index.internalSessions.contains { $0.families.values.contains(where: \.isReflectorClient) }
        guard hasClients else { return nil }
        return configuration.bgp?.clusterID ?? BGPNeighborCompiler.routerIdentifier(of: configuration)
    }

    /// Those of them that have a part in all VRFs.
    private var internalVPNNeighbors: Set<PeerAddress> {
        let carrying = index.internalSessions.filter { $0.families.keys.contains(where: \.isVPN) }
        return internalNeighbors.intersection(carrying.map { PeerAddress($0.address) })
    }

    /// Whether the neighbor's routes lead to the loopback, which takes MPLS over UDP from who hears of it by them.
    private func isOfferedTunnel(_ session: BGPSession, from address: IPAddress) -> Bool {
        session.isFromLoopback
            && configuration.udpTransports.contains { $0.isByCommunity && $0.prefix.family == address.family }
    }

    /// By what routes from NNIs are known in the own network.
    private var nniMark: LargeCommunity? {
        configuration.mpls.nniMark ?? configuration.bgp.map { LargeCommunity($0.autonomousSystem, 0, 1) }
    }

    /// What a VRF's own addresses on no link are said to be on: no interface has such a name.
    private static let loopback = "loopback"

    private func vrf(_ vrf: VRF, _ number: VRFNumber, staticRoutes: [StaticRoute]) -> VRFInputs {
        var inputs = VRFInputs(name: vrf.name, number: number, routeDistinguisher: vrf.routeDistinguisher)
        inputs.importTargets = vrf.importTargets
        inputs.exportTargets = vrf.exportTargets
        inputs.sideTargets = vrf.sideTargets
        inputs.families = vrf.addressFamilies
        inputs.allowsTransit = vrf.allowsTransit
        inputs.servesCarrier = index.servesCarrier(vrf: vrf.name)
        // Its LSPs go through: a lookup would end them.
        inputs.labelMode = inputs.servesCarrier ? .perPrefix : vrf.labelMode
        inputs.maximumLabels = vrf.maximumLabels.map(Int.init)
        inputs.commonLabel = configuration.commonLabel(ofVRF: vrf.name)
        inputs.hasFallbackLabel = vrf.hasFallbackLabel
        inputs.acceptsConnectedSubnets = vrf.acceptsConnectedSubnets
        inputs.maximumRoutes = vrf.maximumRoutes.flatMap { $0.excess == .warns ? nil : $0.prefixes }
        inputs.warningRoutes = vrf.maximumRoutes?.warningPrefixes
        for (family, names) in vrf.prefixLists {
            inputs.importFilters[family] = policies.filter(names.imported, family)
            inputs.exportFilters[family] = policies.filter(names.exported, family)
        }
        for (family, names) in vrf.routeMaps {
            inputs.importPolicies[family] = policies.policy(names.imported, family)
            inputs.exportPolicies[family] = policies.policy(names.exported, family)
        }
        inputs.eligibleNeighbors = eligibleNeighbors(of: vrf)
        inputs.circuitGateways = circuitGateways(of: vrf, inputs.eligibleNeighbors)
        for circuit in index.circuits(ofVRF: vrf.name) {
            guard let interface = plan.interfaces[circuit.name.description], isUp(interface) else { continue }
            for address in interface.addresses where vrf.addressFamilies.contains(address.address.family) {
                inputs.circuitAddresses.insert(
                    CircuitAddress(circuit: interface.name, number: interface.number, address: address))
            }
        }
        for loopback in vrf.loopbacks.values {
            guard let address = InterfaceAddress(loopback, prefixLength: loopback.family.bits) else { continue }
            inputs.circuitAddresses.insert(
                CircuitAddress(circuit: Self.loopback, number: .none, address: address))
        }
        for route in staticRoutes {
            let nextHop: StaticRouteInputs.NextHop =
                switch route.nextHop {
                case .discard: .discard
                case .address(let address): .address(address)
                case .onLink(let interface, let address): .onLink(circuit: interface.description, address)
                }
            inputs.staticRoutes.insert(
                StaticRouteInputs(prefix: route.prefix, nextHop: nextHop, distance: route.distance))
        }
        for family in AddressFamily.allCases {
            guard let bgp = configuration.bgp,
                let settings = bgp.vrfFamilies[VRFFamily(vrf: vrf.name, family: family)]
            else { continue }
            var sources: Set<VRFInputs.RedistributedSource> = []
            if settings.connected { sources.insert(.connected) }
            if settings.staticRoutes { sources.insert(.staticRoutes) }
            inputs.redistributed[family] = sources
            inputs.maximumPaths[family] = MultipathLimits(settings, relaxesASPath: bgp.relaxesMultipathASPath)
        }
        return inputs
    }

    func eligibleNeighbors(of vrf: VRF) -> Set<PeerAddress> {
        return Set(
            plan.interfaceOfPeer.lazy.filter { $0.key.vrf == nil && takesPart(vrf, $0.key, nni: $0.value) }.map(\.key)
        ).union(isInCore(vrf.name) ? internalVPNNeighbors : [])
    }

    /// The eligible neighbors with which packets are exchanged on circuits, and those of the circuits that can be used.
    func circuitGateways(
        of vrf: VRF, _ eligible: Set<PeerAddress>
    ) -> [PeerAddress: [AddressFamily: CircuitGateway]] {
        var found: [PeerAddress: [AddressFamily: CircuitGateway]] = [:]
        for neighbor in vrf.optionAB.keys where eligible.contains(PeerAddress(neighbor)) {
            guard let addresses = index.gateways(ofVRF: vrf.name, towards: neighbor) else { continue }
            found[PeerAddress(neighbor)] = [:]
            for (family, address) in addresses where vrf.addressFamilies.contains(family) {
                guard let circuit = index.circuit(ofVRF: vrf.name, towards: address),
                    let interface = plan.interfaces[circuit.name.description], isUp(interface)
                else { continue }
                found[PeerAddress(neighbor)]?[family] = CircuitGateway(circuit: interface.number, address: address)
            }
        }
        return found
    }

    /// The names of the VRFs that exchange routes with a neighbor, in ascending order.
    func eligibleVRFs(onNeighbor neighbor: PeerAddress) -> [String] {
        if internalNeighbors.contains(neighbor) {
            guard internalVPNNeighbors.contains(neighbor) else { return [] }
            return index.vrfs.map(\.name).filter(isInCore)
        }
        guard neighbor.vrf == nil, let nni = plan.interfaceOfPeer[neighbor] else { return [] }
        return index.vrfs.filter { takesPart($0, neighbor, nni: nni) }.map(\.name)
    }

    /// A unit that is shut down takes its VRF out of the core.
    private func isInCore(_ vrf: String) -> Bool {
        plan.unit(nni: ForwardingPlan.coreName, vrf: vrf)?.isInstallable == true
    }

    /// A unit that is shut down takes its VRF out of that NNI; on circuits no unit has a part.
    private func takesPart(_ vrf: VRF, _ neighbor: PeerAddress, nni: String) -> Bool {
        if index.gateways(ofVRF: vrf.name, towards: neighbor.address) != nil {
            return plan.interfaces[nni]?.isInstallable == true
        }
        return index.isEligible(vrf: vrf.name, onNeighbor: neighbor.address)
            && plan.unit(nni: nni, vrf: vrf.name)?.isInstallable == true
    }
}

extension MultipathLimits {
    /// `nil`: one path at a time, as without limits.
    init?(_ settings: VRFFamilySettings, relaxesASPath: Bool) {
        self.init()
        external = Int(settings.externalPaths ?? 1)
        `internal` = Int(settings.internalPaths ?? 1)
        mixed = settings.mixedPaths.map { Int($0) }
        self.relaxesASPath = relaxesASPath
        guard max(external, `internal`, mixed ?? 1) > 1 else { return nil }
    }
}

extension RelayInputs {
    init(_ policy: RelayPolicy) {
        self.init()
        imported = ListedTargets(policy.imported)
        exported = ListedTargets(policy.exported)
        acceptedDistinguishers = policy.routeDistinguishers
        hasLabelPerPrefix = policy.hasLabelPerPrefix
        allowsTransit = policy.allowsTransit
        isSegmented = policy.isSegmented
    }
}

extension PrefixLimit {
    init(_ maximum: MaximumPrefixes) {
        self.init(maximum: maximum.prefixes, warning: maximum.warningPrefixes, excess: Excess(maximum.excess))
    }
}

extension PrefixLimit.Excess {
    init(_ excess: MaximumPrefixes.Excess) {
        switch excess {
        case .staysDown: self = .endsSession(.untilCleared)
        case .restarts(let minutes): self = .endsSession(.seconds(UInt32(minutes) * 60))
        case .warns: self = .isReported
        }
    }
}
