/// AS_PATH (RFC 4271 §5.1.2) with AS numbers of four octets (RFC 6793), whatever the session carries.
public struct ASPath: Hashable, Sendable {
    /// One segment: 1 to 255 AS numbers.
    public enum Segment: Hashable, Sendable {
        /// AS_SET: unordered, counts as one hop.
        case set([UInt32])
        /// AS_SEQUENCE: the AS passed last comes first.
        case sequence([UInt32])

        /// The AS numbers in the order of the wire.
        public var autonomousSystems: [UInt32] {
            switch self {
            case .set(let numbers), .sequence(let numbers): numbers
            }
        }
    }

    public var segments: [Segment]

    public init(_ segments: [Segment] = []) { self.segments = segments }

    /// One AS_SEQUENCE, or the empty path of a route that never left its AS.
    public init(sequence: [UInt32]) { segments = sequence.isEmpty ? [] : [.sequence(sequence)] }

    /// The number of hops that best-path selection counts (RFC 4271 §9.1.2.2 a): a set is one.
    public var length: Int {
        segments.reduce(0) { length, segment in
            switch segment {
            case .set: length + 1
            case .sequence(let numbers): length + numbers.count
            }
        }
    }

    /// The AS that the route was received from: the first of the path when that is a sequence (RFC 4271 §6.3).
    public var first: UInt32? {
        if case .sequence(let numbers) = segments.first { return numbers.first }
        return nil
    }

    /// Whether an AS_SET is in the path.
    public var hasSet: Bool {
        segments.contains { segment in
            if case .set = segment { return true }
            return false
        }
    }

    /// Whether the path passes through `autonomousSystem`.
    public func contains(_ autonomousSystem: UInt32) -> Bool {
        segments.contains { $0.autonomousSystems.contains(autonomousSystem) }
    }

    /// How often `autonomousSystem` is in the path: loop detection (RFC 4271 §9.1.2).
    public func count(of autonomousSystem: UInt32) -> Int {
        segments.reduce(0) { $0 + $1.autonomousSystems.count { $0 == autonomousSystem } }
    }

    /// The path with one AS in the place of another wherever that is.
    public func replacing(_ former: UInt32, with new: UInt32) -> ASPath {
        guard contains(former) else { return self }
        func replaced(_ numbers: [UInt32]) -> [UInt32] { numbers.map { $0 == former ? new : $0 } }
        return ASPath(
            segments.map { segment in
                switch segment {
                case .set(let numbers): .set(replaced(numbers))
                case .sequence(let numbers): .sequence(replaced(numbers))
                }
            })
    }

    /// The path with `autonomousSystem` put in front, as on the way to an external peer (RFC 4271 §5.1.2 b).
    public func prepending(_ autonomousSystem: UInt32) -> ASPath {
        if case .sequence(let numbers) = segments.first, numbers.count < 255 {
            return ASPath([.sequence([autonomousSystem] + numbers)] + segments.dropFirst())
        }
        return ASPath([.sequence([autonomousSystem])] + segments)
    }
}

extension ASPath: CustomStringConvertible {
    /// AS numbers separated by spaces, sets in braces: `65001 42 {7,9}`.
    public var description: String {
        segments.map { segment in
            switch segment {
            case .set(let numbers): "{" + numbers.map(String.init).joined(separator: ",") + "}"
            case .sequence(let numbers): numbers.map(String.init).joined(separator: " ")
            }
        }.joined(separator: " ")
    }
}
