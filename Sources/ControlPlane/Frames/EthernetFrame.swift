import Addressing

/// One VLAN tag (IEEE 802.1Q §9): which protocol identifier it has, and the VLAN.
public struct VLANTag: Hashable, Sendable {
    /// 0x8100 for a customer tag, 0x88a8 for a service tag.
    public let protocolIdentifier: UInt16
    /// 0 to 4095; 0 is a priority tag.
    public let vlanIdentifier: UInt16

    public init(protocolIdentifier: UInt16, vlanIdentifier: UInt16) {
        self.protocolIdentifier = protocolIdentifier
        self.vlanIdentifier = vlanIdentifier & 0xFFF
    }
}

/// The Ethernet types that the control process handles.
enum EtherType {
    static let ipv4: UInt16 = 0x0800
    static let arp: UInt16 = 0x0806
    static let ipv6: UInt16 = 0x86DD
    static let customerTag: UInt16 = 0x8100
    static let serviceTag: UInt16 = 0x88A8
    static let mpls: UInt16 = 0x8847
}

/// An Ethernet II frame without its FCS.
///
///     +-------------------+-------------------+-----------------+----------+---------
///     | destination (6)   | source (6)        | tags (0, 4, 8)  | type (2) | payload
///     +-------------------+-------------------+-----------------+----------+---------
struct EthernetFrame: Hashable {
    var destination: MACAddress
    var source: MACAddress
    var tags: [VLANTag] = []
    var etherType: UInt16
    var payload: [UInt8]

    init(destination: MACAddress, source: MACAddress, tags: [VLANTag] = [], etherType: UInt16, payload: [UInt8]) {
        self.destination = destination
        self.source = source
        self.tags = tags
        self.etherType = etherType
        self.payload = payload
    }

    /// `nil` if the octets are no Ethernet II frame, or one with more than two tags.
    init?(_ octets: some RandomAccessCollection<UInt8>) {
        let octets = Array(octets)
        guard octets.count >= 14, let destination = MACAddress(octets: octets[0..<6]),
            let source = MACAddress(octets: octets[6..<12])
        else { return nil }
        self.destination = destination
        self.source = source
        var offset = 12
        while let type = octets.networkUInt16(at: offset) {
            guard type == EtherType.customerTag || type == EtherType.serviceTag else {
                etherType = type
                payload = Array(octets[(offset + 2)...])
                return
            }
            guard tags.count < 2, let control = octets.networkUInt16(at: offset + 2) else { return nil }
            tags.append(VLANTag(protocolIdentifier: type, vlanIdentifier: control & 0xFFF))
            offset += 4
        }
        return nil
    }

    /// The frame as it is on the wire, without padding and FCS.
    var octets: [UInt8] {
        var octets = destination.octets + source.octets
        for tag in tags {
            octets += tag.protocolIdentifier.networkOctets + tag.vlanIdentifier.networkOctets
        }
        return octets + etherType.networkOctets + payload
    }
}
