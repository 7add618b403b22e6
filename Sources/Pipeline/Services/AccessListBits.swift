import CTableLayout
import PacketFormats

/// A compiled access list (stile_access_vectors.h): each field of a packet says which rules it meets, and the first rule
/// that all fields meet decides.
struct AccessListBits {
    let first: UnsafeRawPointer
    /// The position of the list's last rule, which is in no block: it takes what no other has. 0: the list has no blocks.
    let last: UInt32

    /// List 0, which is none, is not compiled either. A list of one rule never is.
    @_noLocks @inline(__always)
    init(of list: UnsafePointer<stile_access_list>, in section: UnsafePointer<stile_access_vectors>) {
        let vectors = list.pointee.vectors
        first = UnsafeRawPointer(section + Int(vectors))
        last = vectors == 0 ? 0 : list.pointee.rule_count &- 1
    }

    var isCompiled: Bool { @_noLocks @inline(__always) get { last != 0 } }

    /// Whether there is one block, with a bit to spare for the last rule.
    var isShort: Bool { @_noLocks @inline(__always) get { last &- 1 < 63 } }

    /// Whether a packet of `length` octets is IPv4 without options, not a fragment (RFC 791 §3.1), and has a whole UDP or
    /// TCP header: what `findRules` takes.
    @_noLocks @inline(__always)
    static func isCommon(_ packet: UnsafeRawPointer, length: UInt16) -> Bool {
        let transport = transport(of: packet)
        return isCommon(packet, transport, isTCP: transport == wholeTCP, length: length)
    }

    /// As `isCommon`, where `transport` is known.
    @_noLocks @inline(__always)
    static func isCommon(_ packet: UnsafeRawPointer, _ transport: UInt32, isTCP: Bool, length: UInt16) -> Bool {
        packet.octet(at: 0) == 0x45 && transport == (isTCP ? wholeTCP : wholeUDP) && length >= (isTCP ? 40 : 28)
    }

    /// The protocol, with what only fragments have set (RFC 791 §3.1): the IPv4 header's octets 6 to 9 as they stand there.
    @_noLocks @inline(__always)
    static func transport(of packet: UnsafeRawPointer) -> UInt32 {
        let fragmentBits = UInt32(IPv4Header.moreFragments | IPv4Header.fragmentOffsetMask) << 16
        return packet.loadUnaligned(fromByteOffset: 6, as: UInt32.self) & (fragmentBits | 0xFF).bigEndian
    }
    static var wholeTCP: UInt32 { @_noLocks @inline(__always) get { UInt32(IPProtocol.tcp).bigEndian } }
    private static var wholeUDP: UInt32 { @_noLocks @inline(__always) get { UInt32(IPProtocol.udp).bigEndian } }

    /// The position of the rule that decides about each of `count` common packets. Field by field for all of them: what one
    /// packet's tables say is not waited for before the next one's are read (`Bench/run pipeline --services all`).
    ///
    /// - Parameter rules: room for a word for each packet.
    @_noLocks @inline(__always)
    func findRules(
        of packets: UnsafePointer<UnsafeRawPointer>, count: Int, positions: UnsafeMutablePointer<UInt32>,
        rules: UnsafeMutablePointer<UInt64>
    ) {
        var base: UInt32 = 0
        var block = first
        while base < last {
            let record = block.assumingMemoryBound(to: stile_access_vectors.self)
            var all = record.pointee.rules
            Self.narrow(&all, by: 0, record.pointee.fragment, block)
            Self.begin(rules, count, packets, all, addressAt: 12, record.pointee.source, block)
            Self.narrow(rules, count, packets, addressAt: 16, record.pointee.destination, block)
            Self.narrow(rules, count, packets, octetAt: 9, record.pointee.protocol, block)
            Self.narrow(rules, count, packets, octetAt: 1, record.pointee.traffic_class, block)
            Self.narrow(rules, count, packets, portAt: 20, record.pointee.source_port, block)
            Self.narrow(rules, count, packets, portAt: 22, record.pointee.destination_port, block)
            Self.narrowByFlags(rules, count, packets, record.pointee.tcp_flags, block)
            var packet = 0
            while packet < count {
                let lowest = base &+ UInt32(truncatingIfNeeded: rules[packet].trailingZeroBitCount)
                let found = rules[packet] == 0 ? last : lowest
                positions[packet] = base == 0 ? found : min(positions[packet], found)
                packet &+= 1
            }
            base &+= 64
            block += Int(record.pointee.unit_count) &* Int(STILE_ACCESS_VECTOR_UNIT)
        }
    }

