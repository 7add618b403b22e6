import Addressing
import Configuration
import ForwardingTables
import Routing

/// From the configuration to the plan. Numbers are taken from, and added to, what is allocated.
struct ForwardingPlanCompiler {
    let configuration: Configuration
    /// The port that BGP listens on.
    let bgpPort: UInt16
    var numbers: TableNumbers
    var plan = ForwardingPlan()
    private var portIndices: [PortName: UInt16] = [:]
    private var sourceAddresses: [IPAddress: [MACAddress]] = [:]
    /// Worked out when there is no free number.
    private var namesInUse: Set<String>?
    private let services: ServicesCompiler
    let index: ConfigurationIndex

    /// The octets of a label entry (RFC 3032).
    private static let labelOctets: UInt16 = 4
    /// RFC 4291 §2.5.6.
    private static let linkLocalPrefix = IPPrefix(covering: .ipv6(IPv6Address(rawValue: 0xFE80 << 112)), length: 10)

    /// - Parameters:
    ///   - limits: how much of services the tables hold.
    ///   - services: those of this configuration, compiled with these numbers; `nil`: not compiled yet.
    init(
        index: ConfigurationIndex, numbers: TableNumbers, bgpPort: UInt16, limits: ServiceLimits,
        services: ServicesCompiler? = nil
    ) {
        self.index = index
        configuration = index.configuration
        self.numbers = numbers
        self.bgpPort = bgpPort
        if let services {
            self.services = services
        } else {
            var compiler = ServicesCompiler(index: index, numbers: numbers, limits: limits)
            compiler.compile()
            self.services = compiler
        }
    }

    /// Works everything out: ports first, since interfaces refer to them, NNIs before their units.
    mutating func compile() {
        addServices()
        addPorts()
        addVRFs()
        for interface in index.interfaces { add(interface) }
        addNeighbors()
        addCircuitGateways()
        addSendersOnCircuits()
        for nni in index.interfaces { addUnits(of: nni) }
        addCore()
        addMultipointLabels()
        plan.index()
    }

    private mutating func addServices() {
        numbers.takeServices(of: services.numbers)
        plan.accessLists = services.accessLists
        plan.refusals = services.refusals
        plan.omissions += services.refusals.map(\.message) + services.notes
    }

    // MARK: Ports and VRFs

    private mutating func addPorts() {
        let inUse = Set(configuration.ports.keys.map(\.description))
        let interfaces = Dictionary(grouping: index.interfaces, by: \.name.port)
        for port in configuration.ports.values.sorted(by: { $0.name < $1.name }) {
            guard let index = numbers.port(port.name, inUse: inUse) else {
                plan.omissions.append("port \(port.name): the tables hold 64 ports")
                continue
            }
            portIndices[port.name] = index
            plan.ports[index] = PortPlan(
                name: port.name, counter: numberOfInterface(TableNumbers.counterName(ofPort: port.name)) ?? 0,
                device: port.device.arguments,
                isShutdown: configuration.interfaces[InterfaceName(port: port.name)]?.isShutdown ?? false,
                mtu: portMTU(port, interfaces[port.name] ?? []), receiveQueues: max(1, port.receiveQueues),
                hardwareAddress: hardwareAddress(of: port.name))
        }
    }

    /// What the port is configured for, otherwise what its interfaces need.
    private func portMTU(_ port: Port, _ interfaces: [Interface]) -> UInt16 {
        if let mtu = port.mtuOctets { return mtu }
        let needed = interfaces.map { interface in
            let mtu = interface.mtuOctets ?? Interface.defaultMTUOctets
            switch interface.kind {
            // What the core's links carry is said with all labels.
            case .attachmentCircuit(let circuit) where circuit.carriesLabels: return mtu.adding(2 * Self.labelOctets)
            case .attachmentCircuit, .core: return mtu
            case .coreUnit: return 0
            case .nni, .unit, .carrier:
                return mtu.adding(Self.labelOctets)
            }
        }
        return max(needed.max() ?? 0, Interface.defaultMTUOctets + Self.labelOctets)
    }

    func hardwareAddress(of port: PortName) -> MACAddress? {
        guard let port = configuration.ports[port] else { return nil }
        return port.macAddress ?? numbers.hardwareAddresses[port.name]
    }

