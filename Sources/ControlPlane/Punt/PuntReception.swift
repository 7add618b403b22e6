import Addressing
import CTableLayout
import ForwardingTables
import PacketFormats
import Pipeline

/// Packets that the data plane hands over because they are for the box itself or their neighbor is not known, and those of
/// the kernel, which has BGP's TCP.
final class PuntReception {
    /// Fragments of packets to the box's own addresses.
    private var reassembly = Reassembly()

    private let kernel: KernelLinks
    private let hostDevices: HostDevices
    private let neighbors: LinkNeighbors
    private let injected: InjectedPackets
    private let tables: InstalledTables
    private let control: ControlSegment
    private let dataplane: DataplaneLink
    private let counters: ControlPlaneCounters
    private let clock: WallClock

    /// How many packets are taken from each ring at once, so that a flood of one kind does not starve the rest.
    private static let burst = 256

    init(
        kernel: KernelLinks, hostDevices: HostDevices, neighbors: LinkNeighbors, injected: InjectedPackets,
        tables: InstalledTables,
        control: ControlSegment, dataplane: DataplaneLink, counters: ControlPlaneCounters, clock: WallClock
    ) {
        self.kernel = kernel
        self.hostDevices = hostDevices
        self.neighbors = neighbors
        self.injected = injected
        self.tables = tables
        self.control = control
        self.dataplane = dataplane
        self.counters = counters
        self.clock = clock
    }

    // MARK: Packets

    /// Takes what the data plane has punted and what the kernel has sent; `true` if there was something.
    func poll() -> Bool {
        var hasCome = false
        if let reader = dataplane.reader {
            var packets: [PuntedPacket] = []
            let skipped = reader.drainPunts(into: control, limitPerWorker: Self.burst) { packets.append($0) }
            counters.countIgnoredPunts(skipped)
            hasCome = !packets.isEmpty
            for packet in packets { receive(packet) }
        }
        var fromKernel: [(packet: [UInt8], neighbor: NeighborKey?)] = []
        kernel.readPackets(limit: Self.burst) { fromKernel.append(($0, $1)) }
        for (packet, neighbor) in fromKernel {
            guard let neighbor else {
                counters.countIgnoredKernelPacket()
                continue
            }
            neighbors.hold(HeldPacket(vrf: 0, packet: packet), for: neighbor)
        }
        var fromEngine: [(frame: [UInt8]?, interface: InterfaceNumber)] = []
        hostDevices.readFrames(limit: Self.burst) { fromEngine.append(($0, $1)) }
        for (frame, number) in fromEngine {
            guard let frame, let interface = tables.plan.interface(numbered: number)?.neighborInterface else {
                counters.countIgnoredKernelPacket()
                continue
            }
            injected.transmit(frame, by: interface)
        }
        return hasCome || !fromKernel.isEmpty || !fromEngine.isEmpty
    }

    /// Gives up packets whose other fragments do not come.
    func expireFragments() { reassembly.expire(now: clock.now) }

    private func receive(_ packet: PuntedPacket) {
        guard let puntClass = PuntClass(rawValue: UInt8(truncatingIfNeeded: packet.puntClass)) else { return }
        switch puntClass {
        case .arp, .neighborDiscovery:
            neighbors.receive(frame: packet.data, interface: packet.interface)
            if hostDevices.has(packet.interface) { deliverToEngine(packet) }
        case .icmp: if !answerOnLink(packet) { deliverToKernel(packet) }
        case .bgp, .bfd: deliverToKernel(packet)
        case .receive:
            guard let whole = reassembly.add(packet.data, of: packet.counter, now: clock.now) else { return }
            guard let answer = LocalAnswer(to: whole) else {
                counters.countIgnoredPunts()
                return
            }
            for piece in pieces(of: answer, hasSeveral: whole.count > packet.data.count) {
                injected.say(piece, vrf: senderVRF(of: packet), becauseOf: packet.interface)
            }
        case .glean: receiveUnresolved(packet)
        case .hostDevice: deliverToEngine(packet)
        }
    }

