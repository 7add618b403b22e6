import Glibc

/// SIGTERM and SIGINT as something the main thread waits for, instead of a handler that interrupts it anywhere.
public struct StopSignals {
    private var set = sigset_t()

    /// Blocks both signals in this thread and those that it starts: to be made before any other thread. SIGHUP is
    /// ignored: a terminal that closes must not end the forwarding of packets.
    public init() {
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGHUP, SIG_IGN)
    }

    /// Waits for at most so long; returns the number of the signal that came, if one did.
    public func wait(milliseconds: Int) -> Int32? {
        var set = set
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        let signal = sigtimedwait(&set, nil, &time)
        return signal > 0 ? signal : nil
    }
}
