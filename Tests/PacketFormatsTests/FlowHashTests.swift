import PacketFormats
import SeededRandom
import Testing

@Suite struct FlowHashTests {
    /// What identifies a flow.
    private struct Flow {
        var isIPv6: Bool
        var source: [UInt8]
        var destination: [UInt8]
        var ports: [UInt8]
        var protocolNumber: UInt8

        init(isIPv6: Bool, using generator: inout SeededGenerator) {
            self.isIPv6 = isIPv6
            let count = isIPv6 ? 16 : 4
            source = (0..<count).map { _ in generator.octet() }
            destination = (0..<count).map { _ in generator.octet() }
            ports = (0..<4).map { _ in generator.octet() }
            protocolNumber = generator.next() & 1 == 0 ? IPProtocol.tcp : IPProtocol.udp
        }

        /// - Parameters:
        ///   - fragment: flags and offset; an IPv6 packet with any of them has a fragment header.
        ///   - extensions: IPv6 destination options headers before the transport header.
        func packet(fragment: UInt16 = 0, payload: [UInt8] = [1, 2, 3, 4], extensions: Int = 0) -> [UInt8] {
            let transport = ports + payload
            guard isIPv6 else {
                let bytes = UInt8(20 + transport.count)
                let place = [UInt8(fragment >> 8), UInt8(fragment & 255)]
                return [0x45, 0, 0, bytes, 0, 7] + place + [64, protocolNumber, 0, 0] + source + destination + transport
            }
            var content = transport
            var next = protocolNumber
            if fragment != 0 {
                // RFC 8200 §4.5: the offset stands in the upper 13 bits, the flag for more in the lowest.
                let place = (fragment & 0x1FFF) << 3 | (fragment & 0x2000 != 0 ? 1 : 0)
                content = [next, 0, UInt8(place >> 8), UInt8(place & 255), 0, 0, 0, 9] + content
                next = IPProtocol.fragmentHeader
            }
            for _ in 0..<extensions {
                content = [next, 0, 1, 4, 0, 0, 0, 0] + content
                next = IPProtocol.destinationOptions
            }
            return [0x60, 0, 0, 0, 0, UInt8(content.count), next, 64] + source + destination + content
        }

        var etherType: [UInt8] { isIPv6 ? [0x86, 0xDD] : [8, 0] }
    }

    private static let addresses = [UInt8](repeating: 2, count: 12)
    private static let customerTag: [UInt8] = [0x81, 0, 0, 5]
    private static let serviceTag: [UInt8] = [0x88, 0xA8, 0, 9]

    /// Labels and TTLs of their own: neither is part of a flow.
    private static func labelled(_ packet: [UInt8], label: UInt32, timeToLive: UInt8 = 64) -> [UInt8] {
        [0x88, 0x47]
            + LabelStackEntry(label: label, trafficClass: 0, isBottomOfStack: true, timeToLive: timeToLive).octets
            + packet
    }

    private func hash(_ frame: [UInt8], bytes: Int? = nil, onlyUnderLabel: Bool = false) throws -> FlowHash? {
        try frame.withUnsafeBytes {
            FlowHash(of: try #require($0.baseAddress), bytes: bytes ?? frame.count, onlyUnderLabel: onlyUnderLabel)
        }
    }

    @Test(arguments: [false, true]) func encapsulationDoesNotChangeTheHash(isIPv6: Bool) throws {
        var generator = SeededGenerator()
        for _ in 0..<100 {
            let flow = Flow(isIPv6: isIPv6, using: &generator)
            let packet = flow.packet()
            let plain = try #require(try hash(Self.addresses + flow.etherType + packet))
            for tags in [[], Self.customerTag, Self.serviceTag, Self.serviceTag + Self.customerTag] {
                #expect(try hash(Self.addresses + tags + flow.etherType + packet) == plain)
                #expect(try hash(Self.addresses + tags + Self.labelled(packet, label: 1001)) == plain)
                #expect(
                    try hash(Self.addresses + tags + Self.labelled(packet, label: 77, timeToLive: 3)) == plain)
            }
        }
    }

