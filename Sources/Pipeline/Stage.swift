/// The stages in the order in which a burst passes them. The raw value indexes `stile_worker.stage_cycles`.
public enum Stage: UInt8, CaseIterable, Sendable, Hashable {
    case ingress = 0
    case labelCheck = 1
    case admission = 2
    /// Source check, access list, policer and policy-based routing of the way in; those of the way out are part of
    /// departure.
    case services = 3
    case lookup = 4
    case departure = 5
    case imposition = 6
    /// ICMP errors made of dropped packets, with their own way through lookup, departure and imposition.
    case errorReport = 7
    /// Counting what the ports took. The owner of the ports runs it.
    case transmit = 8

    /// The raw value, as the forwarding path takes it; see `DropReason.number`.
    var number: UInt32 { @_noLocks @inline(__always) get { UInt32(unsafeBitCast(self, to: UInt8.self)) } }

    /// The name in CLI, JSON, metrics and traces.
    public var identifier: String {
        switch self {
        case .ingress: "ingress"
        case .labelCheck: "label_check"
        case .admission: "admission"
        case .services: "services"
        case .lookup: "lookup"
        case .departure: "departure"
        case .imposition: "imposition"
        case .errorReport: "error_report"
        case .transmit: "transmit"
        }
    }
}
