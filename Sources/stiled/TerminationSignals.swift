import Dispatch
import Foundation

/// SIGTERM and SIGINT as something to wait for. SIGHUP is ignored: the configuration is changed by `config replace`, which
/// says what is wrong with it, and a terminal that closes must not end the sessions.
final class TerminationSignals {
    private let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]
    /// After so long the process ends, whatever it waits for: a large configuration that is read cannot be interrupted, and
    /// what is on disk and in the tables is whole at any moment.
    private static let patience = DispatchTimeInterval.seconds(5)

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        signal(SIGHUP, SIG_IGN)
        sources = [SIGTERM, SIGINT].map { number in
            // The default action would end the process before the source sees the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                continuation.yield()
                DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { _exit(0) }
            }
            source.resume()
            return source
        }
    }

    /// Returns when one of the signals has come.
    func wait() async {
        for await _ in stream { return }
    }
}
