import Addressing
import BGP

/// A table of labels that PEs have said packets will have, as `show` presents it (RFC 9573 §4.2).
public struct ReceivedLabelSpace: Hashable, Sendable {
    public enum Space: Hashable, Sendable {
        /// The default one, for labels of the common block.
        case common
        /// The one that a label of the common block names.
        case context(MPLSLabel)
        /// That of a PE (RFC 5331).
        case provider(IPAddress)
    }

    public let space: Space
    /// How many labels stand for something of each kind.
    public let counts: [LabelPurpose: Int]
}

/// A label in such a table.
public struct ReceivedLabel: Hashable, Sendable {
    public let label: MPLSLabel
    /// What it stands for. PEs that say that it stands for several things contradict each other, and none is believed
    /// (``RouteRejection/labelWithTwoMeanings``).
    public let purposes: [LabelPurpose]
    /// By how many tunnels and segments it is said.
    public let uses: Int
}

/// A tunnel whose labels are placed nowhere, since a PE's routes disagree about where they are from.
public struct InconsistentTunnel: Hashable, Sendable {
    public let provider: IPAddress
    public let tree: PMSITunnel.Tree
    /// How many routes have the DCB-flag, the community, and neither.
    public let withFlag: Int
    public let withSpace: Int
    public let withNeither: Int
}

extension RoutingTable {
    /// The tables that have labels: the default one, those of label spaces by their names, those of PEs by their addresses.
    public var receivedLabelSpaces: [ReceivedLabelSpace] {
        let spaces = placement.spaces
        var found: [ReceivedLabelSpace] = []
        if !spaces.common.isEmpty { found.append(ReceivedLabelSpace(.common, spaces.common)) }
        for (name, table) in spaces.contexts.sorted(by: { $0.key < $1.key }) {
            found.append(ReceivedLabelSpace(.context(name), table))
        }
        for (provider, table) in spaces.providers.sorted(by: { $0.key < $1.key }) {
            found.append(ReceivedLabelSpace(.provider(provider.address), table))
        }
        return found
    }

    /// How many labels a table has, each counted for each thing that it stands for; 0 if there is no such table.
    public func receivedLabelCount(in space: ReceivedLabelSpace.Space) -> Int {
        var count = 0
        for table in tables(of: space) { count += table.uses.count }
        return count
    }

    /// The labels of a table, in no order, some more than once.
    public func receivedLabelKeys(in space: ReceivedLabelSpace.Space) -> [UInt32] {
        var labels: [UInt32] = []
        labels.reserveCapacity(receivedLabelCount(in: space))
        for table in tables(of: space) {
            for key in table.uses.keys { labels.append(key.label) }
        }
        return labels
    }

    /// Of these labels those that are in a table.
    public func receivedLabels(
        in space: ReceivedLabelSpace.Space, among labels: some Sequence<UInt32>
    ) -> [ReceivedLabel] {
        let tables = tables(of: space)
        var found: [ReceivedLabel] = []
        for number in labels {
            guard let label = MPLSLabel(rawValue: number) else { continue }
            var purposes: [LabelPurpose] = []
            var uses = 0
            for purpose in LabelPurpose.allCases {
                var count = 0
                for table in tables { count += Int(table.uses[SpaceTable.Key(label, purpose)] ?? 0) }
                guard count > 0 else { continue }
                purposes.append(purpose)
                uses += count
            }
            if uses > 0 { found.append(ReceivedLabel(label: label, purposes: purposes, uses: uses)) }
        }
        return found
    }

    private func tables(of space: ReceivedLabelSpace.Space) -> [SpaceTable] {
        switch space {
        case .common: return [placement.spaces.common]
        case .context(let name): return placement.spaces.contexts[name].map { [$0] } ?? []
        // Whichever router speaks for the PE.
        case .provider(let address):
            var tables: [SpaceTable] = []
            for (assigner, table) in placement.spaces.providers where assigner.address == address {
                tables.append(table)
            }
            return tables
        }
    }

    /// In the order of the PEs, at most `limit`; where there are very many it is any of them.
    public func inconsistentTunnels(limit: Int) -> [InconsistentTunnel] {
        var found: [(key: TunnelKey, router: RouterLabels)] = []
        for router in placement.routers.values where found.count < Self.inconsistentTunnelsSorted {
            for key in router.inconsistent.prefix(Self.inconsistentTunnelsSorted - found.count) {
                found.append((key, router))
            }
        }
        found.sort {
            $0.key == $1.key
                ? $0.router.originator.rawValue < $1.router.originator.rawValue : $0.key < $1.key
        }
        var tunnels: [InconsistentTunnel] = []
        for (key, router) in found.prefix(limit) {
            guard let tunnel = router.tunnels[key] else { continue }
            tunnels.append(
                InconsistentTunnel(
                    provider: key.owner, tree: key.tree, withFlag: tunnel.withFlag, withSpace: tunnel.withSpace,
                    withNeither: tunnel.withNeither))
        }
        return tunnels
    }

    private static let inconsistentTunnelsSorted = 1000

    public var inconsistentTunnelCount: Int {
        var count = 0
        for router in placement.routers.values { count += router.inconsistent.count }
        return count
    }

    /// How many routes say labels that are placed nowhere since there are too many.
    public var waitingLabelRoutes: Int { placement.waitingCount }
}

extension ReceivedLabelSpace {
    fileprivate init(_ space: Space, _ table: SpaceTable) {
        self.space = space
        counts = Dictionary(
            uniqueKeysWithValues: LabelPurpose.allCases.compactMap { purpose in
                let count = table.count(purpose)
                return count > 0 ? (purpose, count) : nil
            })
    }
}
