import Addressing
import CTableLayout
import ForwardingTables
import PacketFormats
import Pipeline

extension ControlPlane {
    /// How many packets are taken from each ring at once, so that a flood of one kind does not starve the rest.
    private static let burst = 256

    /// Takes what the data plane has punted and what the kernel has sent.
    func pollPackets() {
        if let reader = dataplane.reader {
            var packets: [PuntedPacket] = []
            let skipped = reader.drainPunts(into: control, limitPerWorker: Self.burst) { packets.append($0) }
            counters.countIgnoredPunts(skipped)
            if !packets.isEmpty { pollPace.hurry() }
            for packet in packets { receive(packet) }
        }
        var fromKernel: [(packet: [UInt8], neighbor: NeighborKey?)] = []
        kernel?.readPackets(limit: Self.burst) { fromKernel.append(($0, $1)) }
        if !fromKernel.isEmpty { pollPace.hurry() }
        for (packet, neighbor) in fromKernel {
            guard let neighbor else {
                counters.countIgnoredKernelPacket()
                continue
            }
            perform(
                neighbors.table.hold(HeldPacket(vrf: 0, packet: packet), for: neighbor, now: clock.now))
        }
    }

    private func receive(_ packet: PuntedPacket) {
        guard let puntClass = PuntClass(rawValue: UInt8(truncatingIfNeeded: packet.puntClass)) else { return }
        switch puntClass {
        case .arp, .neighborDiscovery:
            perform(neighbors.table.receive(frame: packet.data, interface: packet.interface, now: clock.now))
        case .icmp: if !answerOnLink(packet) { deliverToKernel(packet) }
        case .bgp, .bfd: deliverToKernel(packet)
        case .receive:
            guard let whole = reassembly.add(packet.data, of: packet.counter, now: clock.now) else { return }
            guard let answer = LocalAnswer(to: whole) else {
                counters.countIgnoredPunts()
                return
            }
            for piece in pieces(of: answer, hasSeveral: whole.count > packet.data.count) {
                say(piece, vrf: senderVRF(of: packet), becauseOf: packet.interface)
            }
        case .glean: receiveUnresolved(packet)
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
        guard let interface = neighbors.table.interface(packet.interface), interface.linkLocal == destination,
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
            transmit(frame, by: packet.interface)
        }
        return true
    }

    private func deliverToKernel(_ packet: PuntedPacket) {
        guard let kernel, let payload = EthernetFrame.payload(of: packet.data),
            payload.etherType == EtherType.ipv4 || payload.etherType == EtherType.ipv6,
            kernel.deliver(Array(payload.octets))
        else {
            counters.countIgnoredPunts()
            return
        }
    }

    private func receiveUnresolved(_ packet: PuntedPacket) {
        guard let addresses = IPHeader.addresses(of: packet.data),
            let neighbor = tables.unresolvedNeighbor(vrf: packet.vrf, destination: addresses.destination)
        else {
            counters.countIgnoredPunts()
            return
        }
        let held = HeldPacket(
            vrf: packet.vrf, senderVRF: senderVRF(of: packet), packet: packet.data, interface: packet.interface,
            cameFromNNI: isOfNNI(interface: packet.interface), isOwn: packet.isOwn)
        perform(neighbors.table.hold(held, for: neighbor, now: clock.now))
    }

    /// The VRF of the interface that the packet came in on: a route map may have given it to another, where its source is
    /// somebody else.
    private func senderVRF(of packet: PuntedPacket) -> UInt16 {
        let vrf = plan.interface(numbered: packet.interface)?.vrf
        return vrf.flatMap { plan.vrfs[$0] }?.number.rawValue ?? packet.vrf
    }

    /// Whether packets of the interface come in on an NNI. Of one that is gone meanwhile nobody knows: yes.
    private func isOfNNI(interface number: InterfaceNumber) -> Bool {
        switch plan.interface(numbered: number)?.kind {
        case .attachmentCircuit: false
        case .nni, .unit, nil: true
        }
    }

    // MARK: Neighbors

    /// Carries out what the neighbor table asks for.
    func perform(_ effects: [NeighborEffect]) {
        for effect in effects {
            switch effect {
            case .transmit(let interface, let frame): transmit(frame, by: interface)
            case .resolved(let key, _), .failed(let key), .removed(let key):
                tables.neighborChanged(key)
                if plan.nniOfNeighbor[key.address] != nil { nextHopsHaveChanged = true }
            case .release(let key, let held): release(held, to: key)
            case .undeliverable(let key, let held):
                counters.countHeldPacketsDropped()
                answerUndeliverable(held, to: key)
            case .dropped(_, let packets): counters.countHeldPacketsDropped(packets)
            case .conflict(let interface, let address, let other):
                logger.warning(
                    "another host uses our address",
                    metadata: [
                        "interface": "\(plan.interface(numbered: interface)?.name ?? "")", "address": "\(address)",
                        "mac": "\(other)",
                    ])
            }
        }
        meetNeeds()
    }

