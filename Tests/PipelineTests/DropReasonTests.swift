import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// Every reason is provoked here, and counts where it should.
@Suite struct DropReasonTests {
    /// A frame and the counter that its drop must raise.
    private struct Provocation {
        var port: UInt16
        var octets: [UInt8]
        var counter: UInt16
    }

    @Test(arguments: DropReason.allCases)
    func reasonIsProvokedAndCounted(_ reason: DropReason) throws {
        let lab = try Lab()
        lab.useUpProbe()
        let provocation: Provocation
        switch reason {
        case .frameTooShort: provocation = Provocation(port: 2, octets: [1, 2, 3], counter: LabPlan.counter(ofPort: 2))
        case .multipleSegments, .puntRingFull, .workerRingFull:
            // These happen outside the stages: the owner of the frames counts them.
            lab.worker.pointee.countDrop(reason, counter: 5)
            #expect(lab.drops(reason, counter: 5) == 1)
            return
        case .egressPortDown, .transmitQueueFull:
            try portRefuses(lab, reason)
            return
        case .noInterfaceForVLAN:
            let frame = LabPlan.ownMAC(port: 2) + LabPlan.neighborMAC(counter: 41) + PacketBuilder.tag(7) + [8, 0]
            provocation = Provocation(port: 2, octets: frame, counter: LabPlan.counter(ofPort: 2))
        case .notForThisMAC:
            let frame = PacketBuilder.circuitFrame(counter: 41, packet: ipv4(), destinationMAC: [2, 0, 0, 0, 0, 99])
            provocation = Provocation(port: 2, octets: frame, counter: 41)
        case .etherTypeNotAccepted:
            provocation = Provocation(
                port: 0, octets: PacketBuilder.nniFrame(nni: 0, etherType: [0x88, 0x48], payload: [0, 0]), counter: 1)
        case .labelStackTruncated:
            provocation = Provocation(
                port: 0, octets: PacketBuilder.nniFrame(nni: 0, etherType: [0x88, 0x47], payload: [0, 0, 0]), counter: 1
            )
        case .labelStackDepth:
            provocation = labelled(ipv4(), isBottom: false, counter: 1)
        case .labelNotValidHere: provocation = labelled(ipv4(), label: 1030, counter: 1)
        case .labelWithdrawn: provocation = labelled(ipv4(), label: 1018, counter: 1)
        case .labelPayload: provocation = labelled(ipv4(), label: 1025, counter: 1)
        case .noReplicationMember: provocation = labelled(ipv4(), label: 1055, counter: 1)
        case .noFrameForCopies:
            // For the last of three copies.
            lab.pool.remaining = 2
            provocation = labelled(ipv4(), label: 1059, counter: 4)
        case .labelReserved: provocation = labelled(ipv4(), label: 15, counter: 1)
        case .coreToCore:
            let frame = PacketBuilder.labelledFrame(nni: 3, label: 3001, packet: ipv4(to: 0x0A04_0001))
            provocation = Provocation(port: 5, octets: frame, counter: 14)
        case .unlabelledFromCore:
            let frame = PacketBuilder.nniFrame(nni: 4, etherType: [8, 0], payload: ipv4())
            provocation = Provocation(port: 5, octets: frame, counter: 5)
        case .tunnelNotHere: provocation = tunnelled(to: [192, 168, 9, 2])
        case .tunnelSourceUnlisted: provocation = tunnelled(from: [192, 168, 6, 7])
        case .tunnelMalformed: provocation = tunnelled(fragment: 0x2000)
        case .tunnelChecksumInvalid: provocation = tunnelled(from: LabPlan.tunnelPeer(0xF7), hasChecksum: false)
        case .tunnelCongestion: provocation = tunnelled(trafficClass: 3)
        case .foreignSourceMAC:
            let frame = PacketBuilder.labelledFrame(
                nni: 2, label: 2003, packet: ipv4(), source: LabPlan.neighborMAC(counter: 3))
            provocation = Provocation(port: 1, octets: frame, counter: 3)
        case .labelTTLExpired: provocation = labelled(ipv4(), timeToLive: 1, counter: 1)
        case .ipHeaderTruncated: provocation = labelled(Array(ipv4().prefix(19)), counter: 1)
        case .ipVersionInvalid: provocation = labelled([0x50] + ipv4().dropFirst(), counter: 1)
        case .ipHeaderLengthInvalid: provocation = labelled([0x44] + ipv4().dropFirst(), counter: 1)
        case .ipLengthInvalid: provocation = labelled(Array(ipv4().dropLast()), counter: 1)
        case .ipChecksumInvalid:
            var packet = ipv4()
            packet[10] ^= 1
            provocation = labelled(packet, counter: 1)
        case .ipv4OptionsRefused:
            provocation = circuit(ipv4(options: [0x83, 7, 4, 10, 2, 0, 1, 0]))
        case .familyNotCarried:
            let packet = PacketBuilder.ipv6(source: Self.customer6, destination: Self.customer6)
            provocation = labelled(packet, label: 1003, counter: 1)
        case .sourceAddressInvalid: provocation = circuit(ipv4(from: 0x7F00_0001))
        case .reversePathFailed:
            try lab.install(ServicePlan(services: [41: .init(sourceCheck: STILE_SOURCE_CHECK_STRICT)]))
            provocation = circuit(ipv4(from: 0x0A02_0009))
        case .accessListDenied:
            try lab.install(ServicePlan(services: [41: .init(ipv4In: [.init(permits: false)])]))
            provocation = circuit(ipv4())
        case .fragmentRefused:
            try lab.install(ServicePlan(services: [41: .init(ipv4In: [.init(permits: true)])]))
            provocation = circuit(ipv4(protocolNumber: 6, fragment: 1))
        case .policerExceeded:
            let policer = ServicePlan.Policer(instance: 1, committedBitsPerSecond: 8_000, committedOctets: 40)
            try lab.install(ServicePlan(services: [41: .init(policerIn: policer)]))
            provocation = circuit(ipv4())
        case .routeMapDiscarded:
            var plan = ServicePlan(services: [41: .init()])
            plan.routeMaps[41] = [.init(instance: 1, otherwise: .discard)]
            try lab.install(plan)
            provocation = circuit(ipv4())
        case .destinationAddressInvalid: provocation = circuit(ipv4(to: 0xFFFF_FFFF))
        case .multicastDestination: provocation = circuit(ipv4(to: 0xE000_0005))
        case .unlabelledOnNNI:
            provocation = Provocation(
                port: 0, octets: PacketBuilder.nniFrame(nni: 0, etherType: [8, 0], payload: ipv4()), counter: 1)
        case .noRoute: provocation = circuit(ipv4(to: 0xAC10_0001))
        case .discardRoute: provocation = circuit(ipv4(to: 0x0A09_0001))
        case .hostUnreachable: provocation = circuit(ipv4(to: 0x0A08_0001))
        case .adjacencyOfAnotherVRF: provocation = circuit(ipv4(to: 0x0A06_0009))
        case .transitNotAllowed: provocation = labelled(ipv4(to: 0x0A03_0001), counter: 11)
        case .ipTTLExpired: provocation = circuit(ipv4(timeToLive: 1))
        case .fragmentationNeeded: provocation = circuit(ipv4(to: 0x0A03_0001, fragment: 0x4000, bytes: 1480))
        case .packetTooBig:
            let destination: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
            provocation = circuit(
                PacketBuilder.ipv6(
                    source: Self.customer6, destination: destination, payload: [UInt8](repeating: 0, count: 1460)))
        case .fragmentationImpossible: provocation = circuit(ipv4(to: 0x0A07_0001))
        case .noFrameForFragments:
            lab.pool.remaining = 1
            provocation = circuit(ipv4(to: 0x0A03_0001, bytes: 1480))
        case .puntRateExceeded:
            lab.setRates(punt: 0, icmp: 0, cyclesPerSecond: 1 << 40)
            provocation = circuit(ipv4(to: 0x0A01_0001))
        }
        _ = lab.run([(provocation.port, provocation.octets)])
        #expect(lab.drops(reason, counter: provocation.counter) == 1)
    }

