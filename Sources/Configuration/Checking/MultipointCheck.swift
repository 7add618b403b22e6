import Addressing

/// The labels that lead to several: the lines of one agree, nobody is named twice, and no label is one that is drawn for
/// something else.
struct MultipointCheck: ConfigurationCheck {
    private let draft: ConfigurationDraft
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        draft = text.draft
    }

    func check(_ configuration: inout Configuration) {
        var labels: [MPLSLabel: MultipointLabel] = [:]
        var first: [MPLSLabel: MultipointBranchDraft] = [:]
        var lines: [MPLSLabel: [IPAddress: Int]] = [:]
        for line in draft.multipointBranches {
            let label = line.label.value
            if let earlier = first[label] {
                guard agree(line, earlier) else { continue }
            } else {
                first[label] = line
                report.record(.multipointLabel(label), at: line.declared)
                checkRange(line, configuration.mpls)
            }
            let branch = line.branch
            if let other = lines[label, default: [:]].updateValue(line.declared.line, forKey: branch.value.address) {
                report(
                    .duplicateBranch, "line \(other) has a copy for this address already", at: branch.range,
                    hint: "remove one of them")
                continue
            }
            if branch.value.address == line.source.value {
                report(
                    .branchToSource, "the packets come from there", at: branch.range,
                    hint: "remove the line: nobody gets back what he has sent")
                continue
            }
            labels[
                label,
                default: MultipointLabel(
                    label: label, source: line.source.value, innerLabels: line.innerLabels, branches: [])
            ].branches.append(branch.value)
            if labels[label]?.branches.count == MultipointLabel.mostBranches + 1 {
                report(
                    .tooManyBranches, "a label leads to \(MultipointLabel.mostBranches) at most", at: branch.range,
                    hint: "let another router make further copies")
            }
        }
        configuration.multipointLabels = labels.values.map { label in
            var sorted = label
            sorted.branches.sort()
            return sorted
        }.sorted()
        checkCore(configuration, first)
    }

    /// Whether a further line of a label says the same of it as the first one.
    private func agree(_ line: MultipointBranchDraft, _ first: MultipointBranchDraft) -> Bool {
        guard line.source.value == first.source.value, line.innerLabels == first.innerLabels else {
            report(
                .conflictingMultipointLabel,
                "line \(first.declared.line) says otherwise where label "
                    + "\(line.label.value) is from, or how many labels are under it", at: line.label.range,
                hint: "a label belongs to one LSP: take another label for the other one")
            return false
        }
        return true
    }

    /// What is drawn for VRFs and routes is never one of these, and what is provisioned alike on several routers has another meaning.
    private func checkRange(_ line: MultipointBranchDraft, _ settings: MPLSSettings) {
        let label = line.label.value.rawValue
        if let block = settings.commonBlock, block.contains(label) {
            let place = draft.commonBlock.map { "line \($0.range.line)" } ?? "'mpls label-block'"
            report(
                .staticLabelInRange,
                "label \(label) is of the block of common labels, \(block.lowerBound) to \(block.upperBound) (\(place))",
                at: line.label.range, hint: "take a label that is outside of it and of 'mpls label range'")
            return
        }
        let range = settings.labelRange
        guard range.contains(label) else { return }
        let place = draft.labelRange.map { "line \($0.range.line)" } ?? "the default"
        report(
            .staticLabelInRange,
            "label \(label) is one of \(range.lowerBound) to \(range.upperBound), from which labels are drawn "
                + "(\(place))", at: line.label.range,
            hint: "leave it out by 'mpls label range', for instance 'mpls label range 100000 1048575'")
    }

    private func checkCore(_ configuration: Configuration, _ first: [MPLSLabel: MultipointBranchDraft]) {
        let hasCore = configuration.interfaces.values.contains { if case .core = $0.kind { true } else { false } }
        guard !hasCore, let line = first.values.min(by: { $0.declared.line < $1.declared.line }) else { return }
        report(
            .multipointWithoutCore, "no packet comes with the label: there is no interface with 'encap mpls core'",
            at: line.declared, hint: "the label is valid on the interfaces of the operator's own network")
    }
}
