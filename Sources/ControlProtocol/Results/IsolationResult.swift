import Addressing

/// Answer to `show.isolation`: computed from the installed tables, not from the configuration.
public struct IsolationResult: ControlResult {
    public static let schemaIdentifier = "stile.show.isolation/1"
    public private(set) var schema = IsolationResult.schemaIdentifier

    public let generation: UInt64
    /// In the order of the names.
    public let vrfs: [VRFReach]
    /// FIB entries and next hops that were walked.
    public let entriesChecked: UInt64
    /// Empty when nothing crosses.
    public let violations: [IsolationViolation]

    public init(generation: UInt64, vrfs: [VRFReach], entriesChecked: UInt64, violations: [IsolationViolation]) {
        self.generation = generation
        self.vrfs = vrfs
        self.entriesChecked = entriesChecked
        self.violations = violations
    }

    /// Whether no packet of one VRF can get into another that does not allow it.
    public var isIsolated: Bool { violations.isEmpty }
}

/// By which doors packets get into a VRF and out of it.
public struct VRFReach: Codable, Hashable, Sendable {
    public let vrf: String
    public let entrances: [VRFDoor]
    public let exits: [VRFDoor]
    /// The VRFs that route maps give some of its packets to, as the configuration of those VRFs allows.
    public let policyRouteTargets: [String]

    public init(vrf: String, entrances: [VRFDoor], exits: [VRFDoor], policyRouteTargets: [String] = []) {
        self.vrf = vrf
        self.entrances = entrances
        self.exits = exits
        self.policyRouteTargets = policyRouteTargets
    }
}

/// An attachment circuit, or a unit with a label.
public struct VRFDoor: Codable, Hashable, Sendable {
    public let interface: String
    /// An entrance's own label, an exit's label of the far end; `nil` for an attachment circuit.
    public let label: MPLSLabel?
    /// An exit's prefixes; 0 for an entrance.
    public let prefixes: Int

    public init(interface: String, label: MPLSLabel? = nil, prefixes: Int) {
        self.interface = interface
        self.label = label
        self.prefixes = prefixes
    }
}

/// Something in the tables that would let a packet cross from one VRF into another.
public struct IsolationViolation: Codable, Hashable, Sendable {
    public let vrf: String
    public let otherVrf: String?
    public let prefix: IPPrefix?
    /// The table entry, for people.
    public let entry: String
    /// What is wrong with it.
    public let message: String

    public init(vrf: String, otherVrf: String? = nil, prefix: IPPrefix? = nil, entry: String, message: String) {
        self.vrf = vrf
        self.otherVrf = otherVrf
        self.prefix = prefix
        self.entry = entry
        self.message = message
    }
}