    @Test(arguments: [false, true]) func payloadDoesNotChangeTheHashAndEachPartOfTheFlowDoes(isIPv6: Bool) throws {
        var generator = SeededGenerator()
        for _ in 0..<100 {
            let flow = Flow(isIPv6: isIPv6, using: &generator)
            let plain = try #require(try hash(Self.addresses + flow.etherType + flow.packet()))
            let other = flow.packet(payload: (0..<40).map { _ in generator.octet() })
            #expect(try hash(Self.addresses + flow.etherType + other) == plain)
            for part in [\Flow.source, \Flow.destination, \Flow.ports] {
                var changed = flow
                changed[keyPath: part][changed[keyPath: part].count - 1] ^= 1
                #expect(try hash(Self.addresses + changed.etherType + changed.packet()) != plain)
            }
        }
    }

    @Test(arguments: [false, true]) func fragmentsOfAllFlowsOfTwoHostsStayTogether(isIPv6: Bool) throws {
        var generator = SeededGenerator()
        let first = Flow(isIPv6: isIPv6, using: &generator)
        var other = first
        other.ports = [9, 9, 9, 9]
        let fragments: [UInt16] = [0x2000, 0x2000 | 185, 370]
        let hashes = try [first, other].flatMap { flow in
            try fragments.map { try hash(Self.addresses + Self.labelled(flow.packet(fragment: $0), label: 1001)) }
        }
        #expect(Set(hashes.map { $0?.rawValue }).count == 1)
        #expect(hashes.first != nil)
        // Don't-fragment alone makes no fragment.
        if !isIPv6 {
            #expect(
                try hash(Self.addresses + first.etherType + first.packet(fragment: 0x4000))
                    == hash(Self.addresses + first.etherType + first.packet()))
        }
    }

    @Test func extensionHeadersAreWalkedWithinABound() throws {
        var generator = SeededGenerator()
        let flow = Flow(isIPv6: true, using: &generator)
        var other = flow
        other.ports[3] ^= 1
        let plain = try #require(try hash(Self.addresses + flow.etherType + flow.packet()))
        for count in 0...8 {
            let one = try #require(try hash(Self.addresses + flow.etherType + flow.packet(extensions: count)))
            let two = try #require(try hash(Self.addresses + flow.etherType + other.packet(extensions: count)))
            #expect((one == plain) == (count <= 4))
            #expect((one == two) == (count > 4))
        }
    }

    @Test func whatIsNotOnePacketUnderAtMostOneLabelHasNoHash() throws {
        var generator = SeededGenerator()
        let flow = Flow(isIPv6: false, using: &generator)
        let packet = flow.packet()
        let deep: [UInt8] =
            [0x88, 0x47]
            + LabelStackEntry(label: 5, trafficClass: 0, isBottomOfStack: false, timeToLive: 9).octets
            + Array(Self.labelled(packet, label: 6).dropFirst(2))
        let frames: [[UInt8]] = [
            [8, 6] + packet, [0x88, 0x48] + Self.labelled(packet, label: 3).dropFirst(2), deep,
            Self.customerTag + Self.customerTag + Self.customerTag + [8, 0] + packet,
            // The EtherType and the version disagree; no such version; an IPv6 header cut off.
            [0x86, 0xDD] + packet, [8, 0, 0x65] + packet.dropFirst(), [8, 0, 0x15] + packet.dropFirst(),
            Self.labelled([0x60] + packet.dropFirst().prefix(38), label: 6),
        ]
        for frame in frames { #expect(try hash(Self.addresses + frame) == nil) }
        #expect(try hash(Self.addresses + [8, 0] + packet, onlyUnderLabel: true) == nil)
        #expect(try hash(Self.addresses + Self.labelled(packet, label: 6), onlyUnderLabel: true) != nil)
    }

    @Test func everyPrefixOfAFrameIsRead() throws {
        var generator = SeededGenerator()
        for isIPv6 in [false, true] {
            let flow = Flow(isIPv6: isIPv6, using: &generator)
            let packet = flow.packet(extensions: 3)
            let frame = Self.addresses + Self.serviceTag + Self.customerTag + Self.labelled(packet, label: 6)
            let headerEnd = 12 + 4 + 4 + 2 + 4 + (isIPv6 ? 40 : 20)
            for bytes in 0...frame.count {
                // A copy of just that length, so that a sanitizer sees a read beyond it.
                let hash = try hash(Array(frame.prefix(bytes)) + [], bytes: bytes)
                #expect((hash != nil) == (bytes >= headerEnd))
            }
        }
    }

    /// Random flows fall on each of the workers within four standard deviations of an equal part.
    @Test(arguments: [2, 3, 4, 7, 16, 64] as [UInt32]) func randomFlowsAreSharedEvenly(workers: UInt32) throws {
        var generator = SeededGenerator()
        try expectEvenShares(of: workers, flows: 40_000) { number in
            Flow(isIPv6: number & 1 == 1, using: &generator)
        }
    }

    /// As real traffic is: two hosts, one service, ports that count up.
    @Test(arguments: [2, 3, 4, 8] as [UInt32]) func portsThatCountUpAreSharedEvenly(workers: UInt32) throws {
        var generator = SeededGenerator()
        for isIPv6 in [false, true] {
            var flow = Flow(isIPv6: isIPv6, using: &generator)
            try expectEvenShares(of: workers, flows: 20_000) { number in
                flow.ports = [UInt8((20_000 + number) >> 8 & 255), UInt8((20_000 + number) & 255), 1, 187]
                return flow
            }
        }
    }

    /// One port pair, hosts that count up.
    @Test(arguments: [2, 3, 4, 8] as [UInt32]) func addressesThatCountUpAreSharedEvenly(workers: UInt32) throws {
        var generator = SeededGenerator()
        for isIPv6 in [false, true] {
            var flow = Flow(isIPv6: isIPv6, using: &generator)
            let last = flow.destination.count - 1
            try expectEvenShares(of: workers, flows: 20_000) { number in
                flow.destination[last - 1] = UInt8(number >> 8 & 255)
                flow.destination[last] = UInt8(number & 255)
                return flow
            }
        }
    }

    private func expectEvenShares(of workers: UInt32, flows: Int, _ flow: (Int) -> Flow) throws {
        var counts = [Int](repeating: 0, count: Int(workers))
        for number in 0..<flows {
            let hash = try #require(try hash(Self.addresses + Self.labelled(flow(number).packet(), label: 1001)))
            counts[hash.share(of: workers)] += 1
        }
        let even = Double(flows) / Double(workers)
        let deviation = (even * (1 - 1 / Double(workers))).squareRoot()
        for count in counts { #expect(abs(Double(count) - even) <= 4 * deviation, "\(counts)") }
    }

    /// Boxes in a row, and the workers of one box, choose each for itself: what falls into one bucket by one seed is spread by
    /// another.
    @Test func bucketsOfOtherSeedsAreOthers() {
        var generator = SeededGenerator()
        var counts: [UInt32: Int] = [:]
        var others: [UInt32: Int] = [:]
        for _ in 0..<1 << 17 {
            let packet = Flow(isIPv6: false, using: &generator).packet()
            let hash = packet.withUnsafeBytes { octets in
                octets.baseAddress.map { FlowHash(of: $0, isIPv6: false, bytes: octets.count) }
            }
            guard let hash else { continue }
            counts[hash.bucket(seed: 1), default: 0] += 1
            if hash.bucket(seed: 1) < 64 { others[hash.bucket(seed: 2), default: 0] += 1 }
        }
        // Six standard deviations of 2^17 throws into 256 buckets, and of a quarter of them.
        #expect(counts.count == 256 && counts.values.allSatisfy { (376...648).contains($0) })
        #expect(others.count == 256 && others.values.allSatisfy { (60...196).contains($0) })
    }
}
