/// `show.policy_map`: attached policies, what their classes took and what their policers did with it.
public struct ShowPolicyMap: ControlRequest {
    public typealias Answer = PolicyMapResult
    public static let method = "show.policy_map"

    /// Only this interface; all if `nil`.
    public var interface: String?

    public init(interface: String? = nil) { self.interface = interface }
}

/// Answer to `show.policy_map`.
public struct PolicyMapResult: ControlResult {
    public static let schemaIdentifier = "stile.show.policy_map/2"
    public private(set) var schema = PolicyMapResult.schemaIdentifier

    /// When the counters were read.
    public let takenAt: Timestamp
    /// In the order of interface, VRF and direction.
    public let policies: [AttachedPolicyStatus]

    public init(takenAt: Timestamp, policies: [AttachedPolicyStatus]) {
        self.takenAt = takenAt
        self.policies = policies
    }
}

/// The direction of traffic as seen from the box.
public enum ServiceDirection: String, Codable, Hashable, Sendable, CaseIterable {
    case input
    case output
}

/// A policy map where it is attached.
public struct AttachedPolicyStatus: Codable, Hashable, Sendable {
    public let interface: String
    /// Attached to an NNI, a policy has counters and policers for each VRF without a unit of its own there: the VRF's
    /// implied unit.
    public let unit: String?
    public let vrf: String?
    public let direction: ServiceDirection
    public let policyMap: String
    /// In the order in which they are tried; the last takes what the others leave.
    public let classes: [PolicyClassStatus]

    public init(
        interface: String, unit: String? = nil, vrf: String?, direction: ServiceDirection, policyMap: String,
        classes: [PolicyClassStatus]
    ) {
        self.interface = interface
        self.unit = unit
        self.vrf = vrf
        self.direction = direction
        self.policyMap = policyMap
        self.classes = classes
    }
}

/// What has been counted of a class since its counters were last cleared.
public struct PolicyClassStatus: Codable, Hashable, Sendable {
    public let name: String
    /// All packets of a class without a policer.
    public let green: TrafficCount
    public let yellow: TrafficCount
    public let red: TrafficCount
    public let policer: PolicerStatus?

    public init(
        name: String, green: TrafficCount, yellow: TrafficCount, red: TrafficCount, policer: PolicerStatus? = nil
    ) {
        self.name = name
        self.green = green
        self.yellow = yellow
        self.red = red
        self.policer = policer
    }
}

/// How a policer is configured.
public struct PolicerStatus: Codable, Hashable, Sendable {
    public let committedRateBitsPerSecond: UInt64
    public let committedBurstBytes: UInt64
    /// `nil` for a single-rate policer.
    public let peakRateBitsPerSecond: UInt64?
    /// Of a single-rate policer the excess burst, of a two-rate policer the peak burst.
    public let excessBurstBytes: UInt64?
    /// What becomes of green, yellow and red packets, in the configuration's words.
    public let conformAction: String
    public let exceedAction: String
    public let violateAction: String?
    /// Added to the IP length of each packet: below 0 what is left out.
    public let accountBytes: Int
    /// The class map of what comes green, of a policer that is colour-aware.
    public let conformColour: String?
    /// The class map of what comes yellow; what neither takes comes red.
    public let exceedColour: String?

    public init(
        committedRateBitsPerSecond: UInt64, committedBurstBytes: UInt64, peakRateBitsPerSecond: UInt64? = nil,
        excessBurstBytes: UInt64? = nil, conformAction: String, exceedAction: String, violateAction: String? = nil,
        accountBytes: Int = 0, conformColour: String? = nil, exceedColour: String? = nil
    ) {
        self.committedRateBitsPerSecond = committedRateBitsPerSecond
        self.committedBurstBytes = committedBurstBytes
        self.peakRateBitsPerSecond = peakRateBitsPerSecond
        self.excessBurstBytes = excessBurstBytes
        self.conformAction = conformAction
        self.exceedAction = exceedAction
        self.violateAction = violateAction
        self.accountBytes = accountBytes
        self.conformColour = conformColour
        self.exceedColour = exceedColour
    }
}

/// Packets and their octets.
public struct TrafficCount: Codable, Hashable, Sendable {
    public let packets: UInt64
    public let bytes: UInt64

    public init(packets: UInt64, bytes: UInt64) {
        self.packets = packets
        self.bytes = bytes
    }

    public static func + (a: Self, b: Self) -> Self {
        TrafficCount(packets: a.packets &+ b.packets, bytes: a.bytes &+ b.bytes)
    }
}

extension PolicyMapResult {
    /// For each attached policy a line that says where, and a table of its classes.
    public func text(_ style: TextStyle) -> String {
        guard !policies.isEmpty else { return "no policies are attached\n" }
        return policies.map { $0.text(style) }.joined(separator: "\n")
    }
}

extension AttachedPolicyStatus {
    fileprivate func text(_ style: TextStyle) -> String {
        let title = "\(unit ?? interface) \(direction.rawValue): policy map \(policyMap)"
        let text = style.show(title.withoutControlCharacters, as: .heading) + "\n"
        var table = TextTable(
            [
                .name("CLASS"), .name("COLOUR"), .number("PACKETS"), .number("BYTES"), .name("ACTION"),
                .name("POLICER"),
            ], emptyText: "no classes")
        for policyClass in classes {
            for (index, row) in policyClass.rows.enumerated() {
                table.append([
                    index == 0 ? TextTable.Cell(policyClass.name) : "", TextTable.Cell(row.colour),
                    TextTable.Cell(row.count.packets), TextTable.Cell(row.count.bytes), TextTable.Cell(row.action),
                    index == 0 ? TextTable.Cell(policyClass.policer?.rates) : "",
                ])
            }
        }
        return text + table.text(style)
    }
}

extension PolicyClassStatus {
    /// The colours that the class has: one without a policer, two without an excess burst.
    fileprivate var rows: [(colour: String, count: TrafficCount, action: String?)] {
        guard let policer else { return [("-", green, nil)] }
        let yellow = ("yellow", self.yellow, policer.exceedAction as String?)
        let red = ("red", self.red, policer.violateAction ?? policer.exceedAction)
        let green = ("green", self.green, policer.conformAction as String?)
        let hasYellow = policer.excessBurstBytes != nil || self.yellow.packets > 0
        return hasYellow ? [green, yellow, red] : [green, red]
    }
}

extension PolicerStatus {
    fileprivate var rates: String {
        var text = "\(committedRateBitsPerSecond) bit/s, burst \(committedBurstBytes) bytes"
        if let peakRateBitsPerSecond { text += ", peak \(peakRateBitsPerSecond) bit/s" }
        if let excessBurstBytes { text += ", excess burst \(excessBurstBytes) bytes" }
        if accountBytes != 0 { text += ", account \(accountBytes > 0 ? "+" : "")\(accountBytes) bytes" }
        if let conformColour { text += ", green by class map \(conformColour)" }
        if let exceedColour { text += ", yellow by class map \(exceedColour)" }
        return text
    }
}
