import Addressing

/// The name of an interface: a port (`ten1/0`), or a numbered part of one (`ten1/0.2`).
///
/// What the number after the dot stands for is not in the name: see ``InterfaceKind``.
public struct InterfaceName: Hashable, Sendable, Comparable {
    public let port: PortName
    /// The number after the dot, from 1; `nil` for the port as a whole.
    public let number: UInt32?

    /// `nil` if the number is 0.
    public init?(port: PortName, number: UInt32) {
        guard number > 0 else { return nil }
        self.port = port
        self.number = number
    }

    /// The interface that is the port as a whole.
    public init(port: PortName) {
        self.port = port
        number = nil
    }

    /// An interface's name in any accepted spelling; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let dot = text.firstIndex(of: ".") else {
            guard let port = PortName(text) else { return nil }
            self.init(port: port)
            return
        }
        guard let port = PortName(text[..<dot]),
            let number = canonicalNumber(text[text.index(after: dot)...], as: UInt32.self)
        else { return nil }
        self.init(port: port, number: number)
    }

    public static func < (a: Self, b: Self) -> Bool {
        // The port itself comes before its parts; a part's number is never 0.
        a.port == b.port ? (a.number ?? 0) < (b.number ?? 0) : a.port < b.port
    }
}

extension InterfaceName: CustomStringConvertible {
    public var description: String {
        number.map { "\(port).\($0)" } ?? port.description
    }
}

/// A decimal number without sign and leading zeros; `nil` for anything else or out of range.
func canonicalNumber<Number: FixedWidthInteger>(_ text: some StringProtocol, as: Number.Type) -> Number? {
    withOctets(of: text) { decimal($0, upTo: UInt64(clamping: Number.max)) }.flatMap { Number(exactly: $0) }
}
