import CTableLayout
import ForwardingTables

/// The places of labels that packets of an NNI or core interface can have: those of its own table, and behind each that names a label
/// space those of that.
struct LabelsOfInterface {
    struct Place {
        /// The index of its entry.
        let entry: UInt32
        let label: UInt32
        /// The label above it; `nil`: none.
        let context: UInt32?

        var text: String { context.map { "\($0)/\(label)" } ?? "\(label)" }
    }

    private let interface: stile_interface
    private let reader: TablesReader

    init(_ interface: stile_interface, _ reader: TablesReader) {
        self.interface = interface
        self.reader = reader
    }

    var all: [Place] {
        var places: [Place] = []
        for offset in 0..<interface.label_count {
            let (entry, label) = (interface.label_first &+ offset, interface.label_base &+ offset)
            places.append(Place(entry: entry, label: label, context: nil))
            guard let context = ContextEntry(reader.labelEntries[Int(entry)]) else { continue }
            let table = reader.contextTables[Int(context.table)]
            for below in 0..<table.label_count {
                places.append(
                    Place(entry: table.label_first &+ below, label: table.label_base &+ below, context: label))
            }
        }
        return places
    }
}
