import BGP

/// What a route says of labels.
enum Said: Equatable {
    case tunnel(SaidLabels)
    case segment(SaidSegment)

    /// `nil` for routes without labels that belong in a table.
    init?(_ nlri: NLRI, _ attributes: PathAttributes, block: ClosedRange<UInt32>?) {
        if let said = SaidLabels(nlri, attributes, block: block) {
            self = .tunnel(said)
        } else if let said = SaidSegment(nlri, attributes, block: block) {
            self = .segment(said)
        } else {
            return nil
        }
    }

    var tunnel: TunnelKey? { if case .tunnel(let said) = self { said.tunnel } else { nil } }
}
