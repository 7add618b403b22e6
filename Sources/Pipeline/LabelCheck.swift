import CTableLayout
import ForwardingTables
import PacketFormats

/// A labelled packet on an NNI: steps 2 to 6 of the specification's list, in its order. What fails is dropped and
/// counts on the NNI; what passes belongs to its VRF's unit from here on.
enum LabelCheck {
    /// The octets behind the Ethernet header that `acceptAlike` needs: a label and an IPv4 header.
    static var leastBytes: Int {
        @_noLocks @inline(__always) get { LabelStackEntry.byteCount &+ IPv4Header.minimumByteCount }
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let interfaces = worker.pointee.tables.interfaces
        let count = worker.pointee.labelledCount
        var position = 0
        while position < count {
            let index = Int(burst.labelled[position])
            position &+= 1
            check(index, interfaces + Int(burst.interface[index]), burst, worker)
        }
        worker.pointee.labelledCount = 0
    }

    /// Checks one packet at once, in the order of the burst: a policer takes those of an NNI as they came.
    @_noLocks @inline(never)
    static func accept(
        _ index: Int, _ nni: UnsafePointer<stile_interface>, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        check(index, nni, worker.pointee.burst, worker)
    }

    /// Takes the frames from `first` on that have its header, labelled ones to the NNI's own address, and checks them at
    /// once: what is read of the NNI stays in registers. Returns how many there were. Out of line, so that it does.
    @_noLocks @inline(never)
    static func acceptAlike(
        _ first: Int, _ header: RepeatedHeader, _ nni: UnsafePointer<stile_interface>, count: Int,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) -> (packets: Int, bytes: Int) {
        let burst = worker.pointee.burst
        let labels = worker.pointee.tables.labels(of: nni)
        let owner = burst.owner[first]
        let headerBytes = header.payloadOffset &+ LabelStackEntry.byteCount
        var ipv4Count = worker.pointee.ipv4Count
        var bytes = 0
        var index = first
        while index < count, header.isOf(index, burst) {
            if index &+ Ingress.prefetchDistance < count {
                Ingress.prefetch(burst.frame[index &+ Ingress.prefetchDistance])
            }
            let packet = burst.frame[index] + headerBytes
            let frameLength = burst.frameLength[index]
            let available = Int(frameLength) &- headerBytes
            burst.packet[index] = packet
            bytes &+= Int(frameLength)
            let stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
            let entry = PacketOwner(rawValue: labels.entryWord(stackEntry.label))
            if isCommon(packet, available: available, under: stackEntry, entry) {
                belong(
                    index, entry, isIPv6: false,
                    length: UInt16(truncatingIfNeeded: IPv4Header(packet).totalLength), frameLength: frameLength,
                    labelTimeToLive: stackEntry.timeToLive, packetTimeToLive: IPv4Header(packet).timeToLive, burst,
                    worker)
                index &+= 1
                if entry.features == 0 {
                    Lookup.enqueue(
                        ipv4: index &- 1, packet, root: worker.pointee.tables.ipv4Root(ofVRF: entry.vrf), at: ipv4Count,
                        burst, worker)
                    ipv4Count &+= 1
                } else {
                    IngressServices.enqueue(index &- 1, features: entry.features, worker)
                }
                continue
            }
            burst.owner[index] = owner
            worker.pointee.ipv4Count = ipv4Count
            checkOneByOne(index, nni, packet: packet, available: available, worker)
            ipv4Count = worker.pointee.ipv4Count
            index &+= 1
        }
        worker.pointee.ipv4Count = ipv4Count
        return (index &- first, bytes)
    }

    /// The common packet at once: whether all rules hold for a packet of at least the octets of an IPv4 header, and it is
    /// IPv4 without options.
    @_noLocks @inline(__always)
    private static func isCommon(
        _ packet: UnsafeRawPointer, available: Int, under stackEntry: LabelStackEntry, _ entry: PacketOwner
    ) -> Bool {
        // Bottom of the stack and TTL above 1 in one comparison.
        stackEntry.rawValue & 0x1FF >= 0x102 && entry.has(STILE_FLAG_VALID) && entry.has(STILE_FLAG_IPV4)
            && IPv4Header(packet).isCommon(available: available) && AddressRules.mayBeForwarded(packet)
    }

