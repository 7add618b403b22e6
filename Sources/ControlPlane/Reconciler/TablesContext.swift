import ForwardingTables

/// A part of the plan that is written as a whole: what of it has found no room is tried again by bringing the tables to
/// the plan again.
enum PlanPart: Hashable {
    case ports
    case vrfs
    case interfaces
    case vlans
    case links
    case multipointLabels
}

/// What the parts of the installed tables have in common: the plan and the time, what they write into, whom they ask for
/// neighbors, and what they report.
final class TablesContext {
    let writer: TablesWriter
    /// The ways to PEs.
    let transports: CoreTransports
    /// What is known of a neighbor; asked whenever a link is worked out. Must not call back.
    let neighborEntry: (NeighborKey) -> NeighborEntry?
    /// What the tables are brought to.
    private(set) var plan = ForwardingPlan()
    /// Ports that carry nothing.
    private(set) var unusablePorts: Set<UInt16> = []
    /// The time since the process began, as it was last said.
    private(set) var now = Duration.zero
    /// Parts of the plan that have found no room since they were last taken.
    private(set) var unwrittenParts: Set<PlanPart> = []
    /// How many records, next hops, links and label entries have been compared with what they should be.
    private(set) var comparisons: UInt64 = 0
    private var failures: [String] = []
    private var changedNeeds: Set<NeighborKey> = []

    init(
        writer: TablesWriter, transports: CoreTransports, neighborEntry: @escaping (NeighborKey) -> NeighborEntry?
    ) {
        self.writer = writer
        self.transports = transports
        self.neighborEntry = neighborEntry
    }

    // MARK: What is asked for

    /// Makes `new` the plan; the result is the one before.
    func adopt(_ new: ForwardingPlan) -> ForwardingPlan {
        let old = plan
        plan = new
        transports.adopt(new.core)
        return old
    }

    func setUnusablePorts(_ ports: Set<UInt16>) { unusablePorts = ports }

    func setTime(_ time: Duration) { now = time }

    // MARK: What finds no room

    /// Runs a change that can find a section full, and notes it if it does.
    func attempt<Value>(_ what: @autoclosure () -> String, _ body: () throws(TablesError) -> Value) -> Value? {
        do throws(TablesError) {
            return try body()
        } catch {
            // One line of a kind is enough to see that memory is short; a million routes would be a million lines.
            if failures.count < 20 { failures.append("\(what()): \(error)") }
            return nil
        }
    }

    /// As ``attempt(_:_:)``, for a part of the plan, which is then to be written again.
    func attempt<Value>(
        _ part: PlanPart, _ what: @autoclosure () -> String, _ body: () throws(TablesError) -> Value
    ) -> Value? {
        let value = attempt(what(), body)
        if value == nil { noteUnwritten(part) }
        return value
    }

    func noteUnwritten(_ part: PlanPart) { unwrittenParts.insert(part) }

    func takeUnwrittenParts() -> Set<PlanPart> {
        defer { unwrittenParts = [] }
        return unwrittenParts
    }

    /// What could not be done since this was last called, for the log.
    func takeFailures() -> [String] {
        defer { failures = [] }
        return failures
    }

    // MARK: What is reported

    func noteComparison() { comparisons += 1 }

    /// Notes that the neighbor may have come to be needed, or be needed no longer.
    func noteChangedNeed(of neighbor: NeighborKey) { changedNeeds.insert(neighbor) }

    /// The neighbors that this was noted of since it was last called.
    func takeChangedNeeds() -> Set<NeighborKey> {
        defer { changedNeeds = [] }
        return changedNeeds
    }
}
