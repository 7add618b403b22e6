/// Parameters of `show.route_maps` and `clear.route_maps`.
public struct RouteMapsQuery: Codable, Hashable, Sendable {
    /// Only this route map; all if `nil`.
    public var name: String?

    public init(name: String? = nil) { self.name = name }
}
