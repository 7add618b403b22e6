/// Answer to `clear.access_lists`, `clear.policy_map`, `clear.route_maps` and `clear.flow.counters`.
public struct CountersClearedResult: ControlResult {
    public static let schemaIdentifier = "stile.clear.counters/1"
    public private(set) var schema = CountersClearedResult.schemaIdentifier

    public let clearedAt: Timestamp
    /// How many counters begin at zero again, for `show`; accounting goes on.
    public let counters: Int

    public init(clearedAt: Timestamp, counters: Int) {
        self.clearedAt = clearedAt
        self.counters = counters
    }
}

extension CountersClearedResult {
    public func text(_ style: TextStyle) -> String {
        counters == 1 ? "1 counter was cleared\n" : "\(counters) counters were cleared\n"
    }
}
