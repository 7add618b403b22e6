extension BGPClearResult {
    public func text(_ style: TextStyle) -> String {
        guard !neighbors.isEmpty else { return "no session was cleared\n" }
        let what = isSoft ? "routes asked for again from" : "session reset with"
        return neighbors.map { "\(what) \($0)\n" }.joined()
    }
}
