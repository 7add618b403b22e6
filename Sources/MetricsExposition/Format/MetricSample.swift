/// One value with what it is of.
public struct MetricSample: Sendable {
    public typealias Label = (name: String, value: String)

    let labels: [Label]
    let value: Value

    enum Value: Sendable {
        case count(UInt64)
        case number(Double)
    }

    /// A label without a value is left out: for Prometheus one that is empty and one that is not there are the same.
    public init(_ labels: KeyValuePairs<String, String?>, _ count: UInt64) {
        self.init(labels, .count(count))
    }

    public init(_ labels: KeyValuePairs<String, String?>, _ count: Int) {
        self.init(labels, .count(UInt64(clamping: count)))
    }

    /// - Parameter number: is finite.
    public init(_ labels: KeyValuePairs<String, String?>, _ number: Double) {
        self.init(labels, .number(number))
    }

    /// 1 for what holds, 0 for what does not.
    public init(_ labels: KeyValuePairs<String, String?>, _ holds: Bool) {
        self.init(labels, .count(holds ? 1 : 0))
    }

    private init(_ labels: KeyValuePairs<String, String?>, _ value: Value) {
        self.value = value
        var present: [Label] = []
        present.reserveCapacity(labels.count)
        for (name, label) in labels {
            if let label, !label.isEmpty { present.append((name, label)) }
        }
        self.labels = present
    }
}
