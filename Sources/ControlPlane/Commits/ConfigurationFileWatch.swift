import Glibc

/// A configuration file that is not taken by itself: whether it is another one than when it was taken is looked after,
/// beside the event loop.
actor ConfigurationFileWatch {
    nonisolated let path: String
    /// What was read, and of which state of the file.
    private var known: (identity: Identity, fingerprint: FileFingerprint?)?

    private struct Identity: Equatable {
        let inode: UInt64
        let octets: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    init(path: String) { self.path = path }

    /// Of the file as it is now; `nil` if there is none that can be read.
    func fingerprint() -> FileFingerprint? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let identity = Identity(
            inode: UInt64(status.st_ino), octets: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
        if let known, known.identity == identity { return known.fingerprint }
        let contents = (try? DurableFile.read(path)).flatMap { $0 }
        known = (identity, contents.map { FileFingerprint($0) })
        return known?.fingerprint
    }
}
