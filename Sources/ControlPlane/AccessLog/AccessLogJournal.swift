import Addressing

/// What access lists log, as a state machine: from counts of packets by flow to lines.
///
/// As on IOS, the first packet of a flow is a line at once, and those that follow are one line every five minutes, or
/// earlier where a threshold says so, until an interval brings none. How many flows begin to be logged is limited for
/// each list, so that neither an attack nor a busy entry floods the log, nor hides what the lists of others have to say;
/// what that leaves out is counted.
public struct AccessLogJournal: Sendable {
    /// A line to be written.
    public struct Line: Equatable, Sendable {
        public let flow: LoggedFlow
        public let packets: UInt64

        public init(flow: LoggedFlow, packets: UInt64) {
            self.flow = flow
            self.packets = packets
        }
    }

    /// By family: a flow with so many packets since its last line has the next one.
    public var thresholds: [AddressFamily: UInt32] = [:]
    /// Packets that no line speaks of.
    public private(set) var missedPackets: UInt64 = 0

    private struct State: Sendable {
        var packets: UInt64
        var reportedAt: Duration
    }

    private struct Allowance: Sendable {
        var lines: Double
        var updatedAt: Duration
    }

    private var flows: [LoggedFlow: State] = [:]
    private var allowances: [AccessListKey: Allowance] = [:]

    public init() {}

    public static let interval = Duration.seconds(300)
    /// New flows and thresholds of a list: so many lines at once, and then so many a second.
    public static let burstLines = 50
    public static let linesPerSecond = 2
    /// Flows that are remembered.
    public static let mostFlows = 65_536

    /// Packets of a flow have come; `now` is of a clock that only goes forward.
    public mutating func add(_ packets: UInt64, of flow: LoggedFlow, now: Duration) -> [Line] {
        guard var state = flows[flow] else {
            guard flows.count < Self.mostFlows, takeLine(for: flow.entry, now: now) else {
                missedPackets &+= packets
                return []
            }
            flows[flow] = State(packets: 0, reportedAt: now)
            let first = Line(flow: flow, packets: 1)
            return packets > 1 ? [first] + add(packets - 1, of: flow, now: now) : [first]
        }
        state.packets &+= packets
        flows[flow] = state
        guard let threshold = thresholds[flow.entry.family], state.packets >= UInt64(threshold),
            takeLine(for: flow.entry, now: now)
        else { return [] }
        flows[flow] = State(packets: 0, reportedAt: now)
        return [Line(flow: flow, packets: state.packets)]
    }

    /// What is to be written for the time alone. To be called once a second.
    public mutating func advance(now: Duration) -> [Line] {
        let due = flows.filter { now - $0.value.reportedAt >= Self.interval }
        var lines: [Line] = []
        for (flow, state) in due {
            if state.packets > 0 {
                lines.append(Line(flow: flow, packets: state.packets))
                flows[flow] = State(packets: 0, reportedAt: now)
            } else {
                flows[flow] = nil
            }
        }
        if !due.isEmpty { forgetIdleLists(now: now) }
        return lines.sorted { "\($0.flow)" < "\($1.flow)" }
    }

    /// What has been counted and not written, for a process that stops.
    public mutating func end() -> [Line] {
        defer { flows = [:] }
        return flows.filter { $0.value.packets > 0 }.map { Line(flow: $0.key, packets: $0.value.packets) }
    }

    /// A list may use its allowance up and gets it back as time goes by.
    private mutating func takeLine(for entry: LoggedEntry, now: Duration) -> Bool {
        let list = AccessListKey(family: entry.family, name: entry.list)
        var allowance = allowances[list] ?? Allowance(lines: Double(Self.burstLines), updatedAt: now)
        allowance.lines = min(
            Double(Self.burstLines),
            allowance.lines + (now - allowance.updatedAt) / .seconds(1) * Double(Self.linesPerSecond))
        allowance.updatedAt = now
        let isEnough = allowance.lines >= 1
        if isEnough { allowance.lines -= 1 }
        allowances[list] = allowance
        return isEnough
    }

    private mutating func forgetIdleLists(now: Duration) {
        allowances = allowances.filter { now - $0.value.updatedAt < Self.interval }
    }
}
