import Addressing
import BGP

/// What becomes of attributes that come in, whatever a route map says.
struct AttributeAmendments: Equatable {
    var removesExtendedCommunities = false
    /// The route targets that stay, and as what; `nil`: all do.
    var targets: ListedTargets?
    /// Is among the extended communities afterwards.
    var siteOfOrigin: ExtendedCommunity?

    func apply(to contents: inout PathAttributes.Contents) {
        if removesExtendedCommunities { contents.extendedCommunities = [] }
        if let targets { contents.extendedCommunities = targets.applied(to: contents.extendedCommunities) }
        if let siteOfOrigin, !contents.extendedCommunities.contains(siteOfOrigin) {
            contents.extendedCommunities.append(siteOfOrigin)
        }
    }
}

/// A route map in one direction of one neighbor or VRF and family, with what it has said of attributes already.
///
/// Attributes are looked at once for each set of them: what is left for a route are the prefix lists of those entries
/// that its attributes meet.
final class AppliedRoutePolicy {
    enum Verdict: Equatable {
        case refused
        /// The route goes on with these attributes; of a VRF's export map also what it says about route targets.
        case permitted(PathAttributes, targets: AttributeChanges.Values<RouteTarget>? = nil)
    }

    /// An entry that the attributes meet.
    private struct Candidate {
        /// Of which one has to permit the prefix; none: every prefix meets it.
        let prefixFilters: [PrefixFilter]
        let verdict: Verdict
    }

    /// The sets of attributes that are remembered at most; they are kept in memory as long.
    private static let capacity = 4096

    private struct Question: Hashable {
        let attributes: PathAttributes
        let isLeavingTheAS: Bool
    }

    /// `nil`: every route is permitted.
    private let policy: RoutePolicy?
    private let amendments: AttributeAmendments
    private var known: [Question: [Candidate]] = [:]
    /// That of the route before: the routes of an UPDATE have theirs in common, however large they are.
    private var last: (question: Question, candidates: [Candidate])?

    /// `nil` if every route goes on as it is.
    init?(_ policy: RoutePolicy?, _ amendments: AttributeAmendments = AttributeAmendments()) {
        guard policy != nil || amendments != AttributeAmendments() else { return nil }
        self.policy = policy
        self.amendments = amendments
    }

    /// - Parameter isLeavingTheAS: whether the attributes are as the route has them here and it goes to another AS. RFC 4271
    ///   §5.1.4, §5.1.5: discriminator and preference stay inside, those that the map sets are its own.
    func verdict(on prefix: IPPrefix, _ attributes: PathAttributes, isLeavingTheAS: Bool = false) -> Verdict {
        candidates(Question(attributes: attributes, isLeavingTheAS: isLeavingTheAS)).first { candidate in
            candidate.prefixFilters.isEmpty || candidate.prefixFilters.contains { $0.permits(prefix) }
        }?.verdict ?? .refused
    }

    private func candidates(_ question: Question) -> [Candidate] {
        if let last, last.question == question { return last.candidates }
        let candidates = known[question] ?? judged(question)
        last = (question, candidates)
        return candidates
    }

    private func judged(_ question: Question) -> [Candidate] {
        let attributes = question.attributes
        var candidates: [Candidate] = []
        for entry in policy?.entries ?? [.everything] where entry.conditions.allSatisfy({ $0.holds(for: attributes) }) {
            let verdict =
                entry.permits
                ? Verdict.permitted(changed(question, entry.changes), targets: entry.changes.routeTargets) : .refused
            candidates.append(Candidate(prefixFilters: entry.prefixFilters, verdict: verdict))
            // What every prefix meets has the last word.
            if entry.prefixFilters.isEmpty { break }
        }
        // A neighbor decides how many sets there are and how long: large ones would stay here when their routes are gone.
        if !attributes.isLarge {
            if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
            known[question] = candidates
        }
        return candidates
    }

    private func changed(_ question: Question, _ changes: AttributeChanges) -> PathAttributes {
        let attributes = question.attributes
        var contents = attributes.contents
        if question.isLeavingTheAS {
            contents.multiExitDiscriminator = nil
            contents.localPreference = nil
        }
        changes.apply(to: &contents)
        amendments.apply(to: &contents)
        // Nothing was changed: one set in memory instead of two.
        return contents == attributes.contents ? attributes : PathAttributes(contents)
    }
}

extension RoutePolicy.Entry {
    fileprivate static let everything = Self(permits: true)
}
