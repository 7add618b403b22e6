import Addressing
import ControlProtocol
import Routing

extension ShowReceivedLabels: AnsweredRequest {
    /// One page. A cursor is the last label of the page before.
    package func answer(by plane: ControlPlane) async throws(ControlError) -> ReceivedLabelsResult {
        let space = try wanted
        var after: UInt32?
        if let cursor = page.cursor {
            guard let label = UInt32(cursor).flatMap(MPLSLabel.init) else {
                throw ControlError(.invalidParameters, "unknown cursor '\(cursor)'")
            }
            after = label.rawValue
        }
        var sorted: [UInt32]?
        while true {
            switch await plane.receivedLabels(of: space, after: after, limit: page.limit + 1, sorted) {
            case .page(let found):
                let shown = found.prefix(page.limit)
                return ReceivedLabelsResult(
                    labels: shown.map(ShownReceivedLabel.init),
                    nextCursor: found.count > shown.count ? shown.last.map { "\($0.label)" } : nil)
            case .unsorted(_, let labels): sorted = labels.sorted()
            }
        }
    }

    private var wanted: ReceivedLabelSpace.Space {
        get throws(ControlError) {
            switch (provider, space) {
            case (nil, nil): return .common
            case (let provider?, nil): return .provider(provider)
            case (nil, let space?): return .context(space)
            default: throw ControlError(.invalidParameters, "a label space is a PE's, or a label names it")
            }
        }
    }
}

extension ControlPlane {
    fileprivate func receivedLabels(
        of space: ReceivedLabelSpace.Space, after: UInt32?, limit: Int, _ sorted: [UInt32]?
    ) -> PageAnswer<[ReceivedLabel], ReceivedLabelSpace.Space, UInt32> {
        receivedLabelPages.labels(of: space, after: after, limit: limit, sorted, in: routing, now: clock.now)
    }
}

/// The pages of received labels that are shown, with the large tables that somebody is reading.
final class ReceivedLabelPages {
    private var walks = TableWalks<ReceivedLabelSpace.Space, UInt32>()

    /// Forgets the tables that nobody goes on with.
    func forgetUnused(now: Duration) { walks.forgetUnused(now: now) }

    fileprivate func labels(
        of space: ReceivedLabelSpace.Space, after: UInt32?, limit: Int, _ sorted: [UInt32]?, in routing: RoutingTable,
        now: Duration
    ) -> PageAnswer<[ReceivedLabel], ReceivedLabelSpace.Space, UInt32> {
        if let sorted { walks.keep(sorted, of: space, now: now) }
        let isSmall = routing.receivedLabelCount(in: space) <= RoutePages.largestTableSortedAtOnce
        var found: [ReceivedLabel] = []
        var last = after
        // Where labels have gone there may be more behind them.
        while found.count < limit {
            let labels: ArraySlice<UInt32>
            if isSmall {
                labels = Set(routing.receivedLabelKeys(in: space)).filter { $0 > last ?? 0 }.sorted()
                    .prefix(limit - found.count)
            } else if last != nil || sorted != nil,
                let kept = walks.keys(of: space, after: last, limit: limit - found.count, now: now)
            {
                labels = kept
            } else {
                return .unsorted(space, routing.receivedLabelKeys(in: space))
            }
            guard let end = labels.last else { break }
            for label in routing.receivedLabels(in: space, among: labels) where label.label != found.last?.label {
                found.append(label)
            }
            last = end
        }
        return .page(found)
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
