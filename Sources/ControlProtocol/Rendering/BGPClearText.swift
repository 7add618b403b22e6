extension BGPClearResult {
    public func text(_ style: TextStyle) -> String {
        guard !neighbors.isEmpty || !notRefreshed.isEmpty else { return "no session was cleared\n" }
        let what = isSoft ? "routes asked for again from" : "session reset with"
        let done = neighbors.map { "\(what) \($0)\n" }
        let left = notRefreshed.map { "\($0.family.rawValue) not asked for from \($0.neighbor): \($0.reason.text)\n" }
        return (done + left).joined()
    }
}

extension BGPNotRefreshed.Reason {
    /// What a person reads.
    var text: String {
        switch self {
        case .sessionDown: "the session is not established"
        case .notCarried: "the neighbor does not offer the family"
        case .noRouteRefresh: "the neighbor knows no route refresh; without 'soft' the session is reset"
        case .disabled: "disabled for an error in the neighbor's routes; without 'soft' the session is reset"
        }
    }
}
