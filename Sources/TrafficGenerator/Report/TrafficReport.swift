import ControlProtocol
import Foundation

/// The document that every command of `stile-traffic` ends with.
public struct TrafficReport: Codable, Hashable, Sendable {
    /// What the result is worth.
    public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
        case done
        /// The generator could not offer what was asked for: what is reported is its own limit, not the device's.
        case generatorLimited = "generator_limited"
        /// Packets of an attack came through.
        case attackLeaked = "attack_leaked"
        case interrupted

        public var exitCode: TrafficExitCode {
            switch self {
            case .done: .done
            case .generatorLimited: .generatorLimited
            case .attackLeaked: .attackLeaked
            case .interrupted: .interrupted
            }
        }
    }

    /// `stile.traffic.COMMAND/1`.
    public var schema: String
    public var takenAt: Timestamp
    public var verdict: Verdict
    /// What a reader of the figures has to know, such as that there was no NIC.
    public var notes: [String]
    public var environment: BenchmarkEnvironment
    /// Left out where it names more than `largestProfilePrefixes` prefixes.
    public var profile: TrafficProfile?
    public var search: [GoalResult]?
    /// A trial at half the NDR.
    public var halfLoad: TrialResult?
    public var frameSizes: [FrameSizeResult]?
    public var attack: [AttackResult]?
    public var replay: ReplayResult?
    /// Raw, in the order of time.
    public var trials: [TrialResult]

    public static let largestProfilePrefixes = 1000
    public static let noNIC = "no NIC: the packets went through this machine's memory only"

    public init(
        command: String, takenAt: Timestamp, verdict: Verdict, environment: BenchmarkEnvironment,
        profile: TrafficProfile? = nil, search: [GoalResult]? = nil, halfLoad: TrialResult? = nil,
        frameSizes: [FrameSizeResult]? = nil, attack: [AttackResult]? = nil, replay: ReplayResult? = nil,
        trials: [TrialResult] = []
    ) {
        schema = "stile.traffic.\(command)/1"
        self.takenAt = takenAt
        self.verdict = verdict
        self.environment = environment
        let prefixes = profile?.streams.reduce(0) { $0 + $1.destinations.count + $1.sources.count } ?? 0
        self.profile = prefixes <= Self.largestProfilePrefixes ? profile : nil
        self.search = search
        self.halfLoad = halfLoad
        self.frameSizes = frameSizes
        self.attack = attack
        self.replay = replay
        self.trials = trials
        notes = []
        if environment.devices.contains(where: \.isInMemory) { notes.append(Self.noNIC) }
        if !environment.framesInHugepages { notes.append("frames are in memory without hugepages") }
        if verdict == .generatorLimited {
            notes.append("generator-limited: the generator did not reach the rate, so this is not the device's limit")
        }
    }

    /// One JSON document, keys in order.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
