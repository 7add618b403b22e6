import ControlProtocol

/// Why the generator cannot do what it was asked for, for the person who asked.
public struct TrafficError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case invalidProfile = "invalid_profile"
        case invalidCapture = "invalid_capture"
        case invalidOptions = "invalid_options"
        case noDaemon = "no_daemon"
        case nothingToSend = "nothing_to_send"
        case environment = "environment"
        case device = "device"
        case noLink = "no_link"
        case output = "output"
        case interrupted = "interrupted"
    }

    public var code: Code
    public var message: String
    /// What to do about it, where there is something.
    public var hint: String?

    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.map { "\(message); \($0)" } ?? message }

    /// As `TrafficExitCode` lists them.
    public var exitCode: TrafficExitCode {
        switch code {
        case .invalidProfile, .invalidCapture: .invalidInput
        case .invalidOptions: .usage
        case .noDaemon: .noDaemon
        case .noLink: .noLink
        case .interrupted: .interrupted
        case .nothingToSend, .environment, .device, .output: .failed
        }
    }
}

/// How `stile-traffic` ends. The first numbers mean what they mean for `stile`.
public enum TrafficExitCode: Int32, Hashable, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    /// The profile or the capture file is not valid; nothing was sent.
    case invalidInput = 3
    case noDaemon = 4
    /// A device's link did not come up in time.
    case noLink = 5
    /// The generator was the limit: the result is not the device's.
    case generatorLimited = 8
    /// Packets of an attack came through.
    case attackLeaked = 9
    case interrupted = 130
}