    private mutating func addVRFs() {
        let inUse = Set(index.vrfs.map { VRFIdentity($0).description })
        for vrf in index.vrfs {
            guard let number = numbers.vrf(VRFIdentity(vrf), inUse: inUse) else {
                plan.omissions.append("vrf \(vrf.name): the tables hold 65535 VRFs")
                continue
            }
            plan.vrfs[vrf.name] = VRFPlan(
                identity: VRFIdentity(vrf), number: VRFNumber(rawValue: number), families: vrf.addressFamilies,
                allowsTransit: vrf.allowsTransit,
                propagatesTTL: configuration.propagatesTTL(inVRF: vrf.name),
                flowMetering: configuration.flowMonitor(ofVRF: vrf.name).map(FlowMetering.init),
                reservedRouteBytes: Int(vrf.reservedMemoryMebibytes ?? 0) << 20)
        }
    }

    // MARK: Interfaces

    private mutating func numberOfInterface(_ name: String) -> UInt16? {
        if let number = numbers.interface(name) { return number }
        let names = namesInUse ?? interfaceNames()
        namesInUse = names
        return numbers.interface(name, insteadOfOthersThan: names)
    }

    /// The names whose numbers must not be given to others: of the interfaces, of all units that may be implied, and of
    /// the ports' own counters.
    private func interfaceNames() -> Set<String> {
        var names = Set(configuration.ports.keys.map(TableNumbers.counterName))
        for interface in configuration.interfaces.values {
            names.insert(configuration.numberedName(interface.name.description, ofVRF: interface.vrf))
            let place: String
            switch interface.kind {
            case .nni: place = interface.name.description
            case .core: place = ForwardingPlan.coreName
            case .unit, .coreUnit, .attachmentCircuit, .carrier: continue
            }
            for vrf in configuration.vrfs.keys {
                let unit = ForwardingPlan.impliedUnitName(nni: place, vrf: vrf)
                names.insert(configuration.numberedName(unit, ofVRF: vrf))
            }
        }
        return names
    }

    private mutating func add(_ interface: Interface) {
        let encapsulation: VLANEncapsulation
        let kind: InterfacePlan.Kind
        var vrf: String?
        switch interface.kind {
        case .attachmentCircuit(let circuit):
            guard plan.vrfs[circuit.vrf] != nil else { return }
            (encapsulation, kind, vrf) = (circuit.encapsulation, .attachmentCircuit, circuit.vrf)
        case .nni(let nni): (encapsulation, kind) = (nni.encapsulation, .nni)
        case .core(let core): (encapsulation, kind) = (core.encapsulation, .core)
        case .unit, .coreUnit, .carrier: return
        }
        guard let port = portIndices[interface.name.port] else { return }
        let numberedName = configuration.numberedName(interface.name.description, ofVRF: vrf)
        guard let number = numberOfInterface(numberedName) else {
            plan.omissions.append("interface \(interface.name): the tables hold 65535 interfaces")
            return
        }
        let portIsShutdown = plan.ports[port]?.isShutdown ?? true
        let isCarrierCircuit =
            if case .attachmentCircuit(let circuit) = interface.kind { circuit.carriesLabels } else { false }
        plan.interfaces[interface.name.description] = InterfacePlan(
            name: interface.name.description, kind: kind, number: InterfaceNumber(rawValue: number), vrf: vrf,
            port: port,
            hardwareAddress: hardwareAddress(of: interface.name.port), encapsulation: encapsulation,
            addresses: interface.addresses, mtu: mtu(of: interface, under: 0, port: port),
            isShutdown: interface.isShutdown || portIsShutdown, icmpSources: icmpSources(of: interface, inVRF: vrf),
            localServices: kind == .core ? coreServices(on: interface) : localServices(on: interface, vrf: vrf),
            services: kind == .core ? ServicesPlan() : services.services(on: interface, vrf: vrf),
            isCarrierCircuit: isCarrierCircuit,
            labelledMTU: kind == .nni
                ? mtu(of: interface, under: 1, port: port)
                : isCarrierCircuit ? carrierMTU(of: interface, port: port) : 0,
            stackedMTU: kind == .nni ? mtu(of: interface, under: 2, port: port) : 0,
            explicitNulls: kind == .core ? explicitNulls : [], hostDevice: hostDevice(of: interface))
    }

