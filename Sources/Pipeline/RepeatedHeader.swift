import PacketFormats

/// The Ethernet header of a frame, and its one tag, for the frames behind it in the burst: what was decided by it holds
/// for those that came in on the same port with the same one. Ports get their frames from one neighbor mostly, so that
/// runs are the rule.
struct RepeatedHeader {
    private let port: UInt16
    /// The destination and the beginning of the source.
    private let addresses: UInt64
    /// The eight octets in front of the payload: the rest of the source as far as it fits (no decision is made by it),
    /// tag and type.
    private let tagAndType: UInt64
    let payloadOffset: Int
    /// Shorter frames are left to who looks at each frame by itself.
    private let leastBytes: Int

    /// The longest header whose octets the two words hold but for some of the source.
    private static var mostBytes: Int {
        @_noLocks @inline(__always) get { EthernetHeader.byteCount &+ VLANTag.byteCount }
    }

    /// The header of frame `index` where the next one of the burst has it, too, and both have `payloadBytes` or more
    /// behind it. `nil` otherwise, and for two tags.
    @_noLocks @inline(__always)
    init?(of index: Int, payloadOffset: Int, payloadBytes: Int, count: Int, _ burst: Burst) {
        leastBytes = payloadOffset &+ payloadBytes
        guard index &+ 1 < count, payloadOffset <= Self.mostBytes, Int(burst.frameLength[index]) >= leastBytes
        else { return nil }
        let frame = UnsafeRawPointer(burst.frame[index])
        tagAndType = frame.loadUnaligned(fromByteOffset: payloadOffset &- 8, as: UInt64.self)
        // Of several circuits of a port the tag differs, first of all.
        guard Int(burst.frameLength[index &+ 1]) >= leastBytes,
            UnsafeRawPointer(burst.frame[index &+ 1]).loadUnaligned(
                fromByteOffset: payloadOffset &- 8, as: UInt64.self) == tagAndType
        else { return nil }
        port = burst.port[index]
        addresses = frame.loadUnaligned(as: UInt64.self)
        self.payloadOffset = payloadOffset
    }

    @_noLocks @inline(__always)
    func isOf(_ index: Int, _ burst: Burst) -> Bool {
        let frame = UnsafeRawPointer(burst.frame[index])
        return Int(burst.frameLength[index]) >= leastBytes && burst.port[index] == port
            && frame.loadUnaligned(as: UInt64.self) == addresses
            && frame.loadUnaligned(fromByteOffset: payloadOffset &- 8, as: UInt64.self) == tagAndType
    }
}
