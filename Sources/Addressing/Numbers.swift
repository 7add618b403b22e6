/// A VRF in the tables and on every path that routes take: names are for configuration, files and answers.
public struct VRFNumber: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    public let rawValue: UInt16

    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// An interface, likewise: the index of its counters.
public struct InterfaceNumber: RawRepresentable, Hashable, Comparable, Sendable, BitwiseCopyable {
    /// No interface has it.
    public static let none = InterfaceNumber(rawValue: 0)

    public let rawValue: UInt16

    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension VRFNumber: CustomStringConvertible {
    public var description: String { "\(rawValue)" }
}

extension InterfaceNumber: CustomStringConvertible {
    public var description: String { "\(rawValue)" }
}