    private func tunnelled(
        from source: [UInt8] = [192, 168, 7, 7], to destination: [UInt8]? = nil, hasChecksum: Bool = false,
        trafficClass: UInt8 = 0, fragment: UInt16 = 0
    ) -> Provocation {
        let stack = PacketBuilder.octets(3001 << 12 | 0x1FF) + ipv4()
        let frame = PacketBuilder.tunnelFrame(
            nni: 3, from: source, to: destination, hasChecksum: hasChecksum, trafficClass: trafficClass,
            fragment: fragment,
            stack: stack)
        return Provocation(port: 5, octets: frame, counter: 4)
    }

    private func portRefuses(_ lab: Lab, _ reason: DropReason) throws {
        let outcome = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: ipv4()))])
        #expect(outcome.first?.verdict == .transmit(port: 3))
        let before = lab.counters[42].tx_packets
        #expect(Transmit.gather(lab.worker, port: 3) == 1)
        Transmit.settle(lab.worker, count: 1, sent: 0, otherwise: reason)
        #expect(lab.drops(reason, counter: 42) == 1)
        #expect(lab.counters[42].tx_packets == before)
    }

    @Test func fragmentThatThePortRefusesIsCounted() throws {
        let lab = try Lab()
        lab.pool.portTakesFrames = false
        let outcome = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: ipv4(to: 0x0A03_0001, bytes: 1480)))]
        )
        #expect(outcome.first?.verdict == .fragmented)
        #expect(lab.drops(.transmitQueueFull, counter: 11) == 2)
        #expect(lab.counters[11].tx_packets == 0)
    }

    @Test func adjacencyOfAPortThatCannotBeIsNotFollowed() throws {
        let lab = try Lab()
        let adjacency = stile_adjacency(port: 70, header: [UInt8](repeating: 0, count: 14))
        let link = try #require(lab.links[Lab.nextHopName("c42", .ipv4)])
        try lab.writer.links.set(link, to: adjacency)
        let outcome = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: ipv4()))])
        #expect(outcome.first?.verdict == .drop(.egressPortDown))
        #expect(lab.worker.pointee.egressPorts == 0)
    }

    /// What no configuration leads to: a neighbor without a link, a next hop that has no interface any more, a kind that
    /// nobody knows.
    @Test func aNextHopThatLeadsNowhereRefuses() throws {
        let lab = try Lab()
        let nextHop = try #require(lab.nextHops[Lab.nextHopName("c42", .ipv4)])
        let circuit = lab.writer.reader.nextHop(nextHop).interface
        func send(by changed: NextHop) throws {
            try lab.writer.nextHops.set(nextHop, to: changed)
            let outcome = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: ipv4()))]).first
            #expect(outcome?.verdict != .transmit(port: 3))
        }
        try send(by: .circuit(circuit, link: 0))
        #expect(lab.drops(.noRoute, counter: 41) == 1)
        try send(by: .unreachable(vrf: 1))
        #expect(lab.drops(.hostUnreachable, counter: 41) == 1)
        try send(by: .unreachable(vrf: 2))
        #expect(lab.drops(.adjacencyOfAnotherVRF, counter: 41) == 1)
        try send(by: NextHop(rawValue: 15 << 40))
        #expect(lab.drops(.noRoute, counter: 41) == 2)
    }

    /// Such a fragment overflows the datagram that it belongs to; cut up, its offsets would run into the flags.
    @Test func fragmentBeyondTheLargestDatagramIsNotCutUp() throws {
        let lab = try Lab()
        let packet = ipv4(to: 0x0A03_0001, fragment: 8_191, bytes: 1480)
        let outcome = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: packet))])
        #expect(outcome.first?.verdict == .drop(.fragmentationImpossible))
    }

    @Test func fragmentsThatAreTooLargeForAFrameAreDropped() throws {
        let lab = try Lab()
        lab.pool.capacity = 100
        let outcome = lab.run([(2, PacketBuilder.circuitFrame(counter: 41, packet: ipv4(to: 0x0A03_0001, bytes: 1480)))]
        )
        #expect(outcome.first?.verdict == .drop(.noFrameForFragments))
        #expect(lab.pool.outstanding == 0)
    }

    @Test func identifiersAreUniqueSnakeCaseAndFitTheCounters() {
        let identifiers = DropReason.allCases.map(\.identifier)
        #expect(Set(identifiers).count == identifiers.count)
        #expect(identifiers.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } })
        #expect(DropReason.allCases.count <= Int(STILE_MAX_DROP_REASONS))
        #expect(DropReason.allCases.map { Int($0.rawValue) } == Array(0..<identifiers.count))
        #expect(DropReason.allCases.allSatisfy { $0.helpText.hasSuffix(".") })
        #expect(Set(DropReason.allCases.map(\.class)) == Set(DropReason.Class.allCases))
    }

    /// The shared memory of two versions and everybody who has stored a number: a reason keeps its number for ever, and
    /// new ones go at the end of this list.
    @Test func numbersAreAppendOnly() {
        let inOrder = """
            frame_too_short multiple_segments no_interface_for_vlan not_for_this_mac ether_type_not_accepted
            label_stack_truncated label_stack_depth label_not_valid_here label_ttl_expired ip_header_truncated
            ip_version_invalid ip_header_length_invalid ip_length_invalid ip_checksum_invalid ipv4_options_refused
            family_not_carried source_address_invalid destination_address_invalid multicast_destination
            unlabelled_on_nni no_route discard_route host_unreachable adjacency_of_another_vrf transit_not_allowed
            ip_ttl_expired fragmentation_needed packet_too_big fragmentation_impossible no_frame_for_fragments
            punt_rate_exceeded punt_ring_full egress_port_down transmit_queue_full worker_ring_full
            reverse_path_failed access_list_denied fragment_refused policer_exceeded route_map_discarded
            foreign_source_mac label_reserved core_to_core unlabelled_from_core tunnel_not_here
            tunnel_source_unlisted tunnel_malformed tunnel_checksum_invalid tunnel_congestion
            label_withdrawn label_payload no_replication_member no_frame_for_copies
            """
        #expect(DropReason.allCases.map(\.identifier) == inOrder.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    @Test(arguments: 0...16 as ClosedRange<UInt32>)
    func `reserved labels count apart from unknown ones`(_ label: UInt32) throws {
        let lab = try Lab()
        let frame = labelled(ipv4(), label: label, counter: 1)
        let reason: DropReason = label < 16 ? .labelReserved : .labelNotValidHere
        #expect(lab.run([(frame.port, frame.octets)]).first?.verdict == .drop(reason))
    }

    private static let customer6: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 77]

    private func ipv4(
        from source: UInt32 = 0x0A01_004D, to destination: UInt32 = 0x0A02_0009, timeToLive: UInt8 = 64,
        protocolNumber: UInt8 = 17, fragment: UInt16 = 0, options: [UInt8] = [], bytes: Int = 24
    ) -> [UInt8] {
        PacketBuilder.ipv4(
            source: source, destination: destination, timeToLive: timeToLive, protocolNumber: protocolNumber,
            fragment: fragment, options: options, payload: [UInt8](repeating: 1, count: bytes))
    }

    private func circuit(_ packet: [UInt8]) -> Provocation {
        Provocation(port: 2, octets: PacketBuilder.circuitFrame(counter: 41, packet: packet), counter: 41)
    }

    private func labelled(
        _ packet: [UInt8], label: UInt32 = 1001, timeToLive: UInt8 = 64, isBottom: Bool = true, counter: UInt16
    ) -> Provocation {
        let frame = PacketBuilder.labelledFrame(
            nni: 0, label: label, timeToLive: timeToLive, isBottom: isBottom, packet: packet)
        return Provocation(port: 0, octets: frame, counter: counter)
    }
}
