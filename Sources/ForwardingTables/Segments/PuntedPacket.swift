import CTableLayout

/// A packet that a worker has handed to stiled, copied out of the ring.
public struct PuntedPacket: Hashable, Sendable {
    /// A value of `stile_punt_class`, below `STILE_PUNT_CLASSES`.
    public let puntClass: UInt16
    /// The port it came in on, below `STILE_MAX_PORTS`.
    public let port: UInt16
    /// The counter of the interface it came in on (circuit, NNI or unit), or that came in on what it is an answer to.
    public let counter: UInt16
    public let vrf: UInt16
    /// Whether `data` begins with the Ethernet header; otherwise with the IP header.
    public let isFrame: Bool
    /// Whether the box itself says it: an ICMP error or an answer.
    public let isOwn: Bool
    public let data: [UInt8]

    /// `nil` when a field is out of range.
    init?(slot: UnsafeRawPointer) {
        let length = slot.load(as: UInt32.self)
        puntClass = slot.load(fromByteOffset: 4, as: UInt16.self)
        port = slot.load(fromByteOffset: 6, as: UInt16.self)
        counter = slot.load(fromByteOffset: 8, as: UInt16.self)
        vrf = slot.load(fromByteOffset: 10, as: UInt16.self)
        let frame = slot.load(fromByteOffset: 16, as: UInt8.self)
        isFrame = frame == 1
        let own = slot.load(fromByteOffset: 17, as: UInt8.self)
        isOwn = own == 1
        guard length > 0, length <= UInt32(PuntRing.dataCapacity), UInt32(puntClass) < STILE_PUNT_CLASSES.rawValue,
            port < STILE_MAX_PORTS, frame <= 1, own <= 1
        else { return nil }
        data = Array(UnsafeRawBufferPointer(start: slot + PuntRing.dataOffset, count: Int(length)))
    }
}