    /// The position of the rule that decides about a packet with this key.
    @_noLocks
    func firstMatch(_ key: UnsafePointer<stile_flow_key>, isIPv6: Bool) -> UInt32 {
        // stile_services.h asserts the offsets.
        let octets = UnsafeRawPointer(key)
        var position: UInt32 = 0
        var block = first
        while position < last {
            let record = block.assumingMemoryBound(to: stile_access_vectors.self)
            var rules = record.pointee.rules
            if isIPv6 {
                Self.narrow(
                    &rules, byIPv6AddressAt: octets + 16, record.pointee.source, record.pointee.source_octets, block)
                Self.narrow(
                    &rules, byIPv6AddressAt: octets + 32, record.pointee.destination,
                    record.pointee.destination_octets, block)
            } else {
                Self.narrow(&rules, byAddressAt: octets + 16, record.pointee.source, block)
                Self.narrow(&rules, byAddressAt: octets + 32, record.pointee.destination, block)
            }
            Self.narrow(&rules, by: key.pointee.protocol, record.pointee.protocol, block)
            Self.narrow(&rules, by: key.pointee.traffic_class, record.pointee.traffic_class, block)
            Self.narrow(&rules, by: key.pointee.fragment, record.pointee.fragment, block)
            Self.narrow(&rules, by: key.pointee.tcp_flags, record.pointee.tcp_flags, block)
            Self.narrow(&rules, byPortAt: octets + 8, record.pointee.source_port, block)
            Self.narrow(&rules, byPortAt: octets + 10, record.pointee.destination_port, block)
            if rules != 0 { return position &+ UInt32(truncatingIfNeeded: rules.trailingZeroBitCount) }
            position &+= 64
            block += Int(record.pointee.unit_count) &* Int(STILE_ACCESS_VECTOR_UNIT)
        }
        return last
    }

    @_noLocks @inline(__always)
    private static func narrow(
        _ rules: UnsafeMutablePointer<UInt64>, _ count: Int, _ packets: UnsafePointer<UnsafeRawPointer>,
        addressAt offset: Int, _ place: UInt16, _ block: UnsafeRawPointer
    ) {
        guard place != 0 else { return }
        let tables = table(place, block)
        var packet = 0
        while packet < count {
            rules[packet] &= vector(addressAt: packets[packet] + offset, in: tables, block)
            packet &+= 1
        }
    }

    /// The rules that the packets meet by their first field; all of `rules`, where no rule looks at it.
    @_noLocks @inline(__always)
    private static func begin(
        _ rules: UnsafeMutablePointer<UInt64>, _ count: Int, _ packets: UnsafePointer<UnsafeRawPointer>, _ all: UInt64,
        addressAt offset: Int, _ place: UInt16, _ block: UnsafeRawPointer
    ) {
        let tables = table(place, block)
        var packet = 0
        while place == 0, packet < count {
            rules[packet] = all
            packet &+= 1
        }
        while packet < count {
            rules[packet] = all & vector(addressAt: packets[packet] + offset, in: tables, block)
            packet &+= 1
        }
    }

    @_noLocks @inline(__always)
    private static func narrow(
        _ rules: UnsafeMutablePointer<UInt64>, _ count: Int, _ packets: UnsafePointer<UnsafeRawPointer>,
        octetAt offset: Int, _ place: UInt16, _ block: UnsafeRawPointer
    ) {
        guard place != 0 else { return }
        let table = table(place, block)
        var packet = 0
        while packet < count {
            rules[packet] &= vector(packets[packet].octet(at: offset), in: table, block)
            packet &+= 1
        }
    }

