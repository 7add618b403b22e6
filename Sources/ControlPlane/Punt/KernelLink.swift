import Addressing
import CTableLayout
import ForwardingTables

/// A TUN device with what is needed to send the kernel's packets on: which interface a destination is on, or by which router
/// of the core it is reached. One is for the NNIs and the core, and one for each VRF in which there are BGP neighbors.
struct KernelLink {
    private let device: TUNDevice
    private var subnets: [(subnet: IPPrefix, interface: InterfaceNumber)] = []
    /// The circuits of neighbors with link-local addresses.
    private var linkLocalPeers: [IPAddress: InterfaceNumber] = [:]
    private var core = CorePlan()
    private var coreAddresses: Set<IPAddress> = []

    /// - Throws: ``SystemCallError`` if the kernel gives no device.
    init(name: String, _ links: [InterfacePlan]) throws {
        device = try TUNDevice(name: name, mtu: Self.mtu(of: links))
    }

    /// What fits all of the interfaces; IPv6 wants 1280.
    private static func mtu(of links: [InterfacePlan]) -> UInt16 { max(1280, links.map(\.mtu).min() ?? 1500) }

    var descriptor: Int32 { device.descriptor }
    var name: String { device.name }

    /// Brings addresses and routes to the interfaces, and to the core. Returns what the kernel refused. With a routing engine on
    /// the host, which says the core where the loopbacks are, the device outlives the process.
    mutating func apply(
        _ links: [InterfacePlan], _ core: CorePlan, linkLocalPeers peers: [IPAddress: InterfacePlan]
    ) -> [SystemCallError] {
        let mtuFailure = device.setMTU(Self.mtu(of: links))
        let persistenceFailure = device.setOutlivesProcess(links.contains { $0.hostDevice != nil })
        let onHostDevices = Set(links.lazy.filter { $0.hostDevice != nil }.map(\.number))
        let links = links.filter { !$0.isShutdown && $0.kind != .core }
        subnets = links.flatMap { link in link.addresses.map { ($0.subnet, link.number) } }
            .sorted { ($1.0.length, $0.1) < ($0.0.length, $1.1) }
        self.core = core
        let loopbacks = core.loopbacks.compactMap { InterfaceAddress($0.value, prefixLength: $0.key.bits) }
        coreAddresses = Set((core.links.map(\.address) + loopbacks).map(\.address))
        // Those of an interface that the host has a device for are on that.
        let own = core.links.filter { !onHostDevices.contains($0.interface) }.map(\.address) + loopbacks
        let linkLocals = peers.values.compactMap { circuit in
            circuit.neighborInterface?.linkLocal.flatMap { InterfaceAddress(.ipv6($0), prefixLength: 64) }
        }
        linkLocalPeers = peers.mapValues(\.number)
        let failures = device.setAddresses(Set(links.flatMap(\.addresses) + own + linkLocals))
        return failures + device.setRoutes(Set(core.routes.map(\.prefix)))
            + [mtuFailure, persistenceFailure].compactMap(\.self)
    }

    /// One packet that the kernel has sent; `nil` if there is none now.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> [UInt8]? {
        device.read(into: buffer).map { length in
            Array(UnsafeRawBufferPointer(rebasing: buffer[0..<min(length, buffer.count)]))
        }
    }

    /// Hands a packet for one of the box's own addresses to the kernel.
    func deliver(_ packet: [UInt8]) -> Bool { device.write(packet) }

    /// Whom a packet of the kernel is for; `nil` where the destination is on none of the interfaces, and nothing in the core
    /// leads there. What is said from an address of the core goes into the core, whoever it was that had it said, and from no
    /// other: by the configuration's routes and, where those lead nowhere, the routing engine's.
    func neighbor(for packet: [UInt8], _ engine: RoutingEngine) -> NeighborKey? {
        guard let (source, destination) = IPHeader.addresses(of: packet) else { return nil }
        if coreAddresses.contains(source) {
            return core.neighbor(towards: destination) ?? engine.router(towards: destination)
        }
        if destination.isLinkLocal {
            return linkLocalPeers[destination].map { NeighborKey(interface: $0, address: destination) }
        }
        return subnets.first { $0.subnet.contains(destination) }.map {
            NeighborKey(interface: $0.interface, address: destination)
        }
    }
}
