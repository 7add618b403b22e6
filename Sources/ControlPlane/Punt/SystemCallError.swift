import Glibc

/// A system call that failed.
public struct SystemCallError: Error, Hashable, Sendable {
    /// What was called, with what it was called on.
    public let call: String
    /// The error number (`errno`).
    public let number: Int32

    /// The failure that `errno` tells of.
    public init(call: String) { self.init(call: call, number: errno) }

    public init(call: String, number: Int32) {
        self.call = call
        self.number = number
    }
}

extension SystemCallError: CustomStringConvertible {
    public var description: String { "\(call): \(String(cString: strerror(number)))" }
}
