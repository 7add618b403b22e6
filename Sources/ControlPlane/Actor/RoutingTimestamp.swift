import Routing

/// The moments of routing and of the files; those of the control socket are `ControlProtocol.Timestamp`.
typealias RoutingTimestamp = Routing.Timestamp