    func hostDevice(of interface: Interface) -> String? {
        if case .core(let core) = interface.kind { core.hostDevice } else { nil }
    }

    /// The interface's MTU, but no more than its port can carry.
    private func mtu(of interface: Interface, under labels: UInt16, port: UInt16) -> UInt16 {
        let portMTU = plan.ports[port]?.mtu ?? .max
        let room = portMTU - min(portMTU, labels * Self.labelOctets)
        return min(interface.mtuOctets ?? Interface.defaultMTUOctets, room)
    }

    /// Of a customer carrier's circuit, under one label: its packets have one more than others, so that one with a label of its own
    /// below is as long as the interface says.
    private func carrierMTU(of interface: Interface, port: UInt16) -> UInt16 {
        let portMTU = plan.ports[port]?.mtu ?? .max
        return min(
            (interface.mtuOctets ?? Interface.defaultMTUOctets).adding(Self.labelOctets),
            portMTU - min(portMTU, Self.labelOctets))
    }

    /// The interface's own addresses; of a family that it has none of, the VRF's loopback.
    private func icmpSources(of interface: Interface, inVRF vrf: String?) -> [IPAddress] {
        let loopbacks = vrf.flatMap { configuration.vrfs[$0] }?.loopbacks ?? [:]
        return AddressFamily.allCases.compactMap { family in
            interface.addresses.map(\.address).first { $0.family == family } ?? loopbacks[family]
        }
    }

    // MARK: Neighbors and units

    private mutating func addNeighbors() {
        for session in index.sessions {
            guard let place = index.place(of: session.name), let peer = plan.peer(session.name),
                let interface = plan.interfaces[place.interface.name.description]
            else { continue }
            plan.interfaceOfPeer[peer] = interface.name
            if !session.sourceAddresses.isEmpty {
                sourceAddresses[session.address] = session.sourceAddresses.sorted { $0.rawValue < $1.rawValue }
            }
        }
    }

    /// BGP from and to the neighbors that are configured. On an NNI also echo request and reply, and echo requests of the link
    /// to the link-local address: everything else to the box's own address is dropped in the data plane there.
    private func localServices(on interface: Interface, vrf: String?) -> [LocalService] {
        var services: [LocalService] = []
        for session in index.sessions(inVRF: vrf) where !session.isShutdown {
            guard let place = index.place(of: session.name), place.interface.name == interface.name else { continue }
            let remote = IPPrefix(host: session.address)
            var local = place.address.address
            if session.address.isLinkLocal {
                guard let own = linkLocal(of: interface) else { continue }
                local = .ipv6(own)
            }
            services.append(LocalService(local: local, remote: remote, kind: .bgp(localPort: bgpPort, remotePort: 0)))
            services.append(LocalService(local: local, remote: remote, kind: .bgp(localPort: 0, remotePort: bgpPort)))
        }
        guard vrf == nil else { return services.sorted() }
        return (services + echoServices(on: interface) + listedSessions(onNNI: interface.name)).sorted()
    }

    /// Echo request and reply of the link, and echo requests to the link-local address.
    func echoServices(on interface: Interface) -> [LocalService] {
        var services = interface.addresses.flatMap { own in
            Self.echoTypes(own.address.family).map {
                LocalService(local: own.address, remote: own.subnet, kind: .icmp(type: $0))
            }
        }
        if let linkLocal = linkLocal(of: interface), let link = Self.linkLocalPrefix {
            services.append(LocalService(local: .ipv6(linkLocal), remote: link, kind: .icmp(type: 128)))
        }
        return services
    }

    private func linkLocal(of interface: Interface) -> IPv6Address? {
        hardwareAddress(of: interface.name.port).flatMap {
            NeighborInterface.linkLocal(of: $0, with: interface.addresses)
        }
    }

    static func echoTypes(_ family: AddressFamily) -> [UInt8] { family == .ipv4 ? [0, 8] : [128, 129] }

