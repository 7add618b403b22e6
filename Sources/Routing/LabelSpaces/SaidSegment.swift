import Addressing
import BGP

/// The label of an Ethernet segment that a route says (RFC 7432 §7.5, §8.2.1). Where it belongs is said by the PE's routes for broadcast
/// domains (RFC 9573 §4.2): of ingress replication alone it is the label that others send by, and is placed nowhere.
struct SaidSegment: Equatable {
    let provider: IPAddress
    private let label: MPLSLabel
    private let own: ReceivedLabelOrigin
    /// Whether the route says by itself where its label is from.
    private let saysOrigin: Bool
    private let block: ClosedRange<UInt32>?

    /// `nil` for routes that say no segment's label.
    init?(_ nlri: NLRI, _ attributes: PathAttributes, block: ClosedRange<UInt32>?) {
        let contents = attributes.contents
        guard nlri.announcesSegment, let provider = contents.nextHop?.resolvedAddress, !contents.hasVNIs else {
            return nil
        }
        var found: MPLSLabel?
        for community in contents.extendedCommunities where found == nil { found = community.segmentLabel?.label }
        guard let label = found else { return nil }
        self.provider = provider
        self.label = label
        let origin = contents.labelOrigin
        own = ReceivedLabelOrigin(origin, block: block)
        saysOrigin = origin != .assigner
        self.block = block
    }

    /// Where the label is placed, `nil`: nowhere yet, since no broadcast domain of the PE says where.
    /// - Parameter domains: the spaces in which the PE's broadcast domains have their labels.
    func placed(domains: some Collection<PlacedLabel.Space>) throws(LabelFault) -> [PlacedLabel]? {
        let said = try own.space.get()
        guard let first = domains.first else { return nil }
        let space = saysOrigin ? said : first
        // RFC 9573 §4.2: segment and broadcast domain have their labels from one space. A PE whose domains have theirs from several
        // says which one the segment goes with.
        guard domains.contains(space), saysOrigin || domains.count == 1 else {
            throw LabelFault(.labelsOfSeveralSpaces)
        }
        let origin = ReceivedLabelOrigin(of: space, block: block)
        if let fault = origin.fault(of: label) { throw fault }
        return [PlacedLabel(label, .segment, in: space)]
    }
}
