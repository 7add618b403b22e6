import Addressing
import Routing

/// Where a label space has labels: under the label that names it on an NNI, or in the core.
struct SpacePlace: Hashable {
    let nni: String
    let context: MPLSLabel
}

/// A label space there, in the tables.
struct InstalledSpace {
    /// The record that the entry of the label names.
    let record: UInt32
    let table: InstalledLabelTable
    /// The labels that are valid in it.
    var labels: Set<LabelBinding>
}
