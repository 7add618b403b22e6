import Addressing

/// AGGREGATOR and AS4_AGGREGATOR on the wire: the AS number, then the address.
extension Aggregator {
    /// `nil` when the length is not that of an AS number of `autonomousSystemOctets` and an address (RFC 7606 §7.7),
    /// or with AS 0 (RFC 7607 §2).
    init?(value: ArraySlice<UInt8>, autonomousSystemOctets: Int) {
        var reader = ByteReader(value)
        guard let number = reader.readNumber(octets: autonomousSystemOctets), number != 0,
            let address = reader.readUInt32(), reader.isAtEnd
        else { return nil }
        self.init(
            autonomousSystem: UInt32(truncatingIfNeeded: number), address: IPv4Address(rawValue: address))
    }

    /// The value of the attribute, with AS_TRANS for what does not fit into two octets (RFC 6793 §4.2.2).
    func value(autonomousSystemOctets: Int) -> [UInt8] {
        var writer = ByteWriter()
        if autonomousSystemOctets == 4 {
            writer.write(autonomousSystem)
        } else {
            writer.write(UInt16(exactly: autonomousSystem) ?? OpenMessage.transitionAutonomousSystem)
        }
        writer.write(address.rawValue)
        return writer.bytes
    }
}

/// LARGE_COMMUNITY on the wire (RFC 8092 §3).
extension LargeCommunity {
    /// The distinct communities of the attribute (RFC 8092 §5 drops repeated ones); `nil` when the length is not a
    /// multiple of twelve octets above zero.
    static func decode(list: ArraySlice<UInt8>) -> [LargeCommunity]? {
        guard !list.isEmpty, list.count % 12 == 0 else { return nil }
        var reader = ByteReader(list)
        var communities: [LargeCommunity] = []
        var seen: Set<LargeCommunity> = []
        while let global = reader.readUInt32(), let local1 = reader.readUInt32(), let local2 = reader.readUInt32() {
            let community = LargeCommunity(global, local1, local2)
            if seen.insert(community).inserted { communities.append(community) }
        }
        return communities
    }

    func write(to writer: inout ByteWriter) {
        writer.write(globalAdministrator)
        writer.write(localData1)
        writer.write(localData2)
    }
}
