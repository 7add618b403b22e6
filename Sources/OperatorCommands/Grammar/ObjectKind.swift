/// What an operator names in a command, as far as the box or the machine can say which there are.
enum ObjectKind: Hashable, Sendable {
    case interface
    case vrf
    /// A neighbor of BGP, by its address.
    case neighbor
    case routeMap
    case file
}
