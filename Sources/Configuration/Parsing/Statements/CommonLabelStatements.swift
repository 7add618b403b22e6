import Addressing

extension LabelSpaceDraft: StatementSubject {
    typealias Printed = LabelSpace
}

/// Labels that are provisioned alike on several routers (RFC 9573).
enum CommonLabelStatements {
    static let global: [Statement<ConfigurationDraft>] = [
        .line(
            "mpls", "label-block", "dcb",
            help: "labels that are provisioned alike on all routers, and never given out here",
            example: "mpls label-block dcb 1000 1999",
            prints: .line {
                $0.mpls.commonBlock.map { "mpls label-block dcb \($0.lowerBound) \($0.upperBound)" }
            }
        ) { line, draft throws(Finding) in
            try line.assign(&draft.commonBlock, line.labels())
        },
        .block(
            "mpls", "label-space", help: "a label space that a label of the block names",
            example: "mpls label-space three"
        ) { line, draft throws(Finding) in
            let name = try line.name("a label space").value
            draft.labelSpaces[name] = draft.labelSpaces[name] ?? LabelSpaceDraft(declared: line.wordsRange)
            return .labelSpace(name)
        },
    ]

    /// Inside `mpls label-space`.
    static let ofSpace = StatementTable<LabelSpaceDraft>([
        .line(
            "dcb-label", help: "the label of the block that names it", example: "dcb-label 1999",
            prints: .line { "dcb-label \($0.contextLabel)" }
        ) { line, space throws(Finding) in
            try line.assign(&space.contextLabel, line.label("the label of the block that names the space"))
        },
        .line(
            "block", help: "the labels of it that this box gives by itself, and no other", example: "block 101 200",
            prints: .line { $0.block.map { "block \($0.lowerBound) \($0.upperBound)" } }
        ) { line, space throws(Finding) in
            try line.assign(&space.block, line.labels())
        },
    ])

    static let ofVRF: [Statement<VRFDraft>] = [
        .line(
            "label", "common",
            help: "the label that stands for it on all neighbors; 'space' and a name behind it: one of that space",
            example: "label common 1001",
            prints: .line(rank: 1) { vrf in
                vrf.commonLabel.map { common in
                    "label common \(common.label)" + (common.space.map { " space \($0)" } ?? "")
                }
            }
        ) { line, vrf throws(Finding) in
            let label = try line.label("the label of the VRF")
            let space = line.take("space") ? try line.name("a label space") : nil
            try line.assign(&vrf.commonLabel, ProvisionedLabel(label, space: space?.value))
            vrf.commonLabelSpace = space?.range
        },
        .line(
            "label", "common", "fallback",
            help: "where that label may not be said yet a label of the box's own stands for it",
            example: "label common fallback",
            prints: .line("label common fallback", rank: 1, if: \.hasFallbackLabel)
        ) { line, vrf throws(Finding) in vrf.fallbackLabel = line.wordsRange },
    ]
}

extension LineReader {
    /// A label that a VRF can have.
    fileprivate mutating func label(_ meaning: String) throws(Finding) -> MPLSLabel {
        let number: UInt32 = try number(meaning, in: MPLSSettings.everyLabel)
        // The range has no other.
        guard let label = MPLSLabel(rawValue: number) else { preconditionFailure("a label has 20 bits") }
        return label
    }

    /// Two labels, and all between them.
    fileprivate mutating func labels() throws(Finding) -> ClosedRange<UInt32> {
        let everyLabel = MPLSSettings.everyLabel
        let lowest: UInt32 = try number("the lowest label", in: everyLabel)
        let highest: UInt32 = try number("the highest label", in: lowest...everyLabel.upperBound)
        return lowest...highest
    }
}
