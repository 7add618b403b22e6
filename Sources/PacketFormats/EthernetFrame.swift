import Addressing

/// A whole Ethernet frame, as the control process writes it.
public enum EthernetFrame {
    /// IEEE 802.3: the shortest frame, without its check sequence.
    public static var minimumByteCount: Int { @inlinable get { 60 } }

    /// A VLAN tag to write.
    public struct Tag: Equatable, Sendable {
        /// `EtherType.customerVLAN` or `EtherType.serviceVLAN`.
        public var protocolIdentifier: UInt16
        /// The VLAN identifier; bits above the low 12 are cut off.
        public var identifier: UInt16

        public init(protocolIdentifier: UInt16 = EtherType.customerVLAN, identifier: UInt16) {
            self.protocolIdentifier = protocolIdentifier
            self.identifier = identifier
        }

        /// The tag as it stands in a frame.
        public var octets: [UInt8] { protocolIdentifier.networkOctets + (identifier & 0xFFF).networkOctets }
    }

    /// The frame's octets, padded with zeros to the shortest length.
    public static func octets(
        destination: MACAddress, source: MACAddress, tags: [Tag] = [], etherType: UInt16, payload: [UInt8]
    ) -> [UInt8] {
        var frame = destination.octets + source.octets
        for tag in tags { frame += tag.octets }
        frame += etherType.networkOctets + payload
        if frame.count < minimumByteCount {
            frame += [UInt8](repeating: 0, count: minimumByteCount - frame.count)
        }
        return frame
    }

    /// The type and the place of what follows the Ethernet header and any VLAN tags; `nil` if the frame ends before.
    public static func payload(of frame: [UInt8]) -> (etherType: UInt16, octets: ArraySlice<UInt8>)? {
        var offset = EthernetHeader.byteCount
        while frame.count >= offset {
            let etherType = UInt16(frame[offset - 2]) << 8 | UInt16(frame[offset - 1])
            guard etherType == EtherType.customerVLAN || etherType == EtherType.serviceVLAN else {
                return (etherType, frame[offset...])
            }
            offset += VLANTag.byteCount
        }
        return nil
    }
}

extension UInt16 {
    /// The number as two octets in network byte order.
    var networkOctets: [UInt8] { [UInt8(self >> 8), UInt8(self & 0xFF)] }
}

extension UInt32 {
    /// The number as four octets in network byte order.
    var networkOctets: [UInt8] { [UInt16(self >> 16), UInt16(self & 0xFFFF)].flatMap(\.networkOctets) }
}
