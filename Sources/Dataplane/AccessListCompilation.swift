import CDPDKShim
import CTableLayout
import Glibc
import Synchronization

/// A thread that compiles access lists, one after the other, while the main thread keeps house.
final class AccessListCompilation: Sendable {
    /// What has become of one content; `compiled` is `nil` where rte_acl could not, which `code` (an errno) explains.
    struct Outcome: Sendable {
        let content: AccessListContent
        let compiled: CompiledAccessList?
        let code: Int32
    }

    private struct Progress {
        var outcomes: [Outcome] = []
        var isAskedToStop = false
        var hasEnded = false
    }

    private let contents: [AccessListContent]
    private let progress = Mutex(Progress())
    private let thread = Mutex<pthread_t?>(nil)

    private init(_ contents: [AccessListContent]) { self.contents = contents }

    /// Lower than the workers' where they share a processor (setpriority(2): a thread's own on Linux).
    private static let niceness: Int32 = 10

    /// Starts a thread for these contents; `nil`: there is none to be had.
    static func start(_ contents: [AccessListContent]) -> AccessListCompilation? {
        let compiler = AccessListCompilation(contents)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(compiler)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<AccessListCompilation>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            return nil
        }
        stile_thread_set_name(thread, "stile-acl")
        let started = thread
        compiler.thread.withLock { $0 = started }
        return compiler
    }

    private func run() {
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness)
        for content in contents {
            if progress.withLock({ $0.isAskedToStop }) { break }
            let compiled = CompiledAccessList(content)
            let outcome = Outcome(content: content, compiled: compiled, code: compiled == nil ? errno : 0)
            progress.withLock { $0.outcomes.append(outcome) }
        }
        progress.withLock { $0.hasEnded = true }
    }

    /// What has been done since the last call, and whether that was all.
    func take() -> (outcomes: [Outcome], hasEnded: Bool) {
        progress.withLock { progress in
            defer { progress.outcomes = [] }
            return (progress.outcomes, progress.hasEnded)
        }
    }

    /// Waits for the thread; asked to stop, it still ends the list in hand.
    func join(askingToStop: Bool) {
        if askingToStop { progress.withLock { $0.isAskedToStop = true } }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread { pthread_join(thread, nil) }
    }
}
