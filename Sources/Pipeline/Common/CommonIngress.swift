import CTableLayout
import ForwardingTables
import PacketFormats

/// What Ingress, LabelCheck and Admission do, in one pass, for the common packet: a labelled one on an NNI or an IP packet on
/// a circuit, whose header, label and addresses are what they should be. All others stay for the stages, which say why.
enum CommonIngress {
    /// How many frames ahead the headers are fetched. One frame's work is shorter than a miss to memory.
    static var prefetchDistance: Int { @_noLocks @inline(__always) get { 4 } }

    /// What an entry has whose label is valid, in a VRF that carries the family.
    static var validIPv4: UInt8 {
        @_noLocks @inline(__always) get { UInt8(STILE_FLAG_VALID.rawValue | STILE_FLAG_IPV4.rawValue) }
    }
    static var validIPv6: UInt8 {
        @_noLocks @inline(__always) get { UInt8(STILE_FLAG_VALID.rawValue | STILE_FLAG_IPV6.rawValue) }
    }

    @_noLocks
    static func run(_ worker: UnsafeMutablePointer<WorkerState>) {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        var index = 0
        while index < count, index < prefetchDistance {
            prefetch(burst.frame[index])
            index &+= 1
        }
        index = 0
        while index < count {
            let next = takeRun(from: index, burst, count: count, worker)
            // None: the frame has no common header, or has one no more, for instance as its circuit has been removed meanwhile.
            if next == index {
                if index &+ prefetchDistance < count { prefetch(burst.frame[index &+ prefetchDistance]) }
                worker.pointee.leaveToStages(index)
                index &+= 1
            } else {
                index = next
            }
        }
    }

    /// Takes the frames from `first` on that have its header, or of circuits one each, and returns the one behind them.
    @_noLocks @inline(__always)
    private static func takeRun(
        from first: Int, _ burst: Burst, count: Int, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        guard let header = CommonHeader(of: first, burst, worker.pointee.tables) else { return first }
        if !header.isLabelled, !header.isRepeated(from: first, burst, count: count) {
            return takeVarious(from: first, worker)
        }
        let payloadBytes = header.isLabelled ? CommonHeader.labelledBytes : IPv4Header.minimumByteCount
        var index = first
        while index < count, header.isOf(index, payloadBytes: payloadBytes, burst) {
            var next = takeRun(from: index, header, burst, worker)
            if next == index, header.isLabelled { next = CommonSwap.take(from: index, header, worker) }
            if next == index, header.isLabelled { next = CommonPop.take(from: index, header, worker) }
            if next == index, header.isLabelled { next = CommonContext.take(from: index, header, worker) }
            if next == index { worker.pointee.leaveToStages(index) }
            index = max(next, index &+ 1)
        }
        return index
    }

    /// Takes those of one family.
    @_noLocks @inline(__always)
    private static func takeRun(
        from first: Int, _ header: CommonHeader, _ burst: Burst, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        guard header.isLabelled else {
            return header.isIPv4
                ? takeUnlabelledIPv4(from: first, header, worker) : takeUnlabelledIPv6(from: first, header, worker)
        }
        let packet = burst.frame[first] + header.payloadOffset + LabelStackEntry.byteCount
        return IPv6Header(packet).version == 6
            ? takeLabelledIPv6(from: first, header, worker) : takeLabelledIPv4(from: first, header, worker)
    }

    /// Takes the labelled packets from frame `first` on that are common IPv4 with its header, and returns the first that is
    /// not. Out of line, as the three below, so that what is read of the interface stays in registers.
    @_noLocks @inline(never)
    private static func takeLabelledIPv4(
        from first: Int, _ header: CommonHeader, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        let labels = worker.pointee.tables.labels(of: header.interface)
        let headerBytes = header.payloadOffset &+ LabelStackEntry.byteCount
        var ipv4Count = worker.pointee.ipv4Count
        var octets = 0
        var index = first
        while index < count, header.isOf(index, payloadBytes: CommonHeader.labelledBytes, burst) {
            if index &+ prefetchDistance < count { prefetch(burst.frame[index &+ prefetchDistance]) }
            let frameLength = burst.frameLength[index]
            let packet = burst.frame[index] + headerBytes
            burst.packet[index] = packet
            let stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
            let entry = PacketOwner(rawValue: labels.entryWord(stackEntry.label))
            guard stackEntry.isBottomOfStackAndForwardable, entry.has(all: validIPv4),
                CommonPacket.isIPv4(packet, available: Int(frameLength) &- headerBytes)
            else { break }
            takeIPv4(
                index, packet, of: entry, bound: LabelCheck.bound(of: stackEntry, entry), features: entry.features,
                root: worker.pointee.tables.ipv4Root(ofVRF: entry.vrf), &ipv4Count, burst, worker)
            worker.pointee.countReceived(counter: entry.counter, bytes: frameLength)
            octets &+= Int(frameLength)
            index &+= 1
        }
        worker.pointee.ipv4Count = ipv4Count
        worker.pointee.countReceived(counter: header.owner.counter, packets: index &- first, bytes: octets)
        return index
    }

