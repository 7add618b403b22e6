import CTableLayout
import PacketFormats

/// An ICMPv6 error (RFC 4443 §3) in front of the packet that it is about.
///
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                     IPv6 header (40 octets)                   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |      type     |      code     |           checksum            |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |          MTU (packet too big) or quoted words and 0           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                the packet, from its IPv6 header               |
enum ICMPv6Error {
    /// RFC 4443 §2.4(c): as much of the packet as fits in the minimum MTU.
    static var longestError: Int { @_noLocks @inline(__always) get { 1280 } }
    static var headerBytes: Int { @_noLocks @inline(__always) get { IPv6Header.byteCount &+ 8 } }
    /// Version 6 with traffic class 0xC0 (network control, as in IPv4) and flow label 0.
    private static var firstWord: UInt32 { @_noLocks @inline(__always) get { 0x6C00_0000 } }
    /// RFC 1700: the default, also for hop limits.
    private static var hopLimit: UInt8 { @_noLocks @inline(__always) get { 64 } }

    /// Turns packet `index` into the error about it, from the interface's address; false if it has none.
    @_noLocks
    static func make(
        _ index: Int, from interface: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Bool {
        let burst = worker.pointee.burst
        let own = (UnsafeRawPointer(interface) + 40).networkUInt128(at: 0)
        guard own != 0 else { return false }
        let offender = burst.packet[index]
        let length = min(headerBytes &+ Int(burst.packetLength[index]), longestError)
        let packet = offender - headerBytes
        write(
            at: packet, length: length, from: own, to: IPv6Header(offender).source.rawValue, burst.icmpError[index],
            mtu: worker.pointee.mtuReported(about: index))
        burst.packet[index] = packet
        burst.packetLength[index] = UInt16(truncatingIfNeeded: length)
        return true
    }

    /// Writes the headers of an error of `length` octets at `packet`, behind which what it quotes stands already.
    ///
    /// - Parameters:
    ///   - mtu: of an error `tooBig`.
    ///   - quotedWords: how many words of 64 bits are quoted, where an extension follows (RFC 4884 §4.3, §4.4); otherwise 0.
    @_noLocks
    static func write(
        at packet: UnsafeMutableRawPointer, length: Int, from own: UInt128, to source: UInt128, _ kind: ICMPErrorKind,
        mtu: UInt16, quotedWords: UInt8 = 0
    ) {
        let messageBytes = length &- IPv6Header.byteCount
        // 1. IPv6 header.
        packet.storeNetwork(firstWord, at: 0)
        packet.storeNetwork(UInt16(truncatingIfNeeded: messageBytes), at: 4)
        packet.storeOctet(IPProtocol.icmpv6, at: 6)
        packet.storeOctet(hopLimit, at: 7)
        packet.storeNetwork(own, at: 8)
        packet.storeNetwork(source, at: 24)
        // 2. ICMPv6 header.
        let message = packet + IPv6Header.byteCount
        message.storeNetwork(UInt64(0), at: 0)
        switch kind {
        case .timeExceeded:
            message.storeOctet(ICMPv6Type.timeExceeded, at: 0)
        case .networkUnreachable:
            message.storeOctet(ICMPv6Type.destinationUnreachable, at: 0)
            message.storeOctet(ICMPv6Type.noRouteCode, at: 1)
        case .hostUnreachable:
            message.storeOctet(ICMPv6Type.destinationUnreachable, at: 0)
            message.storeOctet(ICMPv6Type.addressUnreachableCode, at: 1)
        case .tooBig:
            message.storeOctet(ICMPv6Type.packetTooBig, at: 0)
            message.storeNetwork(UInt32(mtu), at: 4)
        }
        if quotedWords != 0 { message.storeOctet(quotedWords, at: 4) }
        let pseudoHeader = IPv6Header(packet).pseudoHeaderSum(
            upperLayerBytes: messageBytes, upperLayerProtocol: IPProtocol.icmpv6)
        let sum = InternetChecksum.sum(UnsafeRawPointer(message), count: messageBytes, startingAt: pseudoHeader)
        message.storeNetwork(InternetChecksum.complement(sum), at: 2)
    }
}
