import Configuration
import ControlProtocol
import Routing

/// What a process starts with, and where that comes from.
public struct StartConfiguration: Sendable {
    public let loaded: LoadedConfiguration
    /// As it stands in the file or in the commit, under its name.
    let text: ConfigurationText
    let origin: Origin
    /// Commits that could not be read.
    let damaged: [DamagedFile]

    enum Origin: Sendable {
        /// A file that is the truth at each start: what has been committed since its last change holds no more.
        case file
        /// The last commit.
        case commit(CommitRecord)
        /// An earlier commit, since the last one waited for somebody to confirm it, and the time for that is over.
        case former(CommitRecord, instead: CommitRecord)
        /// What a box starts with that has no commit.
        case firstFile
    }

    private init(_ text: ConfigurationText, _ origin: Origin, damaged: [DamagedFile] = []) throws(InvalidConfiguration)
    {
        loaded = try ConfigurationParser.parse(text: text.text, fileName: text.fileName)
        self.text = text
        self.origin = origin
        self.damaged = damaged
    }

    /// A file that is the truth at each start.
    public init(text: String, fileName: String) throws(InvalidConfiguration) {
        try self.init(ConfigurationText(text: text, fileName: fileName), .file)
    }

    /// The last commit of a state directory, or for a box that has none a file.
    ///
    /// - Parameters:
    ///   - firstFile: that file.
    ///   - isForced: whether a box may start with nothing though it has had commits, or has no such file.
    /// - Throws: ``StartConfigurationError``.
    public static func lastCommit(
        in options: ControlPlaneOptions, firstFile: String, isForced: Bool, clock: BootClock = .kernel
    ) throws(StartConfigurationError) -> StartConfiguration {
        let directory = CommitDirectory(stateDirectory: options.stateDirectory)
        let found: (commit: Commit?, damaged: [DamagedFile])
        let hasCommits: Bool
        do {
            found = try directory.last()
            hasCommits = try directory.hasHistory()
        } catch {
            throw unreadable(error)
        }
        var damaged = found.damaged
        guard let last = found.commit else {
            for file in damaged where !isForced { throw StartConfigurationError("no commit can be read: \(file)\n") }
            // Those were put aside at an earlier start.
            guard !hasCommits || isForced else {
                throw StartConfigurationError(
                    "there have been commits in \(directory.path), and none of them can be read; put one back there, or "
                        + "add --force to start with \(firstFile)\n")
            }
            return try first(
                from: firstFile, isForced: isForced, damaged: damaged, hasHistory: options.hasAllocations)
        }
        var chosen = last
        var origin = Origin.commit(last.record)
        if let trial = last.record.trial, trial.secondsLeft(clock) == 0 {
            let former: (commit: Commit?, damaged: [DamagedFile])
            do {
                former = try directory.former(of: last.record)
            } catch {
                throw unreadable(error)
            }
            damaged += former.damaged
            guard let commit = former.commit else {
                throw StartConfigurationError(
                    "commit \(last.record.number) was not confirmed, and neither commit \(trial.former), which was to "
                        + "come back, nor an earlier one can be read\n")
            }
            chosen = commit
            origin = .former(commit.record, instead: last.record)
        }
        let text = ConfigurationText(text: chosen.text, fileName: "commit \(chosen.record.number)")
        do {
            return try StartConfiguration(text, origin, damaged: damaged)
        } catch {
            throw StartConfigurationError(error.description)
        }
    }

    private static func unreadable(_ error: any Error) -> StartConfigurationError {
        StartConfigurationError("the commits cannot be read at the moment: \(error)\n")
    }

    private static func first(
        from path: String, isForced: Bool, damaged: [DamagedFile], hasHistory: Bool
    ) throws(StartConfigurationError) -> StartConfiguration {
        let contents: [UInt8]?
        do {
            contents = try DurableFile.read(path)
        } catch {
            throw StartConfigurationError("\(error)\n")
        }
        guard contents != nil || isForced else {
            throw StartConfigurationError(
                "there is no commit and no \(path) to start with; add --force to start with nothing\n")
        }
        guard let text = String(validating: contents ?? [], as: UTF8.self) else {
            throw StartConfigurationError("\(path) is not UTF-8 text\n")
        }
        let start: StartConfiguration
        do {
            start = try StartConfiguration(
                ConfigurationText(text: text, fileName: path), .firstFile, damaged: damaged)
        } catch {
            throw StartConfigurationError(error.description)
        }
        // A state directory that is lost, or not mounted yet, must not take every customer away.
        guard !start.loaded.configuration.isEmpty || !hasHistory || isForced else {
            throw StartConfigurationError(
                "this box has had a configuration, and there is no commit of it; \(path) says nothing; add --force to "
                    + "start with nothing\n")
        }
        return start
    }
}

/// Why there is nothing to start with, for people: lines with a newline at the end of each.
public struct StartConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension ControlPlaneOptions {
    /// Whether labels or numbers have been given here before. A box that has none has such files as well.
    fileprivate var hasAllocations: Bool {
        [allocationsPath, allocationsCopyPath].contains(where: { (path: String) -> Bool in
            do {
                guard let octets = try DurableFile.read(path) else { return false }
                return try AllocationsFile.decode(octets).haveBeenGiven
            } catch {
                // There is something, whatever it is.
                return true
            }
        })
    }
}

extension Allocations {
    /// Numbers stay with names that are out of use.
    fileprivate var haveBeenGiven: Bool {
        !labels.labels.isEmpty || !labels.quarantine.isEmpty || !vrfNumbers.numbers.isEmpty
            || !interfaceCounters.numbers.isEmpty
    }
}
