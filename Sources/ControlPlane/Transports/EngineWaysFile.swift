import Glibc
import Logging

/// The file of ``EngineWays`` in the state directory, which is written beside the event loop.
actor EngineWaysFile {
    private let path: String
    private let logger: Logger
    private var lastFailure: String?

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    func save(_ ways: EngineWays) {
        do {
            try DurableFile.replace(path, with: Array(ways.fileText.utf8))
            lastFailure = nil
        } catch {
            guard lastFailure != "\(error)" else { return }
            lastFailure = "\(error)"
            logger.warning("FRR's routes cannot be saved for a restart", metadata: ["error": "\(error)"])
        }
    }

    /// FRR is not listened to: what an earlier run left is of no use to a later one.
    nonisolated static func remove(_ path: String) { unlink(path) }

    /// What an earlier run left; nothing where there is no file.
    nonisolated static func read(_ path: String) -> (ways: EngineWays, damage: DamagedFile?) {
        do {
            guard let octets = try DurableFile.read(path) else { return (EngineWays(), nil) }
            return (try EngineWays(fileText: String(decoding: octets, as: UTF8.self)), nil)
        } catch {
            let problem = (error as? EngineWays.InvalidLine).map { "'\($0.text)' is no route" } ?? "\(error)"
            return (
                EngineWays(),
                DamagedFile(
                    settingAside: path, problem: problem,
                    consequence: "PEs that FRR leads to are out of reach until it has said everything again")
            )
        }
    }
}