    private mutating func addCircuitGateways() {
        for vrf in index.vrfs {
            let addresses = vrf.optionAB.keys.flatMap {
                index.gateways(ofVRF: vrf.name, towards: $0)?.values.map(\.self) ?? []
            }
            for address in addresses {
                guard let circuit = index.circuit(ofVRF: vrf.name, towards: address),
                    let interface = plan.interfaces[circuit.name.description]
                else { continue }
                plan.circuitGateways.insert(NeighborKey(interface: interface.number, address: address))
                plan.interfaces[circuit.name.description]?.leadsToOperator = true
            }
        }
    }

    /// Where several customer carriers share a circuit each one's labels are valid from its own Ethernet addresses alone.
    private mutating func addSendersOnCircuits() {
        for interface in index.interfaces where plan.interfaces[interface.name.description]?.isCarrierCircuit == true {
            let neighbors = index.customerCarriers(on: interface)
            guard neighbors.count > 1 else { continue }
            plan.interfaces[interface.name.description]?.senders = Dictionary(
                uniqueKeysWithValues: neighbors.map { ($0, []) })
        }
    }

    private mutating func addUnits(of interface: Interface) {
        guard case .nni = interface.kind, let nni = plan.interfaces[interface.name.description] else { return }
        let neighbors = index.neighbors(onNNI: interface.name)
        let checksSourceMAC = index.checksSourceMAC(on: interface)
        // Also of those that the VRF is not open to any more: what they send by its last labels, and by those of
        // other VRFs, comes from the same addresses.
        let senders: [IPAddress: [MACAddress]]? =
            checksSourceMAC
            ? Dictionary(uniqueKeysWithValues: neighbors.map { ($0, sourceAddresses[$0] ?? []) }) : nil
        plan.interfaces[nni.name]?.senders = senders
        for vrf in index.vrfs where plan.vrfs[vrf.name] != nil {
            let configured = index.unit(ofVRF: vrf.name, onNNI: interface.name)
            let eligible = neighbors.filter { index.isEligible(vrf: vrf.name, onNeighbor: $0) }
            guard configured != nil || !eligible.isEmpty else { continue }
            let name =
                configured?.name.description ?? ForwardingPlan.impliedUnitName(nni: nni.name, vrf: vrf.name)
            guard let number = numberOfInterface(configuration.numberedName(name, ofVRF: vrf.name)) else {
                plan.omissions.append("unit \(name): the tables hold 65535 interfaces")
                continue
            }
            plan.units[ForwardingPlan.UnitKey(nni: nni.name, vrf: vrf.name)] = name
            plan.interfaces[name] = InterfacePlan(
                name: name, kind: .unit(nni: nni.name, isImplied: configured == nil),
                number: InterfaceNumber(rawValue: number), vrf: vrf.name, port: nni.port,
                hardwareAddress: nni.hardwareAddress, encapsulation: nni.encapsulation,
                addresses: [], mtu: unitMTU(configured, nni: interface, port: nni.port),
                isShutdown: nni.isShutdown || (configured?.isShutdown ?? false),
                icmpSources: icmpSources(inVRF: vrf.name, otherwise: nni), localServices: [],
                services: services.services(on: configured ?? interface, vrf: vrf.name),
                senders: senders)
        }
    }

    private func unitMTU(_ unit: Interface?, nni: Interface, port: UInt16) -> UInt16 {
        var effective = nni
        if let mtu = unit?.mtuOctets { effective.mtuOctets = mtu }
        return mtu(of: effective, under: 1, port: port)
    }

    /// A unit has no address of its own: errors come from the VRF's loopback or an address that it has on a circuit, so
    /// that whoever traces a route sees where in his own network the box is; without one, from the NNI's
    /// (RFC 4443 §2.2: an address of the box).
    private func icmpSources(inVRF vrf: String, otherwise nni: InterfacePlan) -> [IPAddress] {
        let loopbacks = configuration.vrfs[vrf]?.loopbacks ?? [:]
        let own = index.circuits(ofVRF: vrf).lazy.flatMap(\.addresses).map(\.address)
        return AddressFamily.allCases.compactMap { family in
            loopbacks[family] ?? own.first { $0.family == family }
                ?? nni.icmpSources.first { $0.family == family }
        }
    }
}

// MARK: The core