    @_noLocks @inline(__always)
    private static func narrow(
        _ rules: UnsafeMutablePointer<UInt64>, _ count: Int, _ packets: UnsafePointer<UnsafeRawPointer>,
        portAt offset: Int, _ place: UInt16, _ block: UnsafeRawPointer
    ) {
        guard place != 0 else { return }
        var packet = 0
        while packet < count {
            narrow(&rules[packet], byPortAt: packets[packet] + offset, place, block)
            packet &+= 1
        }
    }

    @_noLocks @inline(__always)
    private static func narrowByFlags(
        _ rules: UnsafeMutablePointer<UInt64>, _ count: Int, _ packets: UnsafePointer<UnsafeRawPointer>,
        _ place: UInt16, _ block: UnsafeRawPointer
    ) {
        guard place != 0 else { return }
        let table = table(place, block)
        var packet = 0
        while packet < count {
            // RFC 9293 §3.1; a UDP packet has none, and need not be so long.
            let isTCP = packets[packet].octet(at: 9) == IPProtocol.tcp
            rules[packet] &= vector(isTCP ? packets[packet].octet(at: 33) : 0, in: table, block)
            packet &+= 1
        }
    }

    @_noLocks @inline(__always)
    static func narrow(_ rules: inout UInt64, by octet: UInt8, _ place: UInt16, _ block: UnsafeRawPointer) {
        guard place != 0 else { return }
        rules &= vector(octet, in: table(place, block), block)
    }

    @_noLocks @inline(__always)
    static func narrow(
        _ rules: inout UInt64, byAddressAt address: UnsafeRawPointer, _ place: UInt16, _ block: UnsafeRawPointer
    ) {
        guard place != 0 else { return }
        rules &= vector(addressAt: address, in: table(place, block), block)
    }

    @_noLocks @inline(__always)
    private static func narrow(
        _ rules: inout UInt64, byIPv6AddressAt address: UnsafeRawPointer, _ place: UInt16, _ octets: UInt16,
        _ block: UnsafeRawPointer
    ) {
        var tables = table(place, block)
        var left = octets
        while left != 0 {
            rules &= vector(address.octet(at: left.trailingZeroBitCount), in: tables, block)
            tables += Int(STILE_ACCESS_VECTOR_TABLE_BYTES)
            left &= left &- 1
        }
    }

    @_noLocks @inline(__always)
    static func narrow(
        _ rules: inout UInt64, byPortAt port: UnsafeRawPointer, _ place: UInt16, _ block: UnsafeRawPointer
    ) {
        guard place != 0 else { return }
        let tables = table(place, block)
        let number = Int(tables.load(fromByteOffset: Int(port.octet(at: 0)) &* 2, as: UInt16.self))
        rules &= vector(port.octet(at: 1), in: tables + number &* Int(STILE_ACCESS_VECTOR_TABLE_BYTES), block)
    }

    @_noLocks @inline(__always)
    static func table(_ place: UInt16, _ block: UnsafeRawPointer) -> UnsafeRawPointer {
        block + Int(place) &* Int(STILE_ACCESS_VECTOR_UNIT)
    }

    /// The rules that an IPv4 address meets, by four tables for its octets.
    @_noLocks @inline(__always)
    static func vector(
        addressAt place: UnsafeRawPointer, in tables: UnsafeRawPointer, _ block: UnsafeRawPointer
    ) -> UInt64 {
        let octets = UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))
        return
            (vector(UInt8(truncatingIfNeeded: octets), in: tables, block)
            & vector(UInt8(truncatingIfNeeded: octets &>> 8), in: tables + 512, block))
            & (vector(UInt8(truncatingIfNeeded: octets &>> 16), in: tables + 1_024, block)
                & vector(UInt8(truncatingIfNeeded: octets &>> 24), in: tables + 1_536, block))
    }

    @_noLocks @inline(__always)
    static func vector(_ value: UInt8, in table: UnsafeRawPointer, _ block: UnsafeRawPointer) -> UInt64 {
        let number = Int(table.load(fromByteOffset: Int(value) &* 2, as: UInt16.self))
        return block.load(fromByteOffset: Int(STILE_ACCESS_VECTOR_UNIT) &+ number &* 8, as: UInt64.self)
    }
}
