import Addressing

/// The labels of one NNI in the tables: those from `base` on, as many as there are entries.
struct InstalledLabelTable: Hashable {
    let base: UInt32
    let count: UInt32
    /// The index of the entry of `base`.
    let first: UInt32

    func index(of label: MPLSLabel) -> UInt32? {
        guard label.rawValue >= base, label.rawValue - base < count else { return nil }
        return first + (label.rawValue - base)
    }
}