extension ForwardingPlanCompiler {
    /// A unit of each VRF for all core interfaces, and the ways to PEs and to the box's own neighbors there.
    private mutating func addCore() {
        let links = index.interfaces.filter { if case .core = $0.kind { true } else { false } }
        guard !links.isEmpty else { return }
        for vrf in index.vrfs where plan.vrfs[vrf.name] != nil { addCoreUnit(of: vrf.name, links) }
        plan.core = CorePlan(
            links: links.compactMap { plan.interfaces[$0.name.description] }.filter { !$0.isShutdown }
                .flatMap { link in link.addresses.map { CorePlan.Link(interface: link.number, address: $0) } },
            routes: configuration.defaultTableRoutes.map { CorePlan.Way(prefix: $0.prefix, router: $0.nextHop) },
            bindings: configuration.staticBindings.map {
                CorePlan.Way(prefix: $0.prefix, router: $0.nextHop, labels: $0.labels)
            }, tunnels: tunnels, loopbacks: configuration.loopback?.addresses ?? [:])
    }

    var tunnels: [CorePlan.Tunnels] {
        configuration.udpTransports.compactMap { transport in
            configuration.loopback?.addresses[transport.prefix.family].map {
                CorePlan.Tunnels(
                    prefix: transport.prefix, source: $0, hasChecksum: transport.hasChecksum,
                    isByCommunity: transport.isByCommunity)
            }
        }
    }

    /// The families in which a router of the core is told explicit null. By which interface its packets come is not known.
    private var explicitNulls: Set<AddressFamily> {
        var families: Set<AddressFamily> = []
        for session in index.internalSessions where !session.isShutdown {
            for (family, settings) in session.families where settings.isToldExplicitNull {
                families.insert(family.addressFamily)
            }
        }
        return families
    }

    private mutating func addCoreUnit(of vrf: String, _ links: [Interface]) {
        let configured = index.coreUnit(ofVRF: vrf)
        let name =
            configured?.name.description
            ?? ForwardingPlan.impliedUnitName(nni: ForwardingPlan.coreName, vrf: vrf)
        guard let number = numberOfInterface(configuration.numberedName(name, ofVRF: vrf)) else {
            plan.omissions.append("unit \(name): the tables hold 65535 interfaces")
            return
        }
        let loopbacks = configuration.vrfs[vrf]?.loopbacks ?? [:]
        let circuits = index.circuits(ofVRF: vrf).lazy.flatMap(\.addresses).map(\.address)
        let own = configuration.loopback?.addresses ?? [:]
        let ofLinks = links.lazy.flatMap(\.addresses).map(\.address)
        plan.units[ForwardingPlan.UnitKey(nni: ForwardingPlan.coreName, vrf: vrf)] = name
        plan.interfaces[name] = InterfacePlan(
            name: name, kind: .coreUnit(isImplied: configured == nil), number: InterfaceNumber(rawValue: number),
            vrf: vrf, port: 0,
            hardwareAddress: MACAddress(rawValue: 0), encapsulation: .untagged, addresses: [], mtu: .max,
            isShutdown: configured?.isShutdown ?? false,
            icmpSources: AddressFamily.allCases.compactMap { family in
                loopbacks[family] ?? circuits.first { $0.family == family } ?? own[family]
                    ?? ofLinks.first { $0.family == family }
            }, localServices: [],
            services: configured.map { services.services(on: $0, vrf: vrf) } ?? ServicesPlan())
    }
}

extension StaticBinding {
    /// What stands on top.
    fileprivate var labels: [MPLSLabel] {
        switch label {
        case .implicitNull: []
        case .explicitNull: [.explicitNull(prefix.family)]
        case .label(let label): [label]
        }
    }
}

extension UInt16 {
    /// The sum, or the largest number there is.
    fileprivate func adding(_ other: UInt16) -> UInt16 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}

extension PortDevice {
    /// What DPDK takes: a PCI address, or a virtual device with its arguments.
    var arguments: String {
        switch self {
        case .pci(let address): address
        case .virtual(let arguments): arguments
        }
    }
}

extension FlowMetering {
    fileprivate init(_ monitor: FlowMonitorSettings) {
        self.init(
            samplingInterval: monitor.samplingInterval, cacheEntries: monitor.cacheEntries,
            activeMilliseconds: monitor.activeTimeoutSeconds * 1000,
            inactiveMilliseconds: monitor.inactiveTimeoutSeconds * 1000)
    }
}
