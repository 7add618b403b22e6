/// Parameters of `clear.flow.monitors`.
public struct FlowMonitorQuery: Codable, Hashable, Sendable {
    /// Only this flow monitor; all if `nil`.
    public var name: String?

    public init(name: String? = nil) { self.name = name }
}
