import CTableLayout
import Pipeline

/// The services in the plainest form, written from the specification and the RFCs.
struct ServiceModel {
    /// A bucket in units of 2⁻¹⁸ ns that came in at a rate.
    private struct Bucket {
        var content: UInt64
        var filled: UInt64 = 0
    }

    let plan: ServicePlan
    /// Nanoseconds.
    var now: UInt64 = 0
    private var committed: [UInt32: Bucket] = [:]
    private var excess: [UInt32: Bucket] = [:]
    private(set) var colours: [UInt32: [Int]] = [:]
    private(set) var octets: [UInt32: [Int]] = [:]

    init(_ plan: ServicePlan) { self.plan = plan }

    /// Whether the list lets the packet through; a list without rules lets everything.
    static func permits(_ rules: [ServicePlan.Rule], _ packet: IsolationModel.Packet) -> Bool {
        guard !rules.isEmpty else { return true }
        return rules.first { matches($0, packet) }?.permits ?? false
    }

    private static func matches(_ rule: ServicePlan.Rule, _ packet: IsolationModel.Packet) -> Bool {
        let upper = UpperLayer(packet)
        if let number = rule.protocolNumber, number != upper.number { return false }
        if let wanted = rule.isLaterFragment, wanted != upper.isLaterFragment { return false }
        if let dscp = rule.dscp, dscp != packet.trafficClassOctet >> 2 { return false }
        guard rule.destinationPorts.contains(upper.destinationPort) else { return false }
        func agrees(_ address: [UInt8], _ wanted: [UInt8], _ mask: [UInt8]) -> Bool {
            zip(address, zip(wanted, mask)).allSatisfy { $0 & $1.1 == $1.0 & $1.1 }
        }
        return agrees(packet.source, rule.source, rule.sourceMask)
            && agrees(packet.destination, rule.destination, rule.destinationMask)
    }

    /// RFC 1858 §3.2.1 and §4.2, RFC 3128: a TCP fragment at offset 1, or a first one without the flags. RFC 7112: any
    /// first one without the header that rules look at.
    static func isRefusedFragment(_ packet: IsolationModel.Packet) -> Bool {
        let upper = UpperLayer(packet)
        if upper.fragmentOffset > 0 { return upper.number == 6 && upper.fragmentOffset == 1 }
        guard upper.isFragment else { return false }
        let needed = [6: 16, 17: 4, 132: 4, packet.isIPv6 ? 58 : 1: 2][upper.number] ?? 0
        return upper.isUnreadable || upper.octetCount < needed
    }

    /// 0 green, 1 yellow, 2 red.
    mutating func colour(_ policer: ServicePlan.Policer, _ packet: IsolationModel.Packet) -> Int {
        let measured = max(packet.octets.count + Int(policer.accountOctets), 1)
        let colour = meter(policer, UInt64(measured))
        colours[policer.instance, default: [0, 0, 0]][colour] += 1
        octets[policer.instance, default: [0, 0, 0]][colour] += measured
        return colour
    }

    /// What an entry of a route map has taken.
    mutating func count(
        _ entry: ServicePlan.RouteMapEntry, _ packet: IsolationModel.Packet, isWithoutNextHop: Bool
    ) {
        let colour = isWithoutNextHop ? 1 : 0
        colours[entry.instance, default: [0, 0, 0]][colour] += 1
        octets[entry.instance, default: [0, 0, 0]][colour] += packet.octets.count
    }

    private mutating func meter(_ policer: ServicePlan.Policer, _ octets: UInt64) -> Int {
        let time = now << 18
        let cost = ServicePlan.Policer.cost(policer.committedBitsPerSecond)
        let depth = cost * policer.committedOctets
        var first = committed[policer.instance] ?? Bucket(content: depth)
        var second = excess[policer.instance]
        defer {
            committed[policer.instance] = first
            excess[policer.instance] = second
        }
        let gained = time - first.filled
        first.filled = time
        let overflow = first.content + gained > depth ? first.content + gained - depth : 0
        first.content = min(first.content + gained, depth)
        guard let peak = policer.peakBitsPerSecond else {
            let room = cost * policer.excessOctets
            var content = (second ?? Bucket(content: room)).content
            content = min(content + overflow, room)
            defer { second = Bucket(content: content) }
            if first.content >= octets * cost {
                first.content -= octets * cost
                return 0
            }
            guard room > 0, content >= octets * cost else { return 2 }
            content -= octets * cost
            return 1
        }
        let peakCost = ServicePlan.Policer.cost(peak)
        let peakDepth = peakCost * policer.excessOctets
        var bucket = second ?? Bucket(content: peakDepth)
        bucket.content = min(bucket.content + time - bucket.filled, peakDepth)
        bucket.filled = time
        defer { second = bucket }
        guard bucket.content >= octets * peakCost else { return 2 }
        bucket.content -= octets * peakCost
        guard first.content >= octets * cost else { return 1 }
        first.content -= octets * cost
        return 0
    }
}

/// What is behind the IP header.
private struct UpperLayer {
    var number: UInt8
    var fragmentOffset = 0
    var isFragment = false
    /// Of the upper layer that this packet holds.
    var octetCount: Int
    /// ICMP: type and code. 0 where there is none.
    var destinationPort: UInt16 = 0
    var isLaterFragment: Bool { fragmentOffset > 0 }
    /// Whether extension headers go on behind the packet's end.
    var isUnreadable = false

