/// `clear.route_maps`: the counters of route map entries begin at zero.
public struct ClearRouteMaps: ControlRequest {
    public typealias Answer = CountersClearedResult
    public static let method = "clear.route_maps"

    /// Only this route map; all if `nil`.
    public var name: String?

    public init(name: String? = nil) { self.name = name }
}
