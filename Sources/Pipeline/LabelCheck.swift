import CTableLayout
import ForwardingTables
import PacketFormats

/// A labelled packet on an NNI: steps 2 to 6 of the specification's list, in its order. What fails is dropped and
/// counts on the NNI; what passes belongs to its VRF's unit from here on.
enum LabelCheck {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let interfaces = worker.pointee.tables.interfaces
        let count = worker.pointee.labelledCount
        var position = 0
        while position < count {
            let index = Int(burst.labelled[position])
            position &+= 1
            let nni = interfaces + Int(burst.interface[index])
            check(index, nni, labelOffset: Int(burst.labelOffset[index]), worker)
        }
        worker.pointee.labelledCount = 0
    }

    @_noLocks @inline(__always)
    private static func check(
        _ index: Int, _ nni: UnsafePointer<stile_interface>, labelOffset: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let packet = burst.frame[index] + (labelOffset &+ LabelStackEntry.byteCount)
        let available = Int(burst.frameLength[index]) &- labelOffset &- LabelStackEntry.byteCount
        // The common packet at once: all rules hold, and the packet is IPv4 without options.
        if available >= IPv4Header.minimumByteCount {
            let stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
            let entry = worker.pointee.tables.labelEntry(stackEntry.label, on: nni)
            let length = IPv4Header(packet).totalLength
            if stackEntry.isBottomOfStack, entry.flags & validForIPv4 == validForIPv4, stackEntry.timeToLive > 1,
                packet.load(as: UInt8.self) == 0x45, length >= IPv4Header.minimumByteCount, length <= available,
                InternetChecksum.isCorrect(ipv4Header: packet, headerBytes: IPv4Header.minimumByteCount)
            {
                burst.packet[index] = packet
                accept(
                    index, entry, length: UInt16(truncatingIfNeeded: length), labelTimeToLive: stackEntry.timeToLive,
                    packetTimeToLive: IPv4Header(packet).timeToLive, flags: .cameFromNNI, worker)
                return
            }
        }
        checkOneByOne(index, nni, packet: packet, available: available, worker)
    }

    private static var validForIPv4: UInt8 {
        @_noLocks @inline(__always) get { UInt8(STILE_FLAG_VALID.rawValue | STILE_FLAG_IPV4.rawValue) }
    }

    /// All other packets: rule by rule, so that the first one that is not met gives the reason.
    @_noLocks @inline(never)
    private static func checkOneByOne(
        _ index: Int, _ nni: UnsafePointer<stile_interface>, packet: UnsafeMutableRawPointer, available: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        // 2. The stack is one entry deep (RFC 3032 §2.1: the bottom-of-stack bit).
        guard available >= 0 else {
            worker.pointee.drop(index, .labelStackTruncated)
            return
        }
        let stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
        guard stackEntry.isBottomOfStack else {
            worker.pointee.drop(index, .labelStackDepth)
            return
        }
        // 3. The label is valid on this NNI. Reserved labels are outside every NNI's range.
        let entry = worker.pointee.tables.labelEntry(stackEntry.label, on: nni)
        guard entry.flags & UInt8(STILE_FLAG_VALID.rawValue) != 0 else {
            worker.pointee.drop(index, .labelNotValidHere)
            return
        }
        burst.packet[index] = packet
        burst.vrf[index] = entry.vrf
        // 4. TTL above 1 (RFC 3032 §2.4.1).
        guard stackEntry.timeToLive > 1 else {
            reportExpired(index, entry, available: available, worker)
            return
        }
        // 5. Pop; what is under the label is a well-formed packet of a family that the VRF carries.
        switch InternetHeader(at: packet, available: available, families: entry.flags) {
        case .malformed(let reason):
            worker.pointee.drop(index, reason)
        case .ipv4(let length):
            accept(
                index, entry, length: length, labelTimeToLive: stackEntry.timeToLive,
                packetTimeToLive: IPv4Header(packet).timeToLive, flags: .cameFromNNI, worker)
        case .ipv6(let length):
            accept(
                index, entry, length: length, labelTimeToLive: stackEntry.timeToLive,
                packetTimeToLive: IPv6Header(packet).hopLimit, flags: .cameFromNNI.with(.isIPv6), worker)
        }
    }

    /// 6. The packet belongs to the unit.
    @_noLocks @inline(__always)
    private static func accept(
        _ index: Int, _ entry: stile_label_entry, length: UInt16, labelTimeToLive: UInt8, packetTimeToLive: UInt8,
        flags: PacketFlags, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        // RFC 3443 §3.1, uniform: the label's TTL becomes the packet's. Departure subtracts this hop's 1, so that the
        // packet leaves with the label's TTL - 1. Pipe: the packet keeps its own, less this hop's 1.
        let isUniform = entry.flags & UInt8(STILE_FLAG_PROPAGATE_TTL.rawValue) != 0
        burst.timeToLive[index] = isUniform ? labelTimeToLive : packetTimeToLive
        burst.packetLength[index] = length
        burst.vrf[index] = entry.vrf
        burst.flags[index] =
            entry.flags & UInt8(STILE_FLAG_TRANSIT.rawValue) != 0 ? flags.with(.mayTransit) : flags
        burst.interface[index] = entry.interface
        burst.counter[index] = entry.counter
        worker.pointee.countReceived(counter: entry.counter, bytes: burst.frameLength[index])
        Admission.accept(
            index, vrf: entry.vrf, isIPv6: flags.contains(.isIPv6), features: entry.features, worker)
    }

    /// The drop counts on the NNI; the ICMP error comes from the unit, inside the VRF, and only about a packet that
    /// would have passed step 5.
    @_noLocks
    private static func reportExpired(
        _ index: Int, _ entry: stile_label_entry, available: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        burst.flags[index] = .cameFromNNI
        switch InternetHeader(at: burst.packet[index], available: available, families: entry.flags) {
        case .malformed:
            worker.pointee.drop(index, .labelTTLExpired)
        case .ipv4(let length):
            burst.packetLength[index] = length
            worker.pointee.drop(index, .labelTTLExpired, reporting: .timeExceeded)
        case .ipv6(let length):
            burst.packetLength[index] = length
            burst.flags[index] = burst.flags[index].with(.isIPv6)
            worker.pointee.drop(index, .labelTTLExpired, reporting: .timeExceeded)
        }
        burst.interface[index] = entry.interface
        burst.counter[index] = entry.counter
    }
}
