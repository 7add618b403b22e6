/// What the language has to say, as people are told it: every statement of every kind of block, with its help, an example
/// and how it stands in the canonical text. It is read from the tables that the parser and the printer work by.
package enum StatementReference {
    /// In the order in which a hint names the blocks.
    package static var blocks: [DocumentedBlock] {
        Mode.examples.map { DocumentedBlock(title: $0.title, statements: $0.documented) }
    }
}

/// One kind of block.
package struct DocumentedBlock: Sendable {
    package let title: String
    package let statements: [DocumentedStatement]
}

/// One statement.
package struct DocumentedStatement: Sendable {
    package enum Printing: Hashable, Sendable {
        /// The example is its canonical form.
        case itself
        /// The canonical form is this line.
        case like(String)
        /// It is not printed: it says what holds anyway, or is carried out once.
        case never
    }

    /// The words that it begins with, in their canonical spelling.
    package let words: String
    package let help: String
    /// A whole line.
    package let example: String
    package let printing: Printing
}

extension StatementTable {
    /// - Parameter prefix: what stands in front of each statement.
    func documented(behind prefix: String = "") -> [DocumentedStatement] {
        statements.compactMap { statement in
            guard let help = statement.help else { return nil }
            let printing: DocumentedStatement.Printing =
                switch statement.printing {
                case .lines, .inOrder: .itself
                case .like(let line): .like(line.hasPrefix(prefix) ? line : prefix + line)
                case .never, .carriedOut: .never
                }
            return DocumentedStatement(
                words: prefix + statement.words.map(\.spelling).joined(separator: " "), help: help.text,
                example: prefix + help.example, printing: printing)
        }
    }
}

extension Mode {
    var documented: [DocumentedStatement] {
        let neighbor = "neighbor 192.0.2.2 "
        return switch self {
        case .global: GlobalStatements.table.documented()
        case .port: PortStatements.table.documented()
        case .dataplane: DataplaneStatements.table.documented()
        case .labelSpace: CommonLabelStatements.ofSpace.documented()
        case .vrf: VRFStatements.table.documented()
        case .vrfAddressFamily: VRFStatements.addressFamilyTable.documented()
        case .interface: InterfaceStatements.table.documented()
        case .loopback: LoopbackStatements.table.documented()
        case .objectGroup: ObjectGroupStatements.table.documented()
        case .accessList: AccessListStatements.table.documented()
        case .classMap: ClassMapStatements.table.documented()
        case .policyMap: PolicyMapStatements.table.documented()
        case .policyClass: PolicyMapStatements.classTable.documented()
        case .flowExporter: FlowExporterStatements.table.documented()
        case .flowMonitor: FlowMonitorStatements.table.documented()
        case .tableMap: TableMapStatements.table.documented()
        case .routeMapEntry: RouteMapStatements.table.documented()
        case .bgp: BGPStatements.table.documented() + NeighborStatements.table.documented(behind: neighbor)
        case .bgpVPN(let family): NeighborStatements.vpnTable(family).documented(behind: neighbor)
        case .bgpLabeledUnicast(let family):
            NeighborStatements.labeledUnicastTable(family).documented(behind: "neighbor 198.51.100.2 ")
        case .bgpRouteTargets: NeighborStatements.routeTargetTable.documented(behind: "neighbor 198.51.100.2 ")
        case .bgpSignalling(let family):
            NeighborStatements.signallingTable(family).documented(behind: "neighbor 198.51.100.2 ")
        case .bgpVRF(let key):
            BGPStatements.vrfTable(key.family).documented()
                + NeighborStatements.vrfTable(key.family).documented(behind: "neighbor 10.1.0.2 ")
        case .unreadable: []
        }
    }
}
