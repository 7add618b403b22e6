import CTableLayout
import PacketFormats

/// An ICMP error (RFC 792) in front of the packet that it is about.
///
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                     IPv4 header (20 octets)                   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |      type     |      code     |           checksum            |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |    unused     | quoted words  |  next-hop MTU (RFC 1191 §4)   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                 the packet, from its IP header                |
enum ICMPv4Error {
    /// RFC 1812 §4.3.2.3: as much of the packet as fits in 576 octets.
    private static var longestError: Int { @_noLocks @inline(__always) get { 576 } }
    static var headerBytes: Int { @_noLocks @inline(__always) get { 28 } }
    /// RFC 1812 §4.3.2.5: precedence 6, internetwork control.
    private static var networkControl: UInt8 { @_noLocks @inline(__always) get { 0xC0 } }
    /// RFC 1700: the default time to live.
    private static var timeToLive: UInt8 { @_noLocks @inline(__always) get { 64 } }

    /// Turns packet `index` into the error about it, from the interface's address; false if it has none.
    @_noLocks
    static func make(
        _ index: Int, from interface: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let burst = worker.pointee.burst
        let own = interface.pointee.icmp_source_ipv4
        guard own != 0 else { return false }
        let offender = burst.packet[index]
        let length = min(headerBytes &+ Int(burst.packetLength[index]), longestError)
        let packet = offender - headerBytes
        write(
            at: packet, length: length, from: own, to: IPv4Header(offender).source.rawValue, burst.icmpError[index],
            mtu: worker.pointee.mtuReported(about: index))
        burst.packet[index] = packet
        burst.packetLength[index] = UInt16(truncatingIfNeeded: length)
        return true
    }

    /// Writes the headers of an error of `length` octets at `packet`, behind which what it quotes stands already.
    ///
    /// - Parameters:
    ///   - mtu: of an error `tooBig`.
    ///   - quotedWords: how many words of 32 bits are quoted, where an extension follows (RFC 4884 §4.1, §4.2); otherwise 0.
    @_noLocks
    static func write(
        at packet: UnsafeMutableRawPointer, length: Int, from own: UInt32, to source: UInt32, _ kind: ICMPErrorKind,
        mtu: UInt16, quotedWords: UInt8 = 0
    ) {
        // 1. IPv4 header. An identification is needed only where fragments may arise (RFC 6864 §4.1): not here, DF is set.
        packet.storeOctet(0x45, at: 0)
        packet.storeOctet(networkControl, at: 1)
        packet.storeNetwork(UInt16(truncatingIfNeeded: length), at: 2)
        packet.storeNetwork(UInt16(0), at: 4)
        packet.storeNetwork(IPv4Header.dontFragment, at: 6)
        packet.storeOctet(timeToLive, at: 8)
        packet.storeOctet(IPProtocol.icmp, at: 9)
        packet.storeNetwork(own, at: 12)
        packet.storeNetwork(source, at: 16)
        IPv4Header.storeChecksum(of: packet)
        // 2. ICMP header.
        let message = packet + IPv4Header.minimumByteCount
        message.storeNetwork(UInt64(0), at: 0)
        switch kind {
        case .timeExceeded:
            message.storeOctet(ICMPType.timeExceeded, at: 0)
        case .networkUnreachable:
            message.storeOctet(ICMPType.destinationUnreachable, at: 0)
            message.storeOctet(ICMPType.networkUnreachableCode, at: 1)
        case .hostUnreachable:
            message.storeOctet(ICMPType.destinationUnreachable, at: 0)
            message.storeOctet(ICMPType.hostUnreachableCode, at: 1)
        case .tooBig:
            message.storeOctet(ICMPType.destinationUnreachable, at: 0)
            message.storeOctet(ICMPType.fragmentationNeededCode, at: 1)
            message.storeNetwork(mtu, at: 6)
        }
        message.storeOctet(quotedWords, at: 5)
        let sum = InternetChecksum.sum(UnsafeRawPointer(message), count: length &- IPv4Header.minimumByteCount)
        message.storeNetwork(InternetChecksum.complement(sum), at: 2)
    }
}
