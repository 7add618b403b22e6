import CTableLayout
import PacketFormats

/// A compiled access list of at most 64 rules. The rules that a packet meets are one word; the last rule, which is in no
/// block, has the bit behind the others', so that the lowest bit always is the rule that decides.
struct ShortAccessList {
    private let block: UnsafeRawPointer
    private let record: UnsafePointer<stile_access_vectors>
    private let last: UInt64
    /// The rules that are left for TCP and for UDP, both without a fragment.
    private let tcp: UInt64
    private let udp: UInt64
    private let destinationPort: UInt16

    /// - Parameter vectors: `isShort`.
    @_noLocks @inline(__always)
    init(_ vectors: AccessListBits) {
        block = vectors.first
        record = vectors.first.assumingMemoryBound(to: stile_access_vectors.self)
        last = 1 &<< UInt64(vectors.last)
        var whole = record.pointee.rules
        AccessListBits.narrow(&whole, by: 0, record.pointee.fragment, block)
        var tcp = whole
        var udp = whole
        AccessListBits.narrow(&tcp, by: IPProtocol.tcp, record.pointee.protocol, block)
        AccessListBits.narrow(&udp, by: IPProtocol.udp, record.pointee.protocol, block)
        self.tcp = tcp | last
        self.udp = udp | last
        destinationPort = record.pointee.destination_port
    }

    @_noLocks @inline(__always)
    static func lowest(of rules: UInt64) -> UInt64 { rules & (0 &- rules) }

    /// The rules that a packet meets by its protocol and destination port, which tell most packets of a list apart; 0: it
    /// is not a common one.
    @_noLocks @inline(__always)
    func rulesByService(of packet: UnsafeRawPointer, length: UInt16) -> UInt64 {
        let transport = AccessListBits.transport(of: packet)
        let isTCP = transport == AccessListBits.wholeTCP
        guard AccessListBits.isCommon(packet, transport, isTCP: isTCP, length: length) else { return 0 }
        let rules = isTCP ? tcp : udp
        guard destinationPort != 0 else { return rules }
        var byPort = UInt64.max
        AccessListBits.narrow(&byPort, byPortAt: packet + 22, destinationPort, block)
        return rules & (byPort | last)
    }

    /// Looks at the other fields, each for all of the packets, as long as a rule that would decide about one of them looks
    /// at it.
    ///
    /// - Parameters:
    ///   - deciding: the lowest bit of each packet's rules.
    ///   - packets: the `count` packets by their place in `all`.
    ///   - rules: of each packet, by protocol and destination port; afterwards the lowest bit decides. 0 of
    ///     others, which are not looked at.
    /// - Returns: the bits that decide.
    @_noLocks @inline(__always)
    func findRules(
        _ deciding: UInt64, _ packets: UnsafePointer<UInt8>, count: Int,
        _ all: UnsafePointer<UnsafeMutableRawPointer>, rules: UnsafeMutablePointer<UInt64>
    ) -> UInt64 {
        var deciding = deciding
        if record.pointee.traffic_class | record.pointee.source_port | record.pointee.tcp_flags != 0 {
            deciding = narrow(by: .trafficClass, deciding, packets, count: count, all, rules: rules)
            deciding = narrow(by: .sourcePort, deciding, packets, count: count, all, rules: rules)
            deciding = narrow(by: .tcpFlags, deciding, packets, count: count, all, rules: rules)
        }
        if deciding & record.pointee.rules & ~record.pointee.any_address != 0 {
            deciding = narrow(by: .source, deciding, packets, count: count, all, rules: rules)
            deciding = narrow(by: .destination, deciding, packets, count: count, all, rules: rules)
        }
        return deciding
    }

    private enum Field {
        case source
        case destination
        case trafficClass
        case sourcePort
        case tcpFlags
    }

    @_noLocks @inline(__always)
    private func place(of field: Field) -> UInt16 {
        switch field {
        case .source: record.pointee.source
        case .destination: record.pointee.destination
        case .trafficClass: record.pointee.traffic_class
        case .sourcePort: record.pointee.source_port
        case .tcpFlags: record.pointee.tcp_flags
        }
    }

    /// Returns the bits that decide then.
    @_noLocks @inline(__always)
    private func narrow(
        by field: Field, _ deciding: UInt64, _ packets: UnsafePointer<UInt8>, count: Int,
        _ all: UnsafePointer<UnsafeMutableRawPointer>, rules: UnsafeMutablePointer<UInt64>
    ) -> UInt64 {
        let place = place(of: field)
        guard place != 0 else { return deciding }
        var narrowed: UInt64 = 0
        var position = 0
        while position < count {
            let before = rules[position]
            if before != 0 {
                let met = before & (vector(of: field, place, all[Int(packets[position])]) | last)
                rules[position] = met
                narrowed |= Self.lowest(of: met)
            }
            position &+= 1
        }
        return narrowed
    }

    /// The rules that a packet meets by one field.
    @_noLocks @inline(__always)
    private func vector(of field: Field, _ place: UInt16, _ packet: UnsafeRawPointer) -> UInt64 {
        var rules = UInt64.max
        switch field {
        case .source: AccessListBits.narrow(&rules, byAddressAt: packet + 12, place, block)
        case .destination: AccessListBits.narrow(&rules, byAddressAt: packet + 16, place, block)
        case .trafficClass: AccessListBits.narrow(&rules, by: packet.octet(at: 1), place, block)
        case .sourcePort: AccessListBits.narrow(&rules, byPortAt: packet + 20, place, block)
        case .tcpFlags:
            // RFC 9293 §3.1; a UDP packet has none, and need not be so long.
            let isTCP = packet.octet(at: 9) == IPProtocol.tcp
            AccessListBits.narrow(&rules, by: isTCP ? packet.octet(at: 33) : 0, place, block)
        }
        return rules
    }
}
