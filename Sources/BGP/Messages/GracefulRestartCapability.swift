/// The graceful restart capability (RFC 4724 §3, RFC 8538 §2).
///
///     +--------------------------------------------------+
///     | Restart Flags (4 bits)                           |
///     +--------------------------------------------------+
///     | Restart Time in seconds (12 bits)                |
///     +--------------------------------------------------+
///     | Address Family Identifier (16 bits)              |  then for each family
///     +--------------------------------------------------+
///     | Subsequent Address Family Identifier (8 bits)    |
///     +--------------------------------------------------+
///     | Flags for Address Family (8 bits)                |
///     +--------------------------------------------------+
public struct GracefulRestartCapability: Hashable, Sendable {
    /// The Restart State bit: the speaker has restarted, so do not wait for its End-of-RIB before sending yours.
    public var restarted: Bool
    /// The N bit (RFC 8538 §2): where both sides set it, a NOTIFICATION takes no routes away but for a hard reset.
    public var keepsRoutesOverNotifications: Bool
    /// How long the speaker's sessions take to come back after a restart, in seconds: 0 to 4095.
    public var restartTimeSeconds: UInt16
    /// The families whose routes are to be kept, each with the Forwarding State bit: whether the speaker went on
    /// forwarding over its last restart.
    public var forwardingPreserved: [AddressFamilyIdentifier: Bool]

    public init(
        restarted: Bool, keepsRoutesOverNotifications: Bool = false, restartTimeSeconds: UInt16,
        forwardingPreserved: [AddressFamilyIdentifier: Bool]
    ) {
        self.restarted = restarted
        self.keepsRoutesOverNotifications = keepsRoutesOverNotifications
        self.restartTimeSeconds = min(restartTimeSeconds, 0xFFF)
        self.forwardingPreserved = forwardingPreserved
    }
}

extension GracefulRestartCapability {
    /// `nil` when the length is not two and a multiple of four octets.
    init?(value: ArraySlice<UInt8>) {
        var reader = ByteReader(value)
        guard let head = reader.readUInt16(), reader.remainingCount % 4 == 0 else { return nil }
        var families: [AddressFamilyIdentifier: Bool] = [:]
        while let afi = reader.readUInt16(), let safi = reader.readUInt8(), let flags = reader.readUInt8() {
            families[AddressFamilyIdentifier(addressFamily: afi, subsequentAddressFamily: safi)] = flags & 0x80 != 0
        }
        self.init(
            restarted: head & 0x8000 != 0, keepsRoutesOverNotifications: head & 0x4000 != 0,
            restartTimeSeconds: head & 0xFFF, forwardingPreserved: families)
    }

    var value: [UInt8] {
        var writer = ByteWriter()
        let flags: UInt16 = (restarted ? 0x8000 : 0) | (keepsRoutesOverNotifications ? 0x4000 : 0)
        writer.write(flags | restartTimeSeconds & 0xFFF)
        for (family, preserved) in forwardingPreserved.sorted(by: { $0.key < $1.key }) {
            writer.write(family.addressFamily)
            writer.write(family.subsequentAddressFamily)
            writer.write(UInt8(preserved ? 0x80 : 0))
        }
        return writer.bytes
    }
}