    init(_ packet: IsolationModel.Packet) {
        let octets = packet.octets
        var start: Int
        if packet.isIPv6 {
            var next = octets[6]
            start = 40
            while [0, 43, 44, 51, 60].contains(next), start + 8 <= octets.count, fragmentOffset == 0 {
                var length = 8
                if next == 44 {
                    let word = IsolationModel.number(octets, start + 2)
                    fragmentOffset = word >> 3
                    // RFC 6946: a fragment that is the whole packet is none.
                    isFragment = word & 0xFFF9 != 0
                } else {
                    // RFC 4302 §2.2: the length of an authentication header is in words of four octets, less two.
                    let units = Int(octets[start + 1])
                    length = next == 51 ? units * 4 + 8 : units * 8 + 8
                    if start + length > octets.count { break }
                }
                next = octets[start]
                start += length
            }
            number = next
            // Headers that cannot be read to their end hide what they carry.
            if [0, 43, 44, 51, 60].contains(next), fragmentOffset == 0 {
                isUnreadable = true
                start = octets.count
            }
        } else {
            start = Int(octets[0] & 15) * 4
            number = octets[9]
            fragmentOffset = IsolationModel.number(octets, 6) & 0x1FFF
            isFragment = IsolationModel.number(octets, 6) & 0x3FFF != 0
        }
        octetCount = max(0, octets.count - start)
        guard fragmentOffset == 0 else { return }
        if [6, 17, 132].contains(number), octetCount >= 4 {
            destinationPort = UInt16(IsolationModel.number(octets, start + 2))
        } else if number == (packet.isIPv6 ? 58 : 1), octetCount >= 2 {
            destinationPort = UInt16(IsolationModel.number(octets, start))
        }
    }
}

extension IsolationModel.Packet {
    var trafficClassOctet: UInt8 { isIPv6 ? octets[0] << 4 | octets[1] >> 4 : octets[1] }

    mutating func setDSCP(_ codePoint: UInt8) {
        let octet = codePoint << 2 | trafficClassOctet & 3
        if isIPv6 {
            octets[0] = 0x60 | octet >> 4
            octets[1] = octets[1] & 0xF | octet << 4
        } else {
            octets[1] = octet
            PacketBuilder.fixChecksum(&octets)
        }
    }
}

extension IsolationModel {
    /// The services of the way in; `nil`: the packet goes on.
    mutating func serveIncoming(_ packet: inout Packet, labelClass: UInt8?) -> Fate? {
        guard let services = services?.plan.services[packet.counter] else { return nil }
        if services.isUniform, let labelClass, packet.trafficClassOctet >> 5 != labelClass {
            packet.setDSCP(labelClass << 3)
        }
        if services.sourceCheck != STILE_SOURCE_CHECK_OFF, !isRoutedBack(packet, services.sourceCheck) {
            return drop(.reversePathFailed, packet.counter)
        }
        let rules = packet.isIPv6 ? services.ipv6In : services.ipv4In
        if let refusal = filter(packet, rules, packet.counter) { return refusal }
        return police(&packet, services.policerIn, packet.counter)
    }

    /// The services of the way out by the interface with this counter.
    mutating func serveOutgoing(_ packet: inout Packet, counter: UInt16) -> Fate? {
        guard let services = services?.plan.services[counter] else { return nil }
        let rules = packet.isIPv6 ? services.ipv6Out : services.ipv4Out
        if let refusal = filter(packet, rules, counter) { return refusal }
        return police(&packet, services.policerOut, counter)
    }

    private mutating func filter(_ packet: Packet, _ rules: [ServicePlan.Rule], _ counter: UInt16) -> Fate? {
        guard !rules.isEmpty else { return nil }
        if ServiceModel.isRefusedFragment(packet) { return drop(.fragmentRefused, counter) }
        return ServiceModel.permits(rules, packet) ? nil : drop(.accessListDenied, counter)
    }

    private mutating func police(
        _ packet: inout Packet, _ policer: ServicePlan.Policer?, _ counter: UInt16
    ) -> Fate? {
        guard let policer, let colour = services?.colour(policer, packet) else { return nil }
        if colour == 1, let codePoint = policer.yellowDSCP { packet.setDSCP(codePoint) }
        return colour == 2 ? drop(.policerExceeded, counter) : nil
    }

    private func isRoutedBack(_ packet: Packet, _ check: stile_source_check) -> Bool {
        guard let name = route(packet.source, vrf: packet.vrf) else { return false }
        // Of several next hops any may be the one.
        return (LabPlan.groups[name]?.members ?? [name]).contains { isRoutedBack(packet, check, by: $0) }
    }

    private func isRoutedBack(_ packet: Packet, _ check: stile_source_check, by name: String) -> Bool {
        guard let hop = LabPlan.hops[name], hop.vrf == packet.vrf, !name.hasPrefix("own"), name != "null" else {
            return false
        }
        switch check {
        case STILE_SOURCE_CHECK_STRICT: return hop.counter == packet.counter
        case STILE_SOURCE_CHECK_FEASIBLE:
            return hop.transport == nil ? LabPlan.carrier(of: hop) != nil : hop.counter == packet.counter
        default: return true
        }
    }
}
