/// `clear.policy_map`: the counters of attached policies begin at zero; accounting goes on.
public struct ClearPolicyMap: ControlRequest {
    public typealias Answer = CountersClearedResult
    public static let method = "clear.policy_map"

    /// Only this interface; all if `nil`.
    public var interface: String?

    public init(interface: String? = nil) { self.interface = interface }
}
