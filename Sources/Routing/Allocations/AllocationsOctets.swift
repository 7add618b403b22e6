import Addressing

/// Collects the octets of a file of allocations.
struct AllocationsWriter {
    var octets: [UInt8] = []

    /// The low `count` octets of `value` in network byte order.
    mutating func write(_ value: UInt64, octets count: Int) {
        for index in (0..<count).reversed() { octets.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }

    /// Names are those of interfaces, VRFs and classes and lines of access lists, far below the 65,535 octets that fit.
    mutating func writeName(_ name: String) {
        let text = name.utf8.prefix(Int(UInt16.max))
        write(UInt64(text.count), octets: 2)
        octets += text
    }

    mutating func writeOwner(_ owner: LabelOwner) {
        writeName(owner.vrf.name)
        write(owner.vrf.routeDistinguisher.rawValue, octets: 8)
        write(UInt64(owner.neighbor.autonomousSystem), octets: 4)
        writeName(owner.neighbor.address.description)
        writeName(owner.neighbor.nni)
    }

    mutating func writeEntries<Entry>(_ entries: [Entry], _ body: (inout Self, Entry) -> Void) {
        write(UInt64(entries.count), octets: 4)
        for entry in entries { body(&self, entry) }
    }
}

/// Takes a file of allocations apart; every read is checked against the end.
struct AllocationsReader {
    var octets: ArraySlice<UInt8>
    /// The next octet to read.
    var offset: Int

    mutating func readOctets(_ count: Int) throws(AllocationsFileError) -> ArraySlice<UInt8> {
        guard count <= octets.endIndex - offset else { throw .truncated(atOctet: octets.endIndex) }
        defer { offset += count }
        return octets[offset..<offset + count]
    }

    mutating func readNumber(octets count: Int) throws(AllocationsFileError) -> UInt64 {
        try readOctets(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func readName() throws(AllocationsFileError) -> String {
        let start = offset
        let count = Int(try readNumber(octets: 2))
        guard let name = String(validating: try readOctets(count), as: UTF8.self) else {
            throw .nameNotUTF8(atOctet: start)
        }
        return name
    }

    mutating func readOwner() throws(AllocationsFileError) -> LabelOwner {
        let vrf = VRFIdentity(
            name: try readName(), routeDistinguisher: RouteDistinguisher(rawValue: try readNumber(octets: 8)))
        let system = UInt32(truncatingIfNeeded: try readNumber(octets: 4))
        let start = offset
        guard let address = IPAddress(try readName()) else { throw .notAnAddress(atOctet: start) }
        return LabelOwner(
            vrf: vrf, neighbor: NeighborIdentity(address: address, autonomousSystem: system, nni: try readName()))
    }

    mutating func readLabel() throws(AllocationsFileError) -> MPLSLabel {
        let number = UInt32(truncatingIfNeeded: try readNumber(octets: 4))
        guard let label = MPLSLabel(rawValue: number), !label.isReserved else { throw .notALabelOfAVRF(number) }
        return label
    }
}
