import CDPDKShim
import Glibc

/// A worker's thread: pinned where the tables say so, registered with DPDK, running the worker's loop until it is
/// asked to stop.
struct WorkerThread {
    private var thread: pthread_t

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - worker: lives until `join` has returned.
    ///   - index: the worker's number, for the thread's name.
    init(running worker: UnsafeMutablePointer<Worker>, index: Int) throws(StartFailure) {
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                WorkerThread.run(context.assumingMemoryBound(to: Worker.self))
                return nil
            }, worker)
        guard code == 0 else {
            throw StartFailure(.thread, "worker \(index): no thread: \(String(cString: strerror(code)))")
        }
        stile_thread_set_name(thread, "stile-worker\(index)")
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }

    private static func run(_ worker: UnsafeMutablePointer<Worker>) {
        let mailbox = worker.pointee.mailbox
        var code: Int32 = 0
        if let processor = worker.pointee.processor { code = -stile_thread_pin(UInt32(processor)) }
        // Without a cache of its own in the frame pools a worker is slow, but right.
        let isRegistered = stile_thread_register() == 0
        mailbox.reportStart(errno: code)
        workerLoop(worker)
        if isRegistered { stile_thread_unregister() }
    }
}
