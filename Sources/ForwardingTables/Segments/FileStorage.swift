import Glibc

/// A mapped file. The mapping and the descriptor live as long as the object; a lock taken on it, too.
final class FileStorage {
    let path: String
    let base: UnsafeMutableRawPointer
    let byteCount: Int
    private let descriptor: Int32

    private init(path: String, descriptor: Int32, base: UnsafeMutableRawPointer, byteCount: Int) {
        self.path = path
        self.descriptor = descriptor
        self.base = base
        self.byteCount = byteCount
    }

    deinit {
        munmap(base, byteCount)
        close(descriptor)
    }

    /// A new, sparse file of zeros under a temporary name beside `path`; `publish` gives it its name.
    static func create(path: String, byteCount: Int, mode: mode_t) throws(SegmentError) -> FileStorage {
        let temporary = temporaryPath(for: path)
        unlink(temporary)
        let descriptor = Glibc.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system(call: "open", path: temporary, code: errno) }
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            let code = errno
            close(descriptor)
            unlink(temporary)
            throw .system(call: "ftruncate", path: temporary, code: code)
        }
        do throws(SegmentError) {
            return try map(path: path, descriptor: descriptor, byteCount: byteCount, protection: PROT_READ | PROT_WRITE)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// An existing file, whole, with write access or without.
    static func openExisting(path: String, writable: Bool) throws(SegmentError) -> FileStorage {
        let descriptor = Glibc.open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", path: path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .system(call: "fstat", path: path, code: code)
        }
        guard status.st_size >= 64 else {
            close(descriptor)
            throw .truncated(path: path, found: Int(status.st_size), expected: 64)
        }
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        return try map(path: path, descriptor: descriptor, byteCount: Int(status.st_size), protection: protection)
    }

    private static func map(
        path: String, descriptor: Int32, byteCount: Int, protection: Int32
    ) throws(SegmentError) -> FileStorage {
        let base = mmap(nil, byteCount, protection, MAP_SHARED, descriptor, 0)
        guard let base, base != MAP_FAILED else {
            let code = errno
            close(descriptor)
            throw .system(call: "mmap", path: path, code: code)
        }
        return FileStorage(path: path, descriptor: descriptor, base: base, byteCount: byteCount)
    }

    /// Gives a file that `create` made its name, in place of what was there.
    func publish() throws(SegmentError) {
        let temporary = Self.temporaryPath(for: path)
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw .system(call: "rename", path: path, code: code)
        }
    }

    /// Removes a file that `create` made and nobody published.
    func discard() { unlink(Self.temporaryPath(for: path)) }

    /// Makes the file system provide pages for a range, so that writing there cannot fail later.
    func commit(offset: Int, byteCount: Int) -> Bool {
        posix_fallocate(descriptor, off_t(offset), off_t(byteCount)) == 0
    }

    /// The exclusive lock that shows that the segment's owner lives. `false`: another process (or another opening of
    /// the file) has it.
    func lock() throws(SegmentError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw .system(call: "flock", path: path, code: errno)
    }

    /// Whether somebody holds the exclusive lock. Tries a shared lock, which never hinders another observer.
    var isLockedByAnother: Bool {
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
            flock(descriptor, LOCK_UN)
            return false
        }
        return errno == EWOULDBLOCK
    }

    /// Whether `path` still names this file (and not one that has replaced it).
    var isCurrent: Bool {
        var mine = stat()
        var named = stat()
        return fstat(descriptor, &mine) == 0 && stat(path, &named) == 0 && mine.st_ino == named.st_ino
            && mine.st_dev == named.st_dev
    }

    private static func temporaryPath(for path: String) -> String { "\(path).new" }
}
