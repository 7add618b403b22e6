import CTableLayout
import ForwardingTables
import PacketFormats

/// A labelled packet on an NNI or from the core: steps 2 to 6 of the specification's list, in its order. What fails is dropped
/// and counts on the NNI or core interface; what passes belongs to its VRF's unit from here on.
enum LabelCheck {
    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let interfaces = worker.pointee.tables.interfaces
        var position = 0
        while position < worker.pointee.labelledCount {
            let index = Int(burst.labelled[position])
            position &+= 1
            check(index, interfaces + Int(burst.interface[index]), burst, worker)
        }
        worker.pointee.labelledCount = 0
    }

    @_noLocks @inline(__always)
    private static func check(
        _ index: Int, _ nni: UnsafePointer<stile_interface>, _ burst: Burst,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        var packet = burst.packet[index]
        var available = (burst.frame[index] + Int(burst.frameLength[index])) - packet
        // 2. The stack is one entry deep (RFC 3032 §2.1: the bottom-of-stack bit), not counted an explicit null that was
        //    advertised, unless the label is swapped or replicated: then its entry says how deep.
        guard available >= 0 else {
            worker.pointee.drop(index, .labelStackTruncated)
            return
        }
        var stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
        if !stackEntry.isBottomOfStack, isAdvertisedNull(stackEntry.label, on: nni) {
            available &-= LabelStackEntry.byteCount
            guard available >= 0 else {
                worker.pointee.drop(index, .labelStackTruncated)
                return
            }
            stackEntry = pop(stackEntry, above: packet)
            packet += LabelStackEntry.byteCount
            burst.packet[index] = packet
        }
        // 3. The label is valid on this NNI. Reserved labels are outside every NNI's range. Where several neighbors share
        // the NNI, and where it is asked of one, it is valid from the neighbor that was told it: the entry is then one
        // that is not valid for the common path, so that packets elsewhere pay nothing for this.
        var labels = worker.pointee.tables.labels(of: nni)
        var entry = PacketOwner(rawValue: labels.entryWord(stackEntry.label))
        // Or two, where the first names the table, on this NNI, that has the second.
        if entry.isContext {
            guard !stackEntry.isBottomOfStack else {
                worker.pointee.drop(index, .labelStackDepth)
                return
            }
            available &-= LabelStackEntry.byteCount
            guard available >= 0 else {
                worker.pointee.drop(index, .labelStackTruncated)
                return
            }
            labels = worker.pointee.tables.labels(ofContext: entry.contextTable)
            stackEntry = pop(stackEntry, above: packet)
            packet += LabelStackEntry.byteCount
            burst.packet[index] = packet
            entry = PacketOwner(rawValue: labels.entryWord(stackEntry.label))
        }
        guard stackEntry.isBottomOfStack || entry.isSwap || entry.isReplication else {
            worker.pointee.drop(index, .labelStackDepth)
            return
        }
        if entry.has(STILE_FLAG_BY_SOURCE) {
            let source = UInt64(
                littleEndian: UnsafeRawPointer(burst.frame[index]).loadUnaligned(fromByteOffset: 6, as: UInt64.self))
            guard let word = worker.pointee.tables.labelEntryWord(stackEntry.label, in: labels, from: source) else {
                worker.pointee.drop(index, .foreignSourceMAC)
                return
            }
            entry = PacketOwner(rawValue: word).validated
        }
        guard !entry.isSwap else {
            LabelSwap.run(index, entry, stackEntry, available: available, worker)
            return
        }
        guard !entry.isReplication else {
            LabelReplication.run(index, entry, stackEntry, available: available, worker)
            return
        }
        if entry.isPop {
            guard let owner = LabelPop.owner(of: index, entry, worker) else { return }
            entry = owner
        }
        guard entry.has(STILE_FLAG_VALID), stackEntry.isBottomOfStack else {
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
                index, entry, length: length, timeToLive: IPv4Header(packet).timeToLive, under: stackEntry, worker)
        case .ipv6(let length):
            accept(
                index, entry.with(.isIPv6), length: length, timeToLive: IPv6Header(packet).hopLimit, under: stackEntry,
                worker)
        }
    }

    /// Whether routers of the core were told a label as explicit null: one that they may put above those of VRFs.
    @_noLocks @inline(__always)
    private static func isAdvertisedNull(_ label: UInt32, on interface: UnsafePointer<stile_interface>) -> Bool {
        let flags = UInt32(interface.pointee.flags)
        return label == 0 && flags & STILE_FLAG_NULL_IPV4.rawValue != 0
            || label == 2 && flags & STILE_FLAG_NULL_IPV6.rawValue != 0
    }

    /// RFC 4182: the packet is treated as one whose explicit null the router before us had popped, in the uniform model, and so is
    /// one under a label that names a space, which says no more of it than that (RFC 5331 §3): the
    /// entry below gets the outer class (RFC 3270 §2.6.2) and no higher TTL than the outer one (RFC 3443 §3.1). Returns that.
    @_noLocks @inline(__always)
    static func pop(_ outer: LabelStackEntry, above inner: UnsafeMutableRawPointer) -> LabelStackEntry {
        let below = LabelStackEntry(inner)
        let entry = LabelStackEntry(
            label: below.label, trafficClass: outer.trafficClass, isBottomOfStack: below.isBottomOfStack,
            timeToLive: min(below.timeToLive, outer.timeToLive))
        inner.storeNetwork(entry.rawValue, at: 0)
        return entry
    }

    /// 6. The packet belongs to the unit, and goes on.
    @_noLocks @inline(__always)
    private static func accept(
        _ index: Int, _ owner: PacketOwner, length: UInt16, timeToLive: UInt8, under stackEntry: LabelStackEntry,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        burst.timeToLive[index] = UInt8(truncatingIfNeeded: min(UInt32(timeToLive), bound(of: stackEntry, owner)))
        burst.packetLength[index] = length
        burst.owner[index] = owner
        worker.pointee.countReceived(counter: owner.counter, bytes: burst.frameLength[index])
        Admission.enqueue(index, worker)
    }

    /// What the packet's TTL may be at most. RFC 3443 §3.1, uniform: the label's TTL becomes the packet's, but never a higher
    /// one, or a packet that comes back under a fresh label would go round for ever. Departure subtracts this hop's 1. Pipe:
    /// the packet keeps its own, less this hop's 1.
    @_noLocks @inline(__always)
    static func bound(of stackEntry: LabelStackEntry, _ entry: PacketOwner) -> UInt32 {
        UInt32(stackEntry.timeToLive) | (entry.has(STILE_FLAG_PROPAGATE_TTL) ? 0 : 0xFF)
    }

    /// The drop counts on the NNI; the ICMP error comes from the unit, inside the VRF, and only about a packet that
    /// would have passed step 5.
    @_noLocks
    private static func reportExpired(
        _ index: Int, _ entry: PacketOwner, available: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        burst.flags[index] = .cameLabelled
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