    /// What came in pieces may be answered in pieces.
    private func pieces(of answer: LocalAnswer, hasSeveral: Bool) -> [[UInt8]] {
        hasSeveral ? IPv6Fragments.of(answer.packet, identification: .random(in: .min ... .max)) : [answer.packet]
    }

    /// Answers what somebody on the link has sent to the box's link-local address there: back by the interface, to the
    /// Ethernet address that it came from. `false`: it is to another kind of address.
    private func answerOnLink(_ packet: PuntedPacket) -> Bool {
        guard let payload = EthernetFrame.payload(of: packet.data), payload.etherType == EtherType.ipv6 else {
            return false
        }
        let octets = Array(payload.octets)
        guard case (.ipv6(let source), .ipv6(let destination))? = IPHeader.addresses(of: octets),
            destination.isLinkLocal
        else { return false }
        guard let interface = neighbors.interface(packet.interface), interface.linkLocal == destination,
            source.isLinkLocal || interface.ownAddress(towards: .ipv6(source)) != nil,
            let sender = MACAddress(octets: packet.data[6..<12]), !sender.isGroup, sender != interface.hardwareAddress
        else {
            counters.countIgnoredPunts()
            return true
        }
        guard let whole = reassembly.add(octets, of: packet.counter, now: clock.now) else { return true }
        guard let answer = LocalAnswer(to: whole) else {
            counters.countIgnoredPunts()
            return true
        }
        for piece in pieces(of: answer, hasSeveral: whole.count > octets.count) {
            let frame = EthernetFrame.octets(
                destination: sender, source: interface.hardwareAddress, tags: interface.tags,
                etherType: EtherType.ipv6, payload: piece)
            injected.transmit(frame, by: interface)
        }
        return true
    }

    private func deliverToEngine(_ packet: PuntedPacket) {
        if !hostDevices.deliver(packet.data, of: packet.interface) { counters.countIgnoredPunts() }
    }

    private func deliverToKernel(_ packet: PuntedPacket) {
        let plan = tables.plan
        let vrf = plan.interface(numbered: packet.interface)?.vrf.flatMap { plan.vrfs[$0]?.number }
        guard let payload = EthernetFrame.payload(of: packet.data),
            payload.etherType == EtherType.ipv4 || payload.etherType == EtherType.ipv6,
            kernel.deliver(Array(payload.octets), of: vrf)
        else {
            counters.countIgnoredPunts()
            return
        }
    }

    private func receiveUnresolved(_ packet: PuntedPacket) {
        guard let addresses = IPHeader.addresses(of: packet.data),
            let neighbor = tables.nextHops.unresolvedNeighbor(
                vrf: packet.vrf, destination: addresses.destination, from: origin(of: packet))
        else {
            counters.countIgnoredPunts()
            return
        }
        let held = HeldPacket(
            vrf: packet.vrf, senderVRF: senderVRF(of: packet), packet: packet.data, interface: packet.interface,
            side: injected.side(of: packet.interface), isOwn: packet.isOwn)
        neighbors.hold(held, for: neighbor)
    }

    /// What the packet may leave by, as Departure has the rules.
    private func origin(of packet: PuntedPacket) -> stile_group_origin {
        let side = injected.side(of: packet.interface)
        if side == .circuit || packet.isOwn { return STILE_GROUP_ANY }
        if side == .core { return STILE_GROUP_CORE }
        let plan = tables.plan
        let mayTransit = [packet.vrf, senderVRF(of: packet)].allSatisfy { number in
            plan.vrfNames[number].flatMap { plan.vrfs[$0] }?.allowsTransit ?? false
        }
        return mayTransit ? STILE_GROUP_ANY : STILE_GROUP_NNI
    }

    /// The VRF of the interface that the packet came in on: a route map may have given it to another, where its source is
    /// somebody else.
    private func senderVRF(of packet: PuntedPacket) -> UInt16 {
        let plan = tables.plan
        let vrf = plan.interface(numbered: packet.interface)?.vrf
        return vrf.flatMap { plan.vrfs[$0] }?.number.rawValue ?? packet.vrf
    }
}

extension PuntedPacket {
    /// The interface that it came in by.
    fileprivate var interface: InterfaceNumber { InterfaceNumber(rawValue: counter) }
}
