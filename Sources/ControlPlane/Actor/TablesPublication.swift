import ForwardingTables
import Glibc
import Logging

/// Which tables the data plane uses, and when what was made unreachable in them may be used again.
struct TablesPublication {
    let control: ControlSegment
    let writer: TablesWriter
    let dataplane: DataplaneLink
    /// Where tables of other generations may lie.
    let directories: [String]
    let logger: Logger

    /// Makes the filled generation the current one. The one before it goes when the data plane has left it.
    func publish() {
        guard !writer.isPublished else { return }
        writer.markPublished()
        do {
            try control.publish(generation: writer.generation, tablesPath: writer.path)
            logger.info("tables published", metadata: ["generation": "\(writer.generation)"])
        } catch {
            logger.critical("the tables cannot be published", metadata: ["error": "\(error)"])
        }
    }

    /// Ends a batch of changes: what was made unreachable is reused when all workers have passed this point.
    func commit() {
        writer.closeEpoch(control.advanceEpoch())
        // A data plane that has come since the last look has workers too. It has to be looked for after the epoch has
        // ended: one that comes later sees nothing of what was made unreachable.
        dataplane.refresh()
        writer.reclaim(passed: dataplane.reader?.oldestEpoch ?? .max)
    }

    /// Deletes tables that nobody can be reading: all but the current generation and the one being filled, once the
    /// data plane uses the current one or is not there.
    func removeOldGenerations() {
        let current = control.currentGeneration
        guard writer.isPublished, current == writer.generation,
            !dataplane.isAlive || dataplane.reader?.generationInUse == current
        else { return }
        for directory in directories {
            for name in DirectoryListing.names(in: directory) {
                guard name.hasPrefix("tables."), let generation = UInt64(name.dropFirst("tables.".count)),
                    generation != current
                else { continue }
                unlink("\(directory)/\(name)")
            }
        }
    }
}
