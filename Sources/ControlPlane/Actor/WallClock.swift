import Glibc
import Routing

/// The two times that the parts are given: one that never goes backwards, for timers, and one that agrees with UTC
/// when the process starts, for what is kept on disk.
struct WallClock {
    typealias Seconds = Int64

    private let start = ContinuousClock.now
    private let startMilliseconds: UInt64

    init() {
        startMilliseconds = UInt64(clamping: Self.millisecondsSince1970)
    }

    /// Since the process began, never going backwards.
    var now: Duration { ContinuousClock.now - start }

    /// UTC at the start of the process plus the time since.
    func timestamp() -> Instant {
        let elapsed = now.components
        let milliseconds =
            UInt64(clamping: elapsed.seconds) * 1000
            + UInt64(clamping: elapsed.attoseconds / 1_000_000_000_000_000)
        return Instant(millisecondsSince1970: startMilliseconds &+ milliseconds)
    }

    /// UTC for people.
    static var secondsSince1970: Seconds { millisecondsSince1970 / 1000 }

    private static var millisecondsSince1970: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