    @_noLocks @inline(__always)
    private static func check(
        _ index: Int, _ nni: UnsafePointer<stile_interface>, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let packet = burst.packet[index]
        let frameLength = burst.frameLength[index]
        let available = (burst.frame[index] + Int(frameLength)) - packet
        if available >= IPv4Header.minimumByteCount {
            let stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
            let entry = PacketOwner(rawValue: worker.pointee.tables.labelEntryWord(stackEntry.label, on: nni))
            if isCommon(packet, available: available, under: stackEntry, entry) {
                accept(
                    index, entry, packet, isIPv6: false,
                    length: UInt16(truncatingIfNeeded: IPv4Header(packet).totalLength), frameLength: frameLength,
                    labelTimeToLive: stackEntry.timeToLive, packetTimeToLive: IPv4Header(packet).timeToLive, burst,
                    worker)
                return
            }
        }
        checkOneByOne(index, nni, packet: packet, available: available, worker)
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
        // 3. The label is valid on this NNI. Reserved labels are outside every NNI's range. Where several neighbors share
        // the NNI, and where it is asked of one, it is valid from the neighbor that was told it: the entry is then one
        // that `isCommon` does not take, so that packets elsewhere pay nothing for this.
        var entry = PacketOwner(rawValue: worker.pointee.tables.labelEntryWord(stackEntry.label, on: nni))
        if entry.has(STILE_FLAG_BY_SOURCE) {
            let source = UInt64(
                littleEndian: UnsafeRawPointer(burst.frame[index]).loadUnaligned(fromByteOffset: 6, as: UInt64.self))
            guard let word = worker.pointee.tables.labelEntryWord(stackEntry.label, on: nni, from: source) else {
                worker.pointee.drop(index, .foreignSourceMAC)
                return
            }
            entry = PacketOwner(rawValue: word).validated
        }
        guard entry.has(STILE_FLAG_VALID) else {
            worker.pointee.drop(index, stackEntry.isReserved ? .labelReserved : .labelNotValidHere)
            return
        }
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
                index, entry, packet, isIPv6: false, length: length, frameLength: burst.frameLength[index],
                labelTimeToLive: stackEntry.timeToLive, packetTimeToLive: IPv4Header(packet).timeToLive, burst, worker)
        case .ipv6(let length):
            accept(
                index, entry, packet, isIPv6: true, length: length, frameLength: burst.frameLength[index],
                labelTimeToLive: stackEntry.timeToLive, packetTimeToLive: IPv6Header(packet).hopLimit, burst, worker)
        }
    }

    /// 6. The packet belongs to the unit, and goes on.
    @_noLocks @inline(__always)
    private static func accept(
        _ index: Int, _ entry: PacketOwner, _ packet: UnsafeMutableRawPointer, isIPv6: Bool, length: UInt16,
        frameLength: UInt16, labelTimeToLive: UInt8, packetTimeToLive: UInt8, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        belong(
            index, entry, isIPv6: isIPv6, length: length, frameLength: frameLength, labelTimeToLive: labelTimeToLive,
            packetTimeToLive: packetTimeToLive, burst, worker)
        Admission.accept(
            index, packet, vrf: entry.vrf, isIPv6: isIPv6, features: entry.features, burst, worker)
    }

    /// The packet belongs to the unit.
    @_noLocks @inline(__always)
    private static func belong(
        _ index: Int, _ entry: PacketOwner, isIPv6: Bool, length: UInt16, frameLength: UInt16,
        labelTimeToLive: UInt8, packetTimeToLive: UInt8, _ burst: Burst, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        // RFC 3443 §3.1, uniform: the label's TTL becomes the packet's, but never a higher one, or a packet that comes
        // back under a fresh label would go round for ever. Departure subtracts this hop's 1. Pipe: the packet keeps its
        // own, less this hop's 1.
        let bound = UInt32(labelTimeToLive) | (entry.has(STILE_FLAG_PROPAGATE_TTL) ? 0 : 0xFF)
        burst.timeToLive[index] = UInt8(truncatingIfNeeded: min(UInt32(packetTimeToLive), bound))
        burst.packetLength[index] = length
        burst.owner[index] = isIPv6 ? entry.with(.isIPv6) : entry
        worker.pointee.countReceived(counter: entry.counter, bytes: frameLength)
    }

    /// The drop counts on the NNI; the ICMP error comes from the unit, inside the VRF, and only about a packet that
    /// would have passed step 5.
    @_noLocks
    private static func reportExpired(
        _ index: Int, _ entry: PacketOwner, available: Int, _ worker: UnsafeMutablePointer<WorkerState>
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
