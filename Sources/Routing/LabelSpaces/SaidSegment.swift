import Addressing
import BGP

/// The label of an Ethernet segment that a route says (RFC 7432 §7.5, §8.2.1). Where it belongs is said by the PE's routes for the broadcast
/// domains that have a route target in common with it (RFC 9573 §4.2): of ingress replication alone it is the label that others send by,
/// and is placed nowhere.
struct SaidSegment: Equatable {
    let provider: IPAddress
    let label: MPLSLabel
    /// Those of all the domains that the segment belongs to, or some if it has several such routes (RFC 7432 §8.2.1.1).
    let targets: [RouteTarget]
    /// What the route says by itself: PMSI_TUNNEL does not belong to it, and the community does not either.
    private let named: LabelOrigin
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
        targets = contents.routeTargets
        named = contents.namedLabelSpace
        self.block = block
    }

    /// Where the label is placed; nowhere yet if no broadcast domain of the segment says where.
    /// - Parameter domains: the spaces in which those have their labels.
    func places(among domains: Set<OwnedSpace>) throws(LabelFault) -> [OwnedSpace] {
        let said = try ReceivedLabelOrigin(named, block: block).space.get()
        guard let first = domains.first else { return [] }
        // RFC 9573 §4.2: segment and broadcast domain have their labels from one space. Where domains have theirs from several a
        // community on the segment's route says with which it goes.
        let space = named == .assigner ? first.space : said
        var places: [OwnedSpace] = []
        for domain in domains {
            if domain.space == space {
                places.append(domain)
            } else if named == .assigner {
                throw LabelFault(.labelsOfSeveralSpaces)
            }
        }
        guard !places.isEmpty else { throw LabelFault(.labelsOfSeveralSpaces) }
        if let fault = ReceivedLabelOrigin(of: space, block: block).fault(of: label) { throw fault }
        return places
    }
}