    /// Resolves the neighbors that routes have come to need.
    func meetNeeds() {
        for (key, isNeeded) in tables.takeChangedNeeds() {
            if isNeeded {
                let effects = neighbors.table.want(key, now: clock.now)
                if !effects.isEmpty { perform(effects) }
            } else if nextHopKey(of: key.address) != key {
                // A BGP neighbor goes on being asked for: that it can be reached is what makes its routes usable.
                neighbors.table.release(key, now: clock.now)
            }
        }
    }

    /// A packet whose neighbor is known now: one of the kernel's leaves by the NNI at once, one of a VRF goes through
    /// the pipeline again and meets the new adjacency there.
    private func release(_ held: HeldPacket, to key: NeighborKey) {
        guard held.vrf == 0 else {
            return held.isOwn
                ? say(held.packet, vrf: held.vrf, becauseOf: held.interface)
                : forward(held.packet, vrf: held.vrf, becauseOf: held.interface, flags: transitFlags(of: held))
        }
        guard let interface = neighbors.table.interface(key.interface),
            let destination = neighbors.table[key]?.hardwareAddress
        else { return }
        let frame = EthernetFrame.octets(
            destination: destination, source: interface.hardwareAddress, tags: interface.tags,
            etherType: key.address.family == .ipv4 ? EtherType.ipv4 : EtherType.ipv6, payload: held.packet)
        transmit(frame, by: key.interface)
    }

    /// `stile_inject_flags`.
    private func transitFlags(of held: HeldPacket) -> UInt32 {
        held.cameFromNNI ? transitFlags(ofNNIPacketIn: held.senderVRF) : 0
    }

    private func transitFlags(ofNNIPacketIn vrf: UInt16) -> UInt32 {
        let allowsTransit = plan.vrfNames[vrf].flatMap { plan.vrfs[$0] }?.allowsTransit ?? false
        return STILE_INJECT_CAME_FROM_NNI.rawValue | (allowsTransit ? STILE_INJECT_MAY_TRANSIT.rawValue : 0)
    }

    /// Tells the sender inside his VRF, from our address on the circuit where the neighbor was looked for. What the box
    /// itself said has no sender to be told.
    private func answerUndeliverable(_ held: HeldPacket, to key: NeighborKey) {
        guard held.vrf != 0, !held.isOwn,
            let own = neighbors.table.interface(key.interface)?.addresses.first(where: {
                $0.address.family == key.address.family
            }),
            let answer = HostUnreachable.packet(about: held.packet, from: own.address)
        else { return }
        say(answer, vrf: held.senderVRF, becauseOf: held.interface)
    }

    /// Sends what the box says because of a packet that came in by an interface. It carries what that packet brought: of
    /// an NNI it goes back by that NNI or to a circuit, and to another NNI only where the VRF has transit.
    private func say(_ answer: [UInt8], vrf: UInt16, becauseOf interface: InterfaceNumber) {
        forward(
            answer, vrf: vrf, becauseOf: interface, nni: nni(of: interface),
            flags: STILE_INJECT_ANSWER.rawValue | (isOfNNI(interface: interface) ? transitFlags(ofNNIPacketIn: vrf) : 0)
        )
    }

    /// The number of an interface's NNI; none where there is none.
    private func nni(of number: InterfaceNumber) -> InterfaceNumber {
        guard let interface = plan.interface(numbered: number) else { return .none }
        return switch interface.kind {
        case .unit(let nni, _): plan.interfaces[nni]?.number ?? .none
        case .nni: number
        case .attachmentCircuit: .none
        }
    }

    private func transmit(_ frame: [UInt8], by interface: InterfaceNumber) {
        guard let port = neighbors.table.interface(interface)?.port else { return }
        inject { consumer in
            frame.withUnsafeBytes { control.transmit($0, port: port, counter: interface.rawValue, consumer: consumer) }
        }
    }

    /// Of an interface that is gone meanwhile the number may be another's: then the packet counts on none.
    private func forward(
        _ packet: [UInt8], vrf: UInt16, becauseOf interface: InterfaceNumber, nni: InterfaceNumber = .none,
        flags: UInt32
    ) {
        let cause = plan.interface(numbered: interface) == nil ? .none : interface
        inject { consumer in
            packet.withUnsafeBytes {
                control.forward(
                    $0, vrf: vrf, becauseOf: cause.rawValue, nni: nni.rawValue, flags: flags, consumer: consumer)
            }
        }
    }

    private func inject(_ write: (_ consumer: UInt64) -> Bool) {
        // Without a data plane nobody empties the ring: what was in it would come out stale, minutes later.
        guard dataplane.isAlive, let reader = dataplane.reader else { return }
        if !write(reader.injectConsumer) { counters.countFullInjectRing() }
    }
}

extension PuntedPacket {
    /// The interface that it came in by.
    fileprivate var interface: InterfaceNumber { InterfaceNumber(rawValue: counter) }
}
