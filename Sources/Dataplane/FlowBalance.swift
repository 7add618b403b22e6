/// How many flows stay with each worker that receives for others: found by what the workers measure, since nobody knows
/// beforehand what a device's receive, a configuration's services and the caches between two processors cost.
///
/// A worker that was busy for longer than the others keeps fewer flows from then on, one that was idle for longer keeps
/// more; what a full ring did not take counts as work that the others had no time for. The main thread asks about ten
/// times a second; the workers' part is `ShareChange`.
public struct FlowBalance {
    /// What a worker has counted until now (stile_worker).
    public struct Sample: Equatable, Sendable {
        public var busyCycles: UInt64
        /// That went through its stages.
        public var packets: UInt64
        /// Received by it, of others' flows; and of those, what a full ring did not take.
        public var spreadPackets: UInt64
        public var spreadLost: UInt64
        /// Places whose flows stay with it now.
        public var ownPlaces: Int

        public init(busyCycles: UInt64, packets: UInt64, spreadPackets: UInt64, spreadLost: UInt64, ownPlaces: Int) {
            self.busyCycles = busyCycles
            self.packets = packets
            self.spreadPackets = spreadPackets
            self.spreadLost = spreadLost
            self.ownPlaces = ownPlaces
        }
    }

    /// Below this part of the time even the busiest worker has room for all, and what is measured says little.
    static let leastLoad = 0.25
    /// Smaller changes are noise; larger ones at once rest on one measurement only.
    static let smallestChange = 0.01
    static let largestChange = 0.25
    /// So that there are always packets handed over from which to tell how many are received.
    static let mostOwnPart = 0.9

    private var last: [Sample]
    private var lastCycles: UInt64

    public init(_ samples: [Sample], at cycles: UInt64) {
        last = samples
        lastCycles = cycles
    }

    /// The places that are to stay with each worker; `nil` where nothing is to change.
    ///
    /// - Parameter cycles: of the same clock as `busyCycles`; what lies between two calls is one measurement.
    public mutating func next(_ samples: [Sample], at cycles: UInt64) -> [Int?] {
        let elapsed = Double(cycles &- lastCycles)
        let changes = zip(samples, last).map(Change.init)
        defer {
            last = samples
            lastCycles = cycles
        }
        let none = [Int?](repeating: nil, count: samples.count)
        // Workers that were shared anew meanwhile have measured a mixture.
        guard samples.count > 1, elapsed > 0, samples.count == last.count,
            zip(samples, last).allSatisfy({ $0.ownPlaces == $1.ownPlaces }),
            changes.contains(where: { $0.busy > Self.leastLoad * elapsed })
        else { return none }
        let owners = changes.indices.filter { changes[$0].handedOver > 0 }
        return changes.indices.map { owner in
            guard owners.contains(owner) else { return nil }
            let part = Double(samples[owner].ownPlaces) / Double(FlowShares.count)
            let step = Self.step(owner, changes, ownPart: part) / Double(owners.count)
            guard abs(step) >= Self.smallestChange else { return nil }
            let next = part + min(max(step, -Self.largestChange), Self.largestChange)
            let places = Int((min(max(next, 0), Self.mostOwnPart) * Double(FlowShares.count)).rounded())
            return places == samples[owner].ownPlaces ? nil : places
        }
    }

    /// What a worker did between two samples.
    private struct Change {
        var busy: Double
        var packets: Double
        var handedOver: Double
        var lost: Double

        init(_ now: Sample, since before: Sample) {
            busy = Double(now.busyCycles &- before.busyCycles)
            packets = Double(now.packets &- before.packets)
            handedOver = Double(now.spreadPackets &- before.spreadPackets)
            lost = Double(now.spreadLost &- before.spreadLost)
        }
    }

    /// The part of its received flows that `owner` is to keep more, so that all have the same work.
    ///
    /// To keep one packet more costs the owner what a packet costs the others, c, and spares each of n others c/n: the
    /// gap between the owner's work and theirs closes by c (1 + 1/n).
    private static func step(_ owner: Int, _ changes: [Change], ownPart: Double) -> Double {
        let others = changes.indices.filter { $0 != owner }
        let busy = others.reduce(0) { $0 + changes[$1].busy }
        let packets = others.reduce(0) { $0 + changes[$1].packets }
        guard packets > 0 else { return 0 }
        let cost = busy / packets
        let count = Double(others.count)
        let gap = (busy + changes[owner].lost * cost) / count - changes[owner].busy
        let received = changes[owner].handedOver / (1 - min(ownPart, mostOwnPart))
        return gap / (cost * (1 + 1 / count) * received)
    }
}