    @_noLocks @inline(never)
    private static func takeLabelledIPv6(
        from first: Int, _ header: CommonHeader, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        let labels = worker.pointee.tables.labels(of: header.interface)
        let headerBytes = header.payloadOffset &+ LabelStackEntry.byteCount
        var ipv6Count = worker.pointee.ipv6Count
        var octets = 0
        var index = first
        while index < count, header.isOf(index, payloadBytes: CommonHeader.labelledBytes, burst) {
            if index &+ prefetchDistance < count { prefetch(burst.frame[index &+ prefetchDistance]) }
            let frameLength = burst.frameLength[index]
            let packet = burst.frame[index] + headerBytes
            burst.packet[index] = packet
            let stackEntry = LabelStackEntry(UnsafeRawPointer(packet) - LabelStackEntry.byteCount)
            let entry = PacketOwner(rawValue: labels.entryWord(stackEntry.label))
            guard stackEntry.isBottomOfStackAndForwardable, entry.has(all: validIPv6),
                CommonPacket.isIPv6(packet, available: Int(frameLength) &- headerBytes)
            else { break }
            takeIPv6(
                index, packet, of: entry, bound: LabelCheck.bound(of: stackEntry, entry), features: entry.features,
                root: worker.pointee.tables.ipv6Root(ofVRF: entry.vrf), &ipv6Count, burst, worker)
            worker.pointee.countReceived(counter: entry.counter, bytes: frameLength)
            octets &+= Int(frameLength)
            index &+= 1
        }
        worker.pointee.ipv6Count = ipv6Count
        worker.pointee.countReceived(counter: header.owner.counter, packets: index &- first, bytes: octets)
        return index
    }

    /// Takes the packets without a label from frame `first` on that are common IPv4 with its header, of one circuit, and
    /// returns the first that is not.
    @_noLocks @inline(never)
    private static func takeUnlabelledIPv4(
        from first: Int, _ header: CommonHeader, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        let owner = header.owner
        let features = header.interface.pointee.features
        let root = worker.pointee.tables.ipv4Root(ofVRF: owner.vrf)
        var ipv4Count = worker.pointee.ipv4Count
        var octets = 0
        var index = first
        while index < count, header.isOf(index, payloadBytes: IPv4Header.minimumByteCount, burst) {
            if index &+ prefetchDistance < count { prefetch(burst.frame[index &+ prefetchDistance]) }
            let frameLength = burst.frameLength[index]
            let packet = burst.frame[index] + header.payloadOffset
            burst.packet[index] = packet
            guard CommonPacket.isIPv4(packet, available: Int(frameLength) &- header.payloadOffset) else { break }
            takeIPv4(
                index, packet, of: owner, bound: 0xFF, features: features, root: root, &ipv4Count, burst, worker)
            octets &+= Int(frameLength)
            index &+= 1
        }
        worker.pointee.ipv4Count = ipv4Count
        worker.pointee.countReceived(counter: owner.counter, packets: index &- first, bytes: octets)
        return index
    }

