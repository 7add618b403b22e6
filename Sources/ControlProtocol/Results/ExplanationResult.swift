import Addressing

/// Answer to `explain.packet`: what the pipeline does with one packet by the tables as they are now.
public struct ExplanationResult: ControlResult {
    public static let schemaIdentifier = "stile.explain.packet/1"
    public private(set) var schema = ExplanationResult.schemaIdentifier

    public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
        case forwarded
        /// Handed to the control process.
        case punted
        case dropped
    }

    public let generation: UInt64
    /// In the order of the pipeline.
    public let steps: [ExplanationStep]
    public let verdict: Verdict
    /// Why it is dropped or punted, in snake_case.
    public let reason: String?
    public let dropClass: DropClass?
    /// What the reason means.
    public let help: String?
    /// The ICMP error that its sender gets, for instance `time exceeded`.
    public let icmpError: String?
    public let vrf: String?
    public let egressInterface: String?
    public let egressPort: String?
    /// The label it leaves with.
    public let egressLabel: MPLSLabel?

    public init(
        generation: UInt64, steps: [ExplanationStep], verdict: Verdict, reason: String? = nil,
        dropClass: DropClass? = nil, help: String? = nil, icmpError: String? = nil, vrf: String? = nil,
        egressInterface: String? = nil, egressPort: String? = nil, egressLabel: MPLSLabel? = nil
    ) {
        self.generation = generation
        self.steps = steps
        self.verdict = verdict
        self.reason = reason
        self.dropClass = dropClass
        self.help = help
        self.icmpError = icmpError
        self.vrf = vrf
        self.egressInterface = egressInterface
        self.egressPort = egressPort
        self.egressLabel = egressLabel
    }
}

/// What one stage decides.
public struct ExplanationStep: Codable, Hashable, Sendable {
    public let stage: String
    public let decision: String
    /// The table entry that it used.
    public let entry: String?
    /// Where the entry comes from in the configuration: `file:line: text`.
    public let configurationLine: String?

    public init(stage: String, decision: String, entry: String? = nil, configurationLine: String? = nil) {
        self.stage = stage
        self.decision = decision
        self.entry = entry
        self.configurationLine = configurationLine
    }
}
