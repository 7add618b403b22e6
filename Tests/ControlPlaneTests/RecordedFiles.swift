import ControlPlane
import Synchronization

/// Files in memory that keep the order of what is done to them, and say what a disk may have of it after a power cut.
final class RecordedFiles: FileOperations {
    enum Step: Sendable {
        case create(path: String, inode: Int)
        case write([UInt8], inode: Int)
        case synchronize(inode: Int)
        case synchronizeDirectory(String)
        case rename(String, to: String)
        case remove(String)
        case makeDirectory(String)
        /// Somebody has been told that what was done before is done.
        case said(UInt64)
    }

    /// What of all that is not synchronized is lost.
    enum Loss: CaseIterable {
        /// Contents and names.
        case everything
        /// Contents: a file has its name and is empty.
        case contents
        /// The second half of contents.
        case halfOfContents
        /// Names: the contents are there under the former ones.
        case names
    }

    private enum Target {
        case file(Int)
        case directory(String)
    }

    private struct State {
        var disk = Disk()
        var steps: [Step] = []
        var descriptors: [Int32: Target] = [:]
        var nextDescriptor: Int32 = 3
        var nextInode = 1
    }

    private let state: Mutex<State>
    /// Whether what is to be synchronized is.
    private let synchronizes: Bool
    /// The error number with which each read fails, if it does.
    private let readFailure = Mutex<Int32?>(nil)

    init(synchronizes: Bool = true) {
        self.synchronizes = synchronizes
        state = Mutex(State())
    }

    private init(_ disk: Disk) {
        synchronizes = true
        state = Mutex(State(disk: disk, nextInode: (disk.contents.keys.max() ?? 0) + 1))
    }

    var steps: [Step] { state.withLock { $0.steps } }

    func failReads(with number: Int32?) { readFailure.withLock { $0 = number } }

    func say(_ number: UInt64) { state.withLock { $0.steps.append(.said(number)) } }

    /// What is left when the power goes after the first so many steps.
    func afterPowerCut(behind count: Int, losing loss: Loss) -> RecordedFiles {
        var disk = Disk()
        for step in steps.prefix(count) { disk.perform(step) }
        return RecordedFiles(disk.afterPowerCut(losing: loss))
    }

    private func perform(_ step: Step) {
        state.withLock {
            $0.disk.perform(step)
            $0.steps.append(step)
        }
    }

    // MARK: FileOperations

    func create(_ path: String) throws -> Int32 {
        let (inode, descriptor) = state.withLock { state in
            defer {
                state.nextInode += 1
                state.nextDescriptor += 1
            }
            state.descriptors[state.nextDescriptor] = .file(state.nextInode)
            return (state.nextInode, state.nextDescriptor)
        }
        perform(.create(path: path, inode: inode))
        return descriptor
    }

    func openDirectory(_ path: String) throws -> Int32 {
        state.withLock { state in
            defer { state.nextDescriptor += 1 }
            state.descriptors[state.nextDescriptor] = .directory(path)
            return state.nextDescriptor
        }
    }

    func write(_ contents: [UInt8], to file: Int32) throws {
        guard case .file(let inode)? = state.withLock({ $0.descriptors[file] }) else { return }
        perform(.write(contents, inode: inode))
    }

    func synchronize(_ descriptor: Int32) throws {
        guard synchronizes, let target = state.withLock({ $0.descriptors[descriptor] }) else { return }
        switch target {
        case .file(let inode): perform(.synchronize(inode: inode))
        case .directory(let path): perform(.synchronizeDirectory(path))
        }
    }

    func close(_ descriptor: Int32) throws { state.withLock { _ = $0.descriptors.removeValue(forKey: descriptor) } }
    func rename(_ path: String, to new: String) throws { perform(.rename(path, to: new)) }
    func remove(_ path: String) throws { perform(.remove(path)) }

    func makeDirectory(_ path: String) throws {
        guard !state.withLock({ $0.disk.directories.contains(path) }) else { return }
        perform(.makeDirectory(path))
    }

    func names(in directory: String) -> [String] {
        state.withLock { state in
            state.disk.names.keys.filter { Disk.directory(of: $0) == directory }.map {
                String($0.dropFirst(directory.count + 1))
            }
        }
    }

    func read(_ path: String, first limit: Int) throws -> [UInt8]? {
        if let number = readFailure.withLock({ $0 }) { throw SystemCallError(call: "open \(path)", number: number) }
        return state.withLock { state in
            state.disk.names[path].map { Array((state.disk.contents[$0] ?? []).prefix(limit)) }
        }
    }
}

/// What programs see of a disk, and what of it is on the disk for good.
private struct Disk {
    var names: [String: Int] = [:]
    var contents: [Int: [UInt8]] = [:]
    var directories: Set<String> = []
    private var safeNames: [String: Int] = [:]
    private var safeContents: [Int: [UInt8]] = [:]
    private var safeDirectories: Set<String> = []

    static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    mutating func perform(_ step: RecordedFiles.Step) {
        switch step {
        case .create(let path, let inode):
            names[path] = inode
            contents[inode] = []
        case .write(let octets, let inode): contents[inode, default: []] += octets
        case .synchronize(let inode): safeContents[inode] = contents[inode]
        case .synchronizeDirectory(let directory):
            safeNames = safeNames.filter { Self.directory(of: $0.key) != directory }
            for (path, inode) in names where Self.directory(of: path) == directory { safeNames[path] = inode }
            safeDirectories = safeDirectories.filter { Self.directory(of: $0) != directory }
            for path in directories where Self.directory(of: path) == directory { safeDirectories.insert(path) }
        case .rename(let path, let new):
            names[new] = names[path]
            names[path] = nil
        case .remove(let path): names[path] = nil
        case .makeDirectory(let path): directories.insert(path)
        case .said: break
        }
    }

    func afterPowerCut(losing loss: RecordedFiles.Loss) -> Disk {
        var disk = self
        if loss == .everything || loss == .names {
            disk.directories = safeDirectories
            disk.names = safeNames.filter { safeDirectories.contains(Self.directory(of: $0.key)) }
        }
        if loss != .names {
            disk.contents = contents.reduce(into: [:]) { left, file in
                let safe = safeContents[file.key] ?? []
                left[file.key] =
                    loss == .halfOfContents && safe != file.value
                    ? Array(file.value.prefix(max(safe.count, file.value.count / 2))) : safe
            }
        }
        return disk
    }
}
