/// How the `stile` command ends.
public enum ExitCode: Int32, Hashable, Sendable, CaseIterable {
    case done = 0
    case refused = 1
    case usage = 2
    /// Nothing was applied.
    case configurationInvalid = 3
    case noDaemon = 4
    case timedOut = 5
    case notPermitted = 6
    case noSuchObject = 7
    case differencesExist = 8
    /// `explain`: the packet would be dropped.
    case packetDropped = 9
    /// The convention of shells for SIGINT: 128 + 2.
    case interrupted = 130
}
