import Addressing

/// An ARP message for IPv4 over Ethernet (RFC 826).
///
///     +--------+--------+-----+-----+-----------+
///     | 0x0001 | 0x0800 |  6  |  4  | operation |
///     +--------+--------+-----+-----+-----------+
///     | sender MAC (6)  | sender IPv4 (4)       |
///     +-----------------+-----------------------+
///     | target MAC (6)  | target IPv4 (4)       |
///     +-----------------+-----------------------+
struct ARPMessage: Hashable {
    enum Operation: UInt16 {
        case request = 1
        case reply = 2
    }

    var operation: Operation
    var senderHardware: MACAddress
    var sender: IPv4Address
    var targetHardware: MACAddress
    var target: IPv4Address

    init(
        operation: Operation, senderHardware: MACAddress, sender: IPv4Address, targetHardware: MACAddress,
        target: IPv4Address
    ) {
        self.operation = operation
        self.senderHardware = senderHardware
        self.sender = sender
        self.targetHardware = targetHardware
        self.target = target
    }

    /// `nil` unless it is a request or reply for IPv4 over Ethernet; octets behind the message are padding.
    init?(_ octets: [UInt8]) {
        guard octets.count >= 28, Array(octets[0..<6]) == [0, 1, 8, 0, 6, 4],
            let operation = octets.networkUInt16(at: 6).flatMap(Operation.init),
            let senderHardware = MACAddress(octets: octets[8..<14]),
            let targetHardware = MACAddress(octets: octets[18..<24])
        else { return nil }
        self.init(
            operation: operation, senderHardware: senderHardware,
            sender: IPv4Address(octets[14], octets[15], octets[16], octets[17]), targetHardware: targetHardware,
            target: IPv4Address(octets[24], octets[25], octets[26], octets[27]))
    }

    /// The 28 octets of the message.
    var octets: [UInt8] {
        [0, 1, 8, 0, 6, 4] + operation.rawValue.networkOctets + senderHardware.octets + sender.octets
            + targetHardware.octets + target.octets
    }
}
