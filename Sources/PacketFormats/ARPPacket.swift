import Addressing

/// An ARP packet for IPv4 over Ethernet (RFC 826).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |       hardware type (1)       |    protocol type (0x0800)     |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     | hw length (6) | pr length (4) |           operation           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                       sender MAC address                      |
///     +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                               |      sender IPv4 address      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |   sender address, continued   |       target MAC address      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
///     |                                                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                      target IPv4 address                      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
public struct ARPPacket: Equatable, Sendable {
    public static var byteCount: Int { @inlinable get { 28 } }

    public enum Operation: UInt16, Sendable {
        case request = 1
        case reply = 2
    }

    public var operation: Operation
    public var senderMAC: MACAddress
    public var senderAddress: IPv4Address
    /// All zero in a request.
    public var targetMAC: MACAddress
    public var targetAddress: IPv4Address

    public init(
        operation: Operation, senderMAC: MACAddress, senderAddress: IPv4Address, targetMAC: MACAddress,
        targetAddress: IPv4Address
    ) {
        self.operation = operation
        self.senderMAC = senderMAC
        self.senderAddress = senderAddress
        self.targetMAC = targetMAC
        self.targetAddress = targetAddress
    }

    /// Reads the packet behind an Ethernet header; padding behind it is ignored. `nil` for anything that is not a
    /// request or reply for IPv4 over Ethernet.
    public init?(parsing octets: some Collection<UInt8>) {
        var reader = OctetReader(octets)
        guard reader.uint16() == 1, reader.uint16() == EtherType.ipv4, reader.uint8() == 6, reader.uint8() == 4,
            let operation = reader.uint16().flatMap(Operation.init(rawValue:)), let senderMAC = reader.macAddress(),
            let senderAddress = reader.uint32(), let targetMAC = reader.macAddress(),
            let targetAddress = reader.uint32()
        else { return nil }
        self.operation = operation
        self.senderMAC = senderMAC
        self.senderAddress = IPv4Address(rawValue: senderAddress)
        self.targetMAC = targetMAC
        self.targetAddress = IPv4Address(rawValue: targetAddress)
    }

    /// The 28 octets behind the Ethernet header.
    public var octets: [UInt8] {
        [0, 1, 8, 0, 6, 4, 0, UInt8(truncatingIfNeeded: operation.rawValue)] + senderMAC.octets + senderAddress.octets
            + targetMAC.octets + targetAddress.octets
    }

    /// The reply to this request, from the station that has the target address.
    public func reply(from macAddress: MACAddress) -> ARPPacket {
        ARPPacket(
            operation: .reply, senderMAC: macAddress, senderAddress: targetAddress, targetMAC: senderMAC,
            targetAddress: senderAddress)
    }
}
