import Addressing

/// Labels that are provisioned are of the block or of a space that a label of the block names, and each means one thing.
struct CommonLabelCheck: ConfigurationCheck {
    private let block: Located<ClosedRange<UInt32>>?
    private let spaces: [String: LabelSpaceDraft]
    private let vrfs: [String: VRFDraft]
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        block = text.draft.commonBlock
        spaces = text.draft.labelSpaces
        vrfs = text.draft.vrfs
        damaged = text.draft.damaged
    }

    func check(_ configuration: inout Configuration) {
        var labels = LabelUses(report: report)
        for (name, space) in spaces.sorted(by: { $0.value.declared.line < $1.value.declared.line }) {
            report.record(.labelSpace(name), at: space.declared)
            guard let label = space.contextLabel else {
                reportNameless(name, space)
                continue
            }
            checkBlock(label.value, "'dcb-label \(label.value)'", at: label.range)
            labels.use(label.value, of: nil, by: "label space '\(name)'", at: label.range)
            var model = LabelSpace(name: name, contextLabel: label.value)
            model.block = space.block?.value
            configuration.labelSpaces[name] = model
        }
        for (name, vrf) in vrfs.sorted(by: { $0.value.declared.line < $1.value.declared.line }) {
            guard let label = vrf.commonLabel else {
                if let fallback = vrf.fallbackLabel, !damaged.contains(.vrf(name)) {
                    report(
                        .lineWithoutEffect, "VRF '\(name)' has no common label that another could stand for",
                        at: fallback, hint: "add 'label common NUMBER'")
                }
                continue
            }
            check(label, ofVRF: name, vrf, &labels)
        }
    }

    private func check(
        _ label: Located<ProvisionedLabel>, ofVRF name: String, _ vrf: VRFDraft, _ labels: inout LabelUses
    ) {
        if let mode = vrf.labelMode, mode.value == .perPrefix {
            report(
                .lineWithoutEffect,
                "in the core and to Option B neighbors each prefix of VRF '\(name)' has a label of its own: "
                    + "'label common' is for Option E neighbors (line \(label.range.line))", at: mode.range,
                hint: "leave out 'label mode per-prefix' if the label is to be the same there")
        }
        let number = label.value.label
        labels.use(number, of: label.value.space, by: "VRF '\(name)'", at: label.range)
        guard let space = label.value.space else {
            return checkBlock(number, "the label of VRF '\(name)'", at: label.range)
        }
        guard let draft = spaces[space] else {
            return report.undefined(
                .undefinedLabelSpace, "label space", space, at: vrf.commonLabelSpace ?? label.range,
                defined: spaces.keys, definition: "mpls label-space \(space)")
        }
        if let own = draft.block, own.value.contains(number.rawValue) {
            report(
                .commonLabelClash,
                "label \(number) is in the block that this box gives labels from (line \(own.range.line))",
                at: label.range, hint: "what is provisioned lies outside every router's block")
        }
    }

    /// A label that names a space or a VRF by itself is in the block, which all routers keep free of labels of their own.
    private func checkBlock(_ label: MPLSLabel, _ what: String, at range: SourceRange) {
        guard let block else {
            return report(
                .commonLabelOutsideBlock, "there is no block that \(what) could be of", at: range,
                hint: "add 'mpls label-block dcb LOWEST HIGHEST'")
        }
        guard !block.value.contains(label.rawValue) else { return }
        report(
            .commonLabelOutsideBlock,
            "\(what) is not in the block \(block.value.lowerBound) to \(block.value.upperBound) (line \(block.range.line))",
            at: range, hint: "labels outside it are given out dynamically")
    }

    private func reportNameless(_ name: String, _ space: LabelSpaceDraft) {
        guard !damaged.contains(.labelSpace(name)) else { return }
        let user = vrfs.filter { $0.value.commonLabel?.value.space == name }.min {
            $0.value.declared.line < $1.value.declared.line
        }
        let use = user.flatMap { user in
            user.value.commonLabel.map { ", and VRF '\(user.key)' has a label of it (line \($0.range.line))" }
        }
        report(
            .labelSpaceWithoutLabel, "no label of the block names the label space '\(name)'\(use ?? "")",
            at: space.declared, hint: "add 'dcb-label NUMBER'")
    }
}

/// Which labels are taken, by space.
private struct LabelUses {
    let report: CheckReport
    private var uses: [String?: [MPLSLabel: (user: String, line: Int)]] = [:]

    init(report: CheckReport) { self.report = report }

    /// - Parameter space: `nil`: of the block.
    mutating func use(_ label: MPLSLabel, of space: String?, by user: String, at range: SourceRange) {
        guard let former = uses[space]?[label] else {
            uses[space, default: [:]][label] = (user, range.line)
            return
        }
        report(
            .commonLabelClash, "label \(label) is that of \(former.user) (line \(former.line))", at: range,
            hint: "a label means one thing")
    }
}
