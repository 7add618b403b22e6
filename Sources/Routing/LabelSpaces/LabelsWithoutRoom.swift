import Addressing
import BGP

/// Routes whose labels are placed nowhere since their PE has as many as it may, or too many PEs have some.
struct LabelsWithoutRoom {
    private var routes: [LabelAssigner: Set<NLRI>] = [:]
    private var providers: [NLRI: LabelAssigner] = [:]
    /// The PEs that wait since too many have labels.
    private var withoutTable: Set<LabelAssigner> = []

    var count: Int { providers.count }

    /// Any PE that has nothing and waits for its turn.
    var anyWithoutTable: LabelAssigner? { withoutTable.first }

    mutating func insert(_ nlri: NLRI, of provider: LabelAssigner, hasTable: Bool) {
        providers[nlri] = provider
        routes[provider, default: []].insert(nlri)
        if !hasTable { withoutTable.insert(provider) }
    }

    mutating func remove(_ nlri: NLRI) {
        guard !providers.isEmpty, let provider = providers.removeValue(forKey: nlri) else { return }
        routes[provider]?.remove(nlri)
        guard routes[provider]?.isEmpty == true else { return }
        routes[provider] = nil
        withoutTable.remove(provider)
    }

    /// It is a PE's turn.
    mutating func admit(_ provider: LabelAssigner) { withoutTable.remove(provider) }

    /// Any of a PE's, which does not wait any more.
    mutating func popFirst(of provider: LabelAssigner) -> NLRI? {
        guard let nlri = routes[provider]?.first else { return nil }
        remove(nlri)
        return nlri
    }
}
