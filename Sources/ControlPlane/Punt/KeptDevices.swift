import Glibc
import Logging

/// The names of the devices that outlive this process, in the state directory: one that the configuration has no more when
/// the next one starts is removed by that.
struct KeptDevices {
    private let path: String
    private let logger: Logger
    /// As the file has them.
    private(set) var names: Set<String>

    /// No name of the kernel's is longer, in octets.
    private static let longestName = 15

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
        let (lines, damage) = DamagedFile.lines(
            of: path, consequence: "devices that an earlier run left may stay; `ip link delete` removes them"
        ) { !$0.isEmpty && $0.utf8.count <= Self.longestName && !$0.contains { $0.isWhitespace || $0 == "/" } }
        names = Set(lines.map(String.init))
        if let damage { logger.error("\(damage)") }
    }

    /// To be called before a device is made, and after one is removed, so that none is forgotten in a crash between.
    mutating func assign(_ new: Set<String>) {
        guard new != names else { return }
        do {
            try DurableFile.replace(path, with: Array(new.sorted().map { $0 + "\n" }.joined().utf8))
            names = new
        } catch {
            logger.warning("the names of devices cannot be saved for a restart", metadata: ["error": "\(error)"])
        }
    }
}
