import Addressing

/// So that tests can write a number where an interface is asked for.
extension InterfaceNumber: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt16) { self.init(rawValue: value) }
}
