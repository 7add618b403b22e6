import CDPDKShim
import CTableLayout

/// The compiled access lists of one generation of the tables, as the workers find them: by a list's index, checked by
/// its serial number. Written by the main thread; a worker that reads on while an entry is taken away finishes its turn
/// with it.
final class ClassifierTable {
    /// An entry as it is published, with what it points at.
    final class Entry {
        let serial: UInt64
        let list: CompiledAccessList
        fileprivate let place: UnsafeMutablePointer<stile_classifier_entry>

        fileprivate init(serial: UInt64, list: CompiledAccessList) {
            self.serial = serial
            self.list = list
            place = .allocate(capacity: 1)
            place.initialize(to: stile_classifier_entry(serial: serial, classifier: list.classifier))
        }

        deinit { place.deallocate() }
    }

    private let table: UnsafeMutablePointer<stile_classifier_table>
    private(set) var entries: [Int: Entry] = [:]

    /// - Parameter count: how many lists the tables have room for. `nil`: no memory.
    init?(count: UInt32) {
        guard let table = stile_classifier_table_create(count) else { return nil }
        self.table = table
    }

    deinit { stile_classifier_table_free(table) }

    /// What the pipeline asks. Valid while this object lives.
    var classifier: stile_classifier {
        stile_classifier(context: UnsafeMutableRawPointer(table), classify: stile_classifier_table_classify)
    }

    /// Publishes a compiled list. Returns the entry that stood in its place, which workers may still use.
    func publish(_ list: CompiledAccessList, at index: Int, serial: UInt64) -> Entry? {
        let entry = Entry(serial: serial, list: list)
        stile_classifier_table_set(table, UInt32(index), entry.place)
        return entries.updateValue(entry, forKey: index)
    }

    /// Takes a list away. Returns its entry, which workers may still use.
    func withdraw(_ index: Int) -> Entry? {
        stile_classifier_table_set(table, UInt32(index), nil)
        return entries.removeValue(forKey: index)
    }
}
