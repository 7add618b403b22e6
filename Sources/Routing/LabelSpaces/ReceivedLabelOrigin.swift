import Addressing
import BGP

/// Why labels are placed nowhere.
struct LabelFault: Error, Equatable {
    let reason: RouteRejection
    init(_ reason: RouteRejection) { self.reason = reason }
}

/// Where a route's labels are from, and which may be from there.
struct ReceivedLabelOrigin: Equatable {
    let space: Result<PlacedLabel.Space, LabelFault>
    private let block: ClosedRange<UInt32>?

    /// - Parameter block: the domain-wide common block, as it is reserved here; without one no label is of it.
    init(_ origin: LabelOrigin, block: ClosedRange<UInt32>?) {
        self.block = block
        switch origin {
        case .commonBlock: space = .success(.common)
        case .assigner: space = .success(.provider)
        case .missingFlags: space = .failure(LabelFault(.missingTunnelFlags))
        case .unknownSpace: space = .failure(LabelFault(.unknownLabelSpace))
        case .severalSpaces: space = .failure(LabelFault(.severalLabelSpaces))
        case .contradictory: space = .failure(LabelFault(.dcbAndLabelSpace))
        case .space(let name):
            if name.isReserved {
                space = .failure(LabelFault(.reservedTunnelLabel))
            } else if block?.contains(name.rawValue) != true {
                space = .failure(LabelFault(.labelOutsideBlock))
            } else {
                space = .success(.context(name))
            }
        }
    }

    /// A space that another route has named.
    init(of space: PlacedLabel.Space, block: ClosedRange<UInt32>?) {
        self.space = .success(space)
        self.block = block
    }

    /// Why a label cannot be from there; `nil` if it can.
    func fault(of label: MPLSLabel) -> LabelFault? {
        if label.isReserved { return LabelFault(.reservedTunnelLabel) }
        guard case .success(.common) = space, block?.contains(label.rawValue) != true else { return nil }
        return LabelFault(.labelOutsideBlock)
    }
}