    @_noLocks @inline(never)
    private static func takeUnlabelledIPv6(
        from first: Int, _ header: CommonHeader, _ worker: UnsafeMutablePointer<WorkerState>
    ) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        let owner = header.owner
        let features = header.interface.pointee.features
        let root = worker.pointee.tables.ipv6Root(ofVRF: owner.vrf)
        var ipv6Count = worker.pointee.ipv6Count
        var octets = 0
        var index = first
        while index < count, header.isOf(index, payloadBytes: IPv4Header.minimumByteCount, burst) {
            if index &+ prefetchDistance < count { prefetch(burst.frame[index &+ prefetchDistance]) }
            let frameLength = burst.frameLength[index]
            let packet = burst.frame[index] + header.payloadOffset
            burst.packet[index] = packet
            guard CommonPacket.isIPv6(packet, available: Int(frameLength) &- header.payloadOffset) else { break }
            takeIPv6(
                index, packet, of: owner, bound: 0xFF, features: features, root: root, &ipv6Count, burst, worker)
            octets &+= Int(frameLength)
            index &+= 1
        }
        worker.pointee.ipv6Count = ipv6Count
        worker.pointee.countReceived(counter: owner.counter, packets: index &- first, bytes: octets)
        return index
    }

    /// Takes the packets without a label from frame `first` on, each by its own header: those of many customers follow each
    /// other on a port. Returns the first frame that has no such header.
    @_noLocks @inline(never)
    private static func takeVarious(from first: Int, _ worker: UnsafeMutablePointer<WorkerState>) -> Int {
        let burst = worker.pointee.burst
        let count = worker.pointee.count
        var ipv4Count = worker.pointee.ipv4Count
        var index = first
        while index < count {
            guard let header = CommonHeader(of: index, burst, worker.pointee.tables), !header.isLabelled else { break }
            if index &+ prefetchDistance < count { prefetch(burst.frame[index &+ prefetchDistance]) }
            let frameLength = burst.frameLength[index]
            let packet = burst.frame[index] + header.payloadOffset
            burst.packet[index] = packet
            if header.isIPv4, CommonPacket.isIPv4(packet, available: Int(frameLength) &- header.payloadOffset) {
                takeIPv4(
                    index, packet, of: header.owner, bound: 0xFF, features: header.interface.pointee.features,
                    root: worker.pointee.tables.ipv4Root(ofVRF: header.owner.vrf), &ipv4Count, burst, worker)
                worker.pointee.countReceived(counter: header.owner.counter, bytes: frameLength)
            } else {
                takeOther(index, packet, header.owner, isIPv6: header.isIPv6, worker)
            }
            index &+= 1
        }
        worker.pointee.ipv4Count = ipv4Count
        return index
    }

    /// Takes common IPv4 of `owner` to its lookup or services; `bound` is what its TTL is at most.
    @_noLocks @inline(__always)
    static func takeIPv4(
        _ index: Int, _ packet: UnsafeMutableRawPointer, of owner: PacketOwner, bound: UInt32, features: UInt8,
        root: UInt64, _ ipv4Count: inout Int, _ burst: Burst, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let header = IPv4Header(packet)
        burst.packetLength[index] = UInt16(truncatingIfNeeded: header.totalLength)
        burst.timeToLive[index] = UInt8(truncatingIfNeeded: min(UInt32(header.timeToLive), bound))
        burst.owner[index] = owner
        if features == 0 {
            Lookup.enqueue(ipv4: index, packet, root: root, at: ipv4Count, burst, worker)
            ipv4Count &+= 1
        } else {
            IngressServices.enqueue(index, features: features, worker)
        }
    }

    /// A packet of `takeVarious` that is no common IPv4. Out of line: what it needs of the registers is what that loop has no
    /// use for.
    @_noLocks @inline(never)
    private static func takeOther(
        _ index: Int, _ packet: UnsafeMutableRawPointer, _ owner: PacketOwner, isIPv6: Bool,
        _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let burst = worker.pointee.burst
        let frameLength = burst.frameLength[index]
        let available = (burst.frame[index] + Int(frameLength)) - packet
        guard isIPv6, CommonPacket.isIPv6(packet, available: available) else {
            worker.pointee.leaveToStages(index)
            return
        }
        let features = worker.pointee.tables.interfaces[Int(owner.interface)].features
        let root = worker.pointee.tables.ipv6Root(ofVRF: owner.vrf)
        takeIPv6(
            index, packet, of: owner, bound: 0xFF, features: features, root: root, &worker.pointee.ipv6Count, burst,
            worker)
        worker.pointee.countReceived(counter: owner.counter, bytes: frameLength)
    }

    /// As `takeIPv4`.
    @_noLocks @inline(__always)
    static func takeIPv6(
        _ index: Int, _ packet: UnsafeMutableRawPointer, of owner: PacketOwner, bound: UInt32, features: UInt8,
        root: UInt64, _ ipv6Count: inout Int, _ burst: Burst, _ worker: UnsafeMutablePointer<WorkerState>
    ) {
        let header = IPv6Header(packet)
        burst.packetLength[index] = UInt16(truncatingIfNeeded: IPv6Header.byteCount &+ header.payloadLength)
        burst.timeToLive[index] = UInt8(truncatingIfNeeded: min(UInt32(header.hopLimit), bound))
        burst.owner[index] = owner.with(.isIPv6)
        if features == 0 {
            Lookup.enqueue(ipv6: index, packet, root: root, at: ipv6Count, burst, worker)
            ipv6Count &+= 1
        } else {
            IngressServices.enqueue(index, features: features, worker)
        }
    }

    /// The headers, and the line in front of them that a longer header grows into.
    @_noLocks @inline(__always)
    static func prefetch(_ frame: UnsafeMutableRawPointer) {
        stile_prefetch_for_write(frame)
        stile_prefetch_for_write(frame - 64)
    }
}
