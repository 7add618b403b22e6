/// Parameters of `show.interfaces` and `show.drops`.
public struct InterfaceQuery: Codable, Hashable, Sendable {
    /// Only this interface; all if `nil`.
    public var interface: String?

    public init(interface: String? = nil) { self.interface = interface }
}
