import CDPDKShim

/// How the frames of a capture file follow each other.
public enum ReplayPace: Hashable, Sendable {
    /// As they were captured, so many times as fast.
    case captured(speed: Double)
    case packetsPerSecond(Double)
}

/// What a replay did.
public struct ReplayResult: Codable, Hashable, Sendable {
    public let offeredPackets: UInt64
    /// Frames that the device's ring did not take.
    public let refusedPackets: UInt64
    /// Whatever came in on any device meanwhile.
    public let receivedPackets: UInt64
    public let seconds: Double
    public let wasInterrupted: Bool
}

/// Sends the frames of a capture file by one device. It counts what comes back, but cannot know what is whose.
public struct Replay {
    public let capture: CaptureFile
    public let pace: ReplayPace
    /// How often the file is sent.
    public let rounds: Int

    public init(capture: CaptureFile, pace: ReplayPace, rounds: Int) {
        self.capture = capture
        self.pace = pace
        self.rounds = rounds
    }

    /// When each frame of a round is due, in nanoseconds since its start, and how long a round is.
    public var schedule: (dueNanoseconds: [Double], roundNanoseconds: Double) {
        switch pace {
        case .packetsPerSecond(let rate):
            let due = capture.frames.indices.map { Double($0) / rate * 1e9 }
            return (due, Double(capture.frames.count) / rate * 1e9)
        case .captured(let speed):
            let due = capture.frames.map { Double($0.afterNanoseconds) / speed }
            // The gap behind the last frame is the mean gap.
            let last = due.max() ?? 0
            return (due, last + last / Double(max(capture.frames.count - 1, 1)))
        }
    }

    /// - Parameter drainSeconds: how long to wait for what comes back.
    public func run(
        by device: GeneratorDevice, receivingOn devices: [GeneratorDevice], drainSeconds: Double, stop: StopRequest
    ) -> ReplayResult {
        let ticksPerNanosecond = Double(stile_cycles_per_second()) / 1e9
        let (due, roundNanoseconds) = schedule
        let start = stile_time_stamp()
        var offered: UInt64 = 0
        var refused: UInt64 = 0
        var received: UInt64 = 0
        func elapsed() -> Double { Double(stile_time_stamp() &- start) / ticksPerNanosecond }
        sending: for round in 0..<rounds {
            for (index, frame) in capture.frames.enumerated() {
                let time = Double(round) * roundNanoseconds + due[index]
                repeat { received += Self.discardReceived(devices) } while elapsed() < time && !stop.isAsked
                if stop.isAsked { break sending }
                offered += 1
                if !device.send(frame.octets) { refused += 1 }
            }
        }
        let sent = elapsed()
        while elapsed() < sent + drainSeconds * 1e9, !stop.isAsked { received += Self.discardReceived(devices) }
        return ReplayResult(
            offeredPackets: offered, refusedPackets: refused, receivedPackets: received, seconds: sent / 1e9,
            wasInterrupted: stop.isAsked)
    }

    private static func discardReceived(_ devices: [GeneratorDevice]) -> UInt64 {
        var frames: [OpaquePointer?] = Array(repeating: nil, count: 32)
        var total: UInt64 = 0
        for device in devices {
            let count = stile_receive(device.number, 0, &frames, UInt16(frames.count))
            if count > 0 { stile_mbufs_free(&frames, UInt32(count)) }
            total += UInt64(count)
        }
        return total
    }
}
