import Addressing

/// `mpls static multipoint`: a label in the operator's own network whose packets go to several at the same time, each copy with a
/// label of its own (RFC 5332 §2: a downstream-assigned label of a point-to-multipoint LSP).
public struct MultipointLabel: Hashable, Sendable, Comparable {
    /// Who gets a copy.
    public struct Branch: Hashable, Sendable, Comparable {
        /// A neighbor on an NNI, or a PE of the operator's own network.
        public var address: IPAddress
        /// What the copy has in the place of the label.
        public var label: MPLSLabel

        public init(address: IPAddress, label: MPLSLabel) {
            self.address = address
            self.label = label
        }

        public static func < (a: Self, b: Self) -> Bool { (a.address, a.label) < (b.address, b.label) }
    }

    public var label: MPLSLabel
    /// The PE that the LSP begins at.
    public var source: IPAddress
    /// How many labels have to be under it, which go on as they are.
    public var innerLabels: UInt8
    /// In ascending order, one for an address.
    public var branches: [Branch]

    public init(label: MPLSLabel, source: IPAddress, innerLabels: UInt8 = 0, branches: [Branch]) {
        self.label = label
        self.source = source
        self.innerLabels = innerLabels
        self.branches = branches
    }

    public static let mostInnerLabels: UInt8 = 3
    /// What the tables hold for one label.
    public static let mostBranches = 64

    public static func < (a: Self, b: Self) -> Bool { a.label < b.label }
}
