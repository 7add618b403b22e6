import Addressing
import ControlProtocol
import Routing

extension ShowReceivedLabels: PromptlyAnswered {
    /// One page. A cursor is the last label of the page before.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> ReceivedLabelsResult {
        let wanted: ReceivedLabelSpace.Space
        switch (provider, space) {
        case (nil, nil): wanted = .common
        case (let provider?, nil): wanted = .provider(provider)
        case (nil, let space?): wanted = .context(space)
        default: throw ControlError(.invalidParameters, "a label space is a PE's, or a label names it")
        }
        var after: MPLSLabel?
        if let cursor = page.cursor {
            guard let label = UInt32(cursor).flatMap(MPLSLabel.init) else {
                throw ControlError(.invalidParameters, "unknown cursor '\(cursor)'")
            }
            after = label
        }
        let found = plane.routing.receivedLabels(in: wanted, after: after, limit: page.limit + 1)
        let shown = found.prefix(page.limit)
        return ReceivedLabelsResult(
            labels: shown.map(ShownReceivedLabel.init),
            nextCursor: found.count > shown.count ? shown.last.map { "\($0.label)" } : nil)
    }
}

extension ShownReceivedLabel {
    fileprivate init(_ label: ReceivedLabel) {
        self.init(label: label.label, purposes: label.purposes.map(Purpose.init), uses: label.uses)
    }
}

extension ShownReceivedLabel.Purpose {
    fileprivate init(_ purpose: LabelPurpose) {
        switch purpose {
        case .tunnel: self = .tunnel
        case .segment: self = .segment
        case .provider: self = .provider
        case .space: self = .space
        }
    }
}
