/// What became of a stream's packets, from their sequence numbers in the order of arrival.
///
/// Reordering is RFC 4737 §3: a packet is reordered when its sequence number is below the next expected one, which is
/// one more than the largest that has arrived. So a packet that overtakes others is not counted; those that it overtook
/// are. Duplicates are not counted as reordered. The definition is for packets of one stream: where a stream spreads over
/// many destinations, a device that keeps each flow in order may still reorder the stream.
///
/// A duplicate is recognised among the last `windowPackets` sequence numbers; an older packet counts as reordered and as
/// beyond the window.
public struct ArrivalTracker {
    public static var windowPackets: UInt64 { @_noLocks @inline(__always) get { 8192 } }

    /// Packets that arrived, duplicates left out.
    public private(set) var received: UInt64 = 0
    public private(set) var duplicates: UInt64 = 0
    public private(set) var reordered: UInt64 = 0
    /// Reordered packets so late that a duplicate could not be told from a first arrival.
    public private(set) var beyondWindow: UInt64 = 0
    /// The largest difference between the next expected sequence number and that of a reordered packet.
    public private(set) var largestReorderingDistance: UInt64 = 0
    /// RFC 4737 §3.3: NextExp.
    public private(set) var nextExpected: UInt64 = 0
    /// One bit for each of the last sequence numbers.
    private let window: UnsafeMutablePointer<UInt64>

    public init() {
        window = .allocate(capacity: Int(Self.windowPackets / 64))
        window.initialize(repeating: 0, count: Int(Self.windowPackets / 64))
    }

    public func deallocate() { window.deallocate() }

    public mutating func reset() {
        window.update(repeating: 0, count: Int(Self.windowPackets / 64))
        received = 0
        duplicates = 0
        reordered = 0
        beyondWindow = 0
        largestReorderingDistance = 0
        nextExpected = 0
    }

    /// Notes the arrival of a packet; returns whether it was the first with its number.
    ///
    /// - Parameter sequence: the low 32 bits of the number; it is taken to be the one nearest to the next expected.
    @_noLocks
    @discardableResult
    public mutating func observe(_ sequence: UInt32) -> Bool {
        let difference = Int32(bitPattern: sequence &- UInt32(truncatingIfNeeded: nextExpected))
        if difference >= 0 {
            let number = nextExpected &+ UInt64(difference)
            forget(from: nextExpected, through: number)
            set(number)
            nextExpected = number &+ 1
            received &+= 1
            return true
        }
        let distance = UInt64(Int64(difference).magnitude)
        // A number from before the start: no packet of this trial has it.
        guard distance <= nextExpected else { return false }
        let number = nextExpected &- distance
        if distance > Self.windowPackets {
            beyondWindow &+= 1
        } else if isSet(number) {
            duplicates &+= 1
            return false
        } else {
            set(number)
        }
        if distance > largestReorderingDistance { largestReorderingDistance = distance }
        reordered &+= 1
        received &+= 1
        return true
    }

    @_noLocks @inline(__always)
    private func set(_ number: UInt64) {
        let bit = number & (Self.windowPackets &- 1)
        window[Int(truncatingIfNeeded: bit >> 6)] |= 1 << (bit & 63)
    }

    @_noLocks @inline(__always)
    private func isSet(_ number: UInt64) -> Bool {
        let bit = number & (Self.windowPackets &- 1)
        return window[Int(truncatingIfNeeded: bit >> 6)] >> (bit & 63) & 1 == 1
    }

    /// Clears the bits of numbers that come into the window.
    @_noLocks @inline(__always)
    private func forget(from first: UInt64, through last: UInt64) {
        if last &- first >= Self.windowPackets {
            var word = 0
            while word < Int(Self.windowPackets / 64) {
                window[word] = 0
                word &+= 1
            }
            return
        }
        var number = first
        while number <= last {
            let bit = number & (Self.windowPackets &- 1)
            window[Int(truncatingIfNeeded: bit >> 6)] &= ~(1 << (bit & 63))
            number &+= 1
        }
    }
}
