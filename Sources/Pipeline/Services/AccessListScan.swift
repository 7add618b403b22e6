import CTableLayout
import PacketFormats

/// An access list rule by rule: what holds for every list, compiled or not.
enum AccessListScan {
    /// The position of the first of `count` (1 and up) rules that the key meets. The last one is not looked at: it takes
    /// what no other has.
    @_noLocks
    static func firstMatch(
        _ key: UnsafePointer<stile_flow_key>, rules: UnsafePointer<stile_access_rule>, count: UInt32
    ) -> UInt32 {
        let octets = UnsafeRawPointer(key)
        let sourcePort = octets.networkUInt16(at: 8)
        let destinationPort = octets.networkUInt16(at: 10)
        let source = octets.load(fromByteOffset: 16, as: UInt128.self)
        let destination = octets.load(fromByteOffset: 32, as: UInt128.self)
        let protocolNumber = key.pointee.protocol
        let trafficClass = key.pointee.traffic_class
        let fragment = key.pointee.fragment
        let flags = key.pointee.tcp_flags
        var position: UInt32 = 0
        while position &+ 1 < count {
            let rule = rules + Int(position)
            let place = UnsafeRawPointer(rule)
            // Addresses first: they tell most rules apart.
            if (source ^ place.load(fromByteOffset: 32, as: UInt128.self))
                & place.load(fromByteOffset: 48, as: UInt128.self) == 0,
                (destination ^ place.load(fromByteOffset: 64, as: UInt128.self))
                    & place.load(fromByteOffset: 80, as: UInt128.self) == 0,
                (protocolNumber ^ rule.pointee.protocol) & rule.pointee.protocol_mask == 0,
                sourcePort >= rule.pointee.source_port_low, sourcePort <= rule.pointee.source_port_high,
                destinationPort >= rule.pointee.destination_port_low,
                destinationPort <= rule.pointee.destination_port_high,
                (trafficClass ^ rule.pointee.traffic_class) & rule.pointee.traffic_class_mask == 0,
                (fragment ^ rule.pointee.fragment) & rule.pointee.fragment_mask == 0,
                rule.pointee.tcp_flags == 0 || rule.pointee.tcp_flags & flags != 0
            {
                return position
            }
            position &+= 1
        }
        return position
    }
}
