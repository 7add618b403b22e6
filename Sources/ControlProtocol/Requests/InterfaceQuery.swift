/// Parameters of `show.interfaces`, `show.drops`, `show.policy_map` and `clear.policy_map`.
public struct InterfaceQuery: Codable, Hashable, Sendable {
    /// Only this interface; all if `nil`.
    public var interface: String?

    public init(interface: String? = nil) { self.interface = interface }
}
