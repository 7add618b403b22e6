import Logging

/// The running configuration where an operator finds it after a crash. It is written beside the event loop, since a large
/// one, and a slow disk, take a while.
actor RunningConfigurationFile {
    private let path: String
    private let logger: Logger
    /// The number of the plan that belongs to what is in the file.
    private var written: UInt64?

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// Writes the text, unless that of a later plan has been written meanwhile.
    /// - Returns: why it could not.
    @discardableResult
    func save(_ text: String, ofPlan number: UInt64) -> String? {
        if let written, number < written { return nil }
        written = number
        do {
            try DurableFile.replace(path, with: Array(text.utf8))
            return nil
        } catch {
            logger.warning("the running configuration cannot be saved", metadata: ["error": "\(error)"])
            return "the running configuration cannot be saved: \(error)"
        }
    }
}
