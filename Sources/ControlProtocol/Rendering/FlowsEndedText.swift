extension FlowsEndedResult {
    public func text(_ style: TextStyle) -> String {
        guard !vrfs.isEmpty else { return "no VRF is metered\n" }
        let names = vrfs.joined(separator: ", ").withoutControlCharacters
        return "the flows of \(vrfs.count == 1 ? "VRF" : "VRFs") \(names) end and are exported\n"
    }
}
