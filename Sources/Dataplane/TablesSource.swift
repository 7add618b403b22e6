import CTableLayout
import ForwardingTables
import Logging

/// Finds stiled's control segment and the current generation of the tables, and notices when either is replaced.
struct TablesSource {
    private(set) var control: ControlReader
    private(set) var tables: TablesMapping
    private let directory: String
    private let logger: Logger
    /// What was last said about a generation that cannot be used, so that it is said once.
    private var lastProblem: String?

    /// - Throws: why there are no tables yet. `otherVersion` will not mend itself while a stiled lives; otherwise it is worth
    ///   to wait.
    init(directory: String, logger: Logger) throws(SegmentError) {
        self.directory = directory
        self.logger = logger
        control = try ControlReader(directory: directory)
        tables = try Self.currentTables(of: control)
    }

    private static func currentTables(of control: ControlReader) throws(SegmentError) -> TablesMapping {
        let generation = control.currentGeneration
        guard generation > 0 else {
            throw .otherGeneration(path: "control", found: 0, expected: 1)
        }
        guard let path = control.tablesPath(ofGeneration: generation) else {
            throw .invalid(path: "control", field: "tables_path")
        }
        return try TablesMapping(path: path, generation: generation)
    }

    /// The ports that the tables ask for; `nil` while the control process is changing them.
    func wantedPorts() -> (sequence: UInt64, ports: [Int: PortDefinition])? {
        guard let (sequence, records) = tables.reader.readPorts() else { return nil }
        var ports: [Int: PortDefinition] = [:]
        for (number, record) in records.enumerated() { ports[number] = PortDefinition(record) }
        return (sequence, ports)
    }

    /// Differs when a port of this generation has changed.
    var portsSequence: UInt64 { tables.reader.portsSequence }

    /// Follows a new generation or a new control segment. What was in use before must live until the workers have
    /// changed over, so it is returned.
    ///
    /// - Parameter looksForNewSegment: whether to ask the file system if `control` is another file by now.
    mutating func follow(looksForNewSegment: Bool) -> TablesSource? {
        let before = self
        do throws(SegmentError) {
            if looksForNewSegment, !control.isCurrent {
                let replaced = try ControlReader(directory: directory)
                tables = try Self.currentTables(of: replaced)
                control = replaced
            } else if control.currentGeneration != tables.generation {
                tables = try Self.currentTables(of: control)
            } else {
                return nil
            }
            lastProblem = nil
            return before
        } catch {
            // The old generation goes on forwarding.
            if lastProblem != error.description {
                logger.error("new tables cannot be used, the old ones stay: \(error)")
                lastProblem = error.description
            }
            return nil
        }
    }
}
