import Addressing

/// A profile's valid streams with packets beside them that the device must drop.
public struct AttackMix: Hashable, Sendable {
    public var kinds: [AttackKind]
    /// Of all packets, what the attack is: 0 ≤ share < 1.
    public var share: Double
    /// Of the spoofed labels.
    public var seed: UInt64

    /// How many different labels a stream of spoofed ones goes through.
    public static let spoofedLabelCount = 4096
    /// Sources of RFC 5737's and RFC 3849's documentation ranges: no VRF of a benchmark routes them.
    static let spoofedSourceIPv4 = "203.0.113.0/24"
    static let spoofedSourceIPv6 = "2001:db8:ffff::/48"

    public init(kinds: [AttackKind], share: Double, seed: UInt64 = 1) {
        self.kinds = kinds
        self.share = share
        self.seed = seed
    }

    /// The valid streams as they are and the attack's beside them, at rates that make it `share` of the whole. Each kind
    /// has the same part of it; a stream of an attack is made from a valid labelled stream, so that it takes the same way
    /// up to the check that drops it.
    ///
    /// - Parameter validPacketsPerSecond: of all valid streams together.
    /// - Throws: `TrafficError` where no stream has a label.
    public func profile(
        from valid: TrafficProfile, validPacketsPerSecond: Double
    ) throws(TrafficError) -> TrafficProfile {
        guard share > 0, !kinds.isEmpty else { return valid }
        let labelled = valid.streams.filter { $0.labels.count == 1 && $0.attack == nil }
        guard let first = labelled.first else {
            throw TrafficError(.nothingToSend, "an attack needs a labelled stream to imitate, and the profile has none")
        }
        let used = Set(labelled.flatMap(\.labels))
        let rate = validPacketsPerSecond * share / (1 - share) / Double(kinds.count)
        var profile = valid
        for (index, kind) in kinds.enumerated() {
            var stream = labelled[index % labelled.count]
            stream.name = "attack \(kind.rawValue)"
            stream.attack = kind
            stream.rate = .packetsPerSecond(max(rate, 1))
            switch kind {
            case .spoofedLabel: stream.spoofedLabels = spoofedLabels(avoiding: used)
            case .reservedLabel: stream.spoofedLabels = (0..<16).compactMap { MPLSLabel(rawValue: $0) }
            case .labelDepth: stream.labels = [first.labels[0]] + stream.labels
            case .spoofedSource:
                let text = stream.family == .ipv4 ? Self.spoofedSourceIPv4 : Self.spoofedSourceIPv6
                stream.sources = IPPrefix(text).map { [$0] } ?? stream.sources
            case .unlabelled: stream.labels = []
            }
            profile.streams.append(stream)
        }
        return profile
    }

    private func spoofedLabels(avoiding used: Set<MPLSLabel>) -> [MPLSLabel] {
        var random = PacketRandom(seed: seed)
        var labels: Set<MPLSLabel> = []
        while labels.count < Self.spoofedLabelCount {
            // The 2^20 − 16 labels that are not reserved (RFC 3032 §2.1).
            guard let label = MPLSLabel(rawValue: 16 + UInt32(random.next() % 1_048_560)), !used.contains(label) else {
                continue
            }
            labels.insert(label)
        }
        return labels.sorted()
    }
}

/// What an attack of one share did to the valid streams.
public struct AttackResult: Codable, Hashable, Sendable {
    public let attackShare: Double
    public let validOfferedPackets: UInt64
    public let validReceivedPackets: UInt64
    /// Of the valid streams, packets a second that arrived.
    public let goodputPacketsPerSecond: Double
    public let goodputRatio: Double
    public let attackOfferedPackets: UInt64
    /// Packets of the attack that came through, by kind.
    public let leakedPackets: [String: UInt64]
    public let isGeneratorLimited: Bool

    public init(share: Double, trial: TrialResult) {
        attackShare = share
        validOfferedPackets = trial.offeredPackets
        validReceivedPackets = trial.receivedPackets
        goodputPacketsPerSecond = trial.transmitSeconds > 0 ? Double(trial.receivedPackets) / trial.transmitSeconds : 0
        goodputRatio = 1 - trial.lossRatio
        let attack = trial.streams.filter { $0.attack != nil }
        attackOfferedPackets = attack.reduce(0) { $0 + $1.offeredPackets }
        leakedPackets = attack.reduce(into: [:]) { leaks, stream in
            leaks[stream.attack?.rawValue ?? "", default: 0] += stream.receivedPackets
        }
        isGeneratorLimited = trial.isGeneratorLimited
    }

    public var leakedTotal: UInt64 { leakedPackets.values.reduce(0, +) }
}
