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
    /// What it stands for. PEs that say that it stands for several things contradict each other, and none is believed.
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

    /// The labels of a table in ascending order; none if there is no such table.
    /// - Parameter after: only higher ones.
    public func receivedLabels(
        in space: ReceivedLabelSpace.Space, after: MPLSLabel? = nil, limit: Int
    ) -> [ReceivedLabel] {
        let tables: [SpaceTable] =
            switch space {
            case .common: [placement.spaces.common]
            case .context(let name): placement.spaces.contexts[name].map { [$0] } ?? []
            // Whoever says labels with the PE's next hop.
            case .provider(let address): placement.spaces.providers.filter { $0.key.address == address }.map(\.value)
            }
        var all: [SpaceTable.Key: Int] = [:]
        for table in tables {
            for (key, uses) in table.uses where key.label > after?.rawValue ?? 0 { all[key, default: 0] += Int(uses) }
        }
        var labels: [ReceivedLabel] = []
        var found: (label: UInt32, purposes: [LabelPurpose], uses: Int)?
        func end() {
            guard let done = found, let label = MPLSLabel(rawValue: done.label) else { return }
            labels.append(ReceivedLabel(label: label, purposes: done.purposes, uses: done.uses))
        }
        for key in all.keys.sorted() {
            let uses = all[key] ?? 0
            if found?.label == key.label {
                found?.purposes.append(key.purpose)
                found?.uses += uses
                continue
            }
            end()
            guard labels.count < limit else { return labels }
            found = (key.label, [key.purpose], uses)
        }
        end()
        return labels
    }

    /// In the order of the PEs.
    public var inconsistentTunnels: [InconsistentTunnel] {
        var found: [InconsistentTunnel] = []
        for (address, provider) in placement.providers.sorted(by: { $0.key < $1.key }) {
            for (tree, tunnel) in provider.tunnels where !tunnel.isConsistent {
                found.append(
                    InconsistentTunnel(
                        provider: address.address, tree: tree, withFlag: tunnel.withFlag, withSpace: tunnel.withSpace,
                        withNeither: tunnel.withNeither))
            }
        }
        return found.sorted {
            ($0.provider, $0.tree.description) < ($1.provider, $1.tree.description)
        }
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
