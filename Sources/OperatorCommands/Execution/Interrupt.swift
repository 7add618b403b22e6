import Foundation
import Synchronization

/// Control-C: noted by a signal handler, asked for wherever a command waits.
enum Interrupt {
    private static let flag = Atomic<Bool>(false)

    /// From here on Control-C does not end the process by itself.
    static func install() {
        // The handler must not be the first to touch the flag: its lazy start takes a lock.
        clear()
        var action = sigaction()
        // Without SA_RESTART, so that poll and nanosleep return at once.
        action.__sigaction_handler.sa_handler = { _ in Interrupt.flag.store(true, ordering: .relaxed) }
        sigaction(SIGINT, &action, nil)
        // A parent may have left the signal blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    static func clear() { flag.store(false, ordering: .relaxed) }

    static var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Sleeps.
    /// - Returns: `false` when Control-C ended it.
    static func sleep(seconds: Double) -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while !isRaised {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return true }
            // A signal that comes just before the sleep does not end it: hence slices of a quarter of a second.
            usleep(useconds_t(min(250_000, max(1, left / .microseconds(1)))))
        }
        return false
    }
}
