import Addressing
import BGP

/// Routes whose labels are placed nowhere since their PE has as many as it may, or too many PEs have some.
struct LabelsWithoutRoom {
    private var routes: [IPAddress: Set<NLRI>] = [:]
    private var providers: [NLRI: IPAddress] = [:]

    var count: Int { providers.count }

    /// Any PE whose routes wait.
    var anyProvider: IPAddress? { routes.first?.key }

    mutating func insert(_ nlri: NLRI, of provider: IPAddress) {
        providers[nlri] = provider
        routes[provider, default: []].insert(nlri)
    }

    mutating func remove(_ nlri: NLRI) {
        guard !providers.isEmpty, let provider = providers.removeValue(forKey: nlri) else { return }
        routes[provider]?.remove(nlri)
        if routes[provider]?.isEmpty == true { routes[provider] = nil }
    }

    /// Any of a PE's, which does not wait any more.
    mutating func popFirst(of provider: IPAddress) -> NLRI? {
        guard let nlri = routes[provider]?.first else { return nil }
        remove(nlri)
        return nlri
    }
}
