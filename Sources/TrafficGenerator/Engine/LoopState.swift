import CDPDKShim

/// A stream as the loop sees it.
struct LoopStream {
    /// Index into the loop's devices.
    var device: Int
    var destinations: AddressPool
    var sources: AddressPool
    var labels: LabelPool?
    var nextSequence: UInt32 = 0
    /// Packets given to the device, and those of them that its full ring refused.
    var offered: UInt64 = 0
    var refused: UInt64 = 0
    var arrivals = ArrivalTracker()
    var latencies = LatencyCounts()

    /// - Parameter device: index of the one that it leaves by.
    init(_ stream: StreamProfile, device: Int) {
        self.device = device
        destinations = AddressPool(stream.destinations, order: stream.destinationHosts)
        sources = AddressPool(stream.sources, order: stream.sourceHosts)
        labels =
            stream.spoofedLabels.isEmpty
            ? nil
            : LabelPool(stream.spoofedLabels, isBottom: stream.labels.count == 1, timeToLive: stream.timeToLive)
    }

    mutating func reset() {
        nextSequence = 0
        offered = 0
        refused = 0
        arrivals.reset()
        latencies.reset()
    }

    func deallocate() {
        destinations.deallocate()
        sources.deallocate()
        labels?.deallocate()
        arrivals.deallocate()
        latencies.deallocate()
    }
}

/// A device as the loop sees it.
struct LoopDevice {
    static var burst: Int { @_noLocks @inline(__always) get { 32 } }

    let number: UInt16
    let pool: OpaquePointer
    /// Whether a frame that the device does not take is lost, or waits until it does: a full ring in memory is the
    /// receiver's queue, a full ring of a NIC only says that the wire is busy.
    let losesWhatItRefuses: Bool
    /// Frames that are ready to go, `burst` of them at most, and the streams they are of.
    let pending: UnsafeMutablePointer<OpaquePointer?>
    let pendingStreams: UnsafeMutablePointer<UInt16>
    var pendingCount = 0

    init(_ device: GeneratorDevice) {
        number = device.number
        pool = device.transmitPool
        losesWhatItRefuses = device.name.isInMemory
        pending = .allocate(capacity: Self.burst)
        pending.initialize(repeating: nil, count: Self.burst)
        pendingStreams = .allocate(capacity: Self.burst)
        pendingStreams.initialize(repeating: 0, count: Self.burst)
    }

    func deallocate() {
        pending.deallocate()
        pendingStreams.deallocate()
    }
}

/// What the loop publishes for whoever watches it; written by the loop alone, read at any time.
struct LoopTotals {
    var offered: UInt64 = 0
    var refused: UInt64 = 0
    var received: UInt64 = 0
    var unsent: UInt64 = 0
    /// Set by the watcher: ends the trial.
    var isAskedToStop: UInt32 = 0
}

/// All that the transmit-and-receive loop works with, behind a pointer. One thread uses it.
struct LoopState {
    /// Frames that the loop leaves to the code around it: ARP and neighbor discovery.
    static var foreignCapacity: Int { @_noLocks @inline(__always) get { 64 } }

    let devices: UnsafeMutablePointer<LoopDevice>
    let deviceCount: Int
    let streams: UnsafeMutablePointer<LoopStream>
    let streamCount: Int
    let templates: UnsafeMutablePointer<FrameTemplate>
    /// Indices of templates, in the order in which they are sent, over and over.
    let schedule: UnsafeMutablePointer<UInt32>
    let scheduleCount: Int
    var schedulePosition = 0
    let totals: UnsafeMutablePointer<LoopTotals>
    let received: UnsafeMutablePointer<OpaquePointer?>
    let foreign: UnsafeMutablePointer<OpaquePointer?>
    let foreignDevices: UnsafeMutablePointer<Int>
    var foreignCount = 0
    var foreignPackets: UInt64 = 0
    var random: PacketRandom
    var trial: UInt8 = 0
    var pace = Pace()
    var receivedPackets: UInt64 = 0
    var offeredPackets: UInt64 = 0
    var refusedPackets: UInt64 = 0
    var isSending = true
    /// Ticks since the start of the trial.
    var firstSentAt: UInt64 = 0
    var lastSentAt: UInt64 = 0
    /// How long to wait for stragglers after the last packet has left.
    var drainTicks: UInt64 = 0
    var startTicks: UInt64 = 0
}
