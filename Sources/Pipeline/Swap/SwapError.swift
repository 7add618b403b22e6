import CTableLayout
import ForwardingTables
import PacketFormats

/// An ICMP error about a packet whose label is swapped. The box knows no way back to the sender: the error goes on where the
/// packet would have gone, under the same labels, and the router that these lead to sends it back (RFC 3032 §2.3.2). It is made
/// in a frame of its own, and quotes the label stack (RFC 4950) where ICMP has room for that.
///
///     |            IP and ICMP headers, as of every error             |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |   the packet, from its IP header: 128 octets, padded with 0   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     | version 2 |        reserved       |          checksum         |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |             length            |   class 1     |   C-type 1    |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         the label stack entries as they came, each 4          |
enum SwapError {
    /// RFC 4884 §5.1 and §5.2: what is quoted in front of an extension has at least so many octets, and receivers that do not
    /// know the length field take it for so many.
    private static var quotedBytes: Int { @_noLocks @inline(__always) get { 128 } }
    /// The extension's header and its object's.
    private static var extensionHeaderBytes: Int { @_noLocks @inline(__always) get { 8 } }

    /// Sends the error about packet `index`, if the interface that it came in by has an address to send it from.
    @_noLocks
    static func send(_ index: Int, _ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let isIPv6 = burst.flags[index].contains(.isIPv6)
        let interface = worker.pointee.tables.interfaces + Int(burst.interface[index])
        guard hasSource(interface, isIPv6: isIPv6) else { return }
        let stackBytes = (Int(burst.labelsBelow[index]) &+ 1) &* LabelStackEntry.byteCount
        let headerBytes = isIPv6 ? ICMPv6Error.headerBytes : ICMPv4Error.headerBytes
        let hasStack = !isIPv6 || !burst.icmpError[index].isTooBig
        let egress = worker.pointee.egress(of: index)
        let room = Int(worker.pointee.mtu(of: index, egress))
        let length =
            hasStack
            ? headerBytes &+ quotedBytes &+ extensionHeaderBytes &+ stackBytes
            : min(headerBytes &+ Int(burst.packetLength[index]), min(room, ICMPv6Error.longestError))
        guard length <= room, length >= headerBytes else { return }
        // 1. A frame, with room in front for the labels under the outermost.
        let fresh = withUnsafePointer(to: &worker.pointee.frames) { stile_frame_allocate($0) }
        guard let handle = fresh.handle, let data = fresh.data else {
            worker.pointee.countDrop(.noFrameForFragments, counter: burst.counter[index])
            return
        }
        guard Int(fresh.capacity) >= stackBytes &+ length else {
            withUnsafePointer(to: &worker.pointee.frames) { stile_frame_discard($0, handle) }
            worker.pointee.countDrop(.noFrameForFragments, counter: burst.counter[index])
            return
        }
        let packet = UnsafeMutableRawPointer(data) + stackBytes
        // 2. What it quotes, then its headers, whose checksums are of all.
        let quoted = packet + headerBytes
        if hasStack {
            quote(index, in: quoted, stackBytes: stackBytes, burst)
        } else {
            quoted.copyMemory(from: burst.packet[index], byteCount: length &- headerBytes)
        }
        writeHeaders(index, at: packet, length: length, from: interface, hasStack: hasStack, worker)
        // 3. Out.
        let start = SwapImposition.impose(index, onto: packet, isOwn: true, burst)
        let frameBytes = (packet - start) &+ length
        if Fragmentation.send(start, bytes: frameBytes, of: handle, index, egress, worker) {
            worker.pointee.countOwn(counter: egress.pointee.counter, bytes: frameBytes)
        }
    }

    @_noLocks @inline(__always)
    private static func hasSource(_ interface: UnsafePointer<stile_interface>, isIPv6: Bool) -> Bool {
        isIPv6
            ? (UnsafeRawPointer(interface) + 40).networkUInt128(at: 0) != 0 : interface.pointee.icmp_source_ipv4 != 0
    }

    /// The packet's beginning, and the extension with its label stack.
    @_noLocks
    private static func quote(
        _ index: Int, in quoted: UnsafeMutableRawPointer, stackBytes: Int, _ burst: Burst
    ) {
        let original = burst.packet[index]
        let copied = min(Int(burst.packetLength[index]), quotedBytes)
        quoted.copyMemory(from: original, byteCount: copied)
        var position = copied
        while position < quotedBytes {
            quoted.storeOctet(0, at: position)
            position &+= 1
        }
        let own = quoted + quotedBytes
        own.storeNetwork(UInt32(2) << 28, at: 0)
        own.storeNetwork(UInt16(truncatingIfNeeded: 4 &+ stackBytes), at: 4)
        own.storeNetwork(UInt16(0x0101), at: 6)
        (own + extensionHeaderBytes).copyMemory(from: original - stackBytes, byteCount: stackBytes)
        let sum = InternetChecksum.sum(UnsafeRawPointer(own), count: extensionHeaderBytes &+ stackBytes)
        own.storeNetwork(InternetChecksum.complement(sum), at: 2)
    }

    @_noLocks
    private static func writeHeaders(
        _ index: Int, at packet: UnsafeMutableRawPointer, length: Int, from interface: UnsafePointer<stile_interface>,
        hasStack: Bool, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let kind = burst.icmpError[index]
        let mtu = worker.pointee.mtuReported(about: index)
        if burst.flags[index].contains(.isIPv6) {
            ICMPv6Error.write(
                at: packet, length: length, from: (UnsafeRawPointer(interface) + 40).networkUInt128(at: 0),
                to: IPv6Header(burst.packet[index]).source.rawValue, kind, mtu: mtu,
                quotedWords: hasStack ? UInt8(truncatingIfNeeded: quotedBytes / 8) : 0)
        } else {
            ICMPv4Error.write(
                at: packet, length: length, from: interface.pointee.icmp_source_ipv4,
                to: IPv4Header(burst.packet[index]).source.rawValue, kind, mtu: mtu,
                quotedWords: UInt8(truncatingIfNeeded: quotedBytes / 4))
        }
    }
}
