import Addressing
import BGP

/// What one neighbor is given of others' routes, or of those of VRFs, and by which labels.
final class RelayedRoutes {
    /// What the routes of one source have in common.
    struct Use {
        fileprivate(set) var count = 0
        /// The label by which they may be advertised; `nil` while none is installed.
        fileprivate(set) var label: MPLSLabel?
        /// Whether there is none to be had.
        fileprivate(set) var isWithoutLabel = false
        /// Those that wait for it.
        fileprivate(set) var waiting: Set<NLRI> = []
    }

    /// To whom labels are told: it is kept for when the neighbor is another one under its address.
    let identity: NeighborIdentity
    private(set) var sources: [NLRI: RelaySource] = [:]
    private var uses: [ObjectIdentifier: Use] = [:]

    init(_ identity: NeighborIdentity) { self.identity = identity }

    func owner(of source: RelaySource) -> LabelOwner { LabelOwner(source.subject, neighbor: identity) }

    /// The label by which a route may be advertised.
    func label(of nlri: NLRI) -> MPLSLabel? { sources[nlri].flatMap { uses[ObjectIdentifier($0)]?.label } }

    /// Whether a route is to be given as soon as there is a label for it, and what the neighbor has stays until then.
    func isWaiting(_ nlri: NLRI) -> Bool {
        guard let source = sources[nlri], let use = uses[ObjectIdentifier(source)] else { return false }
        return use.label == nil && !use.isWithoutLabel
    }

    /// Gives a route a source. `true`: the source is new to the neighbor.
    func set(_ source: RelaySource, for nlri: NLRI) -> Bool {
        source.retain()
        sources[nlri] = source
        uses[ObjectIdentifier(source), default: Use()].count += 1
        return uses[ObjectIdentifier(source)]?.count == 1
    }

    /// Takes a route's source away, before another takes its place or none. `true`: no route of the neighbor has it any more.
    func remove(_ source: RelaySource, of nlri: NLRI) -> Bool {
        source.release()
        let key = ObjectIdentifier(source)
        uses[key]?.count -= 1
        uses[key]?.waiting.remove(nlri)
        if sources[nlri] === source { sources[nlri] = nil }
        guard let use = uses[key], use.count == 0 else { return false }
        uses[key] = nil
        return true
    }

    /// A route is to be given. `false`: it waits for its label.
    func isReady(_ nlri: NLRI, _ source: RelaySource) -> Bool {
        let key = ObjectIdentifier(source)
        guard uses[key]?.label == nil else { return true }
        uses[key]?.waiting.insert(nlri)
        return uses[key]?.isWithoutLabel == true
    }

    /// The label of a source is installed, or is not any more. Returns the routes that have waited for it.
    func setLabel(_ label: MPLSLabel?, of source: RelaySource) -> Set<NLRI> {
        let key = ObjectIdentifier(source)
        guard var use = uses[key] else { return [] }
        use.label = label
        if label != nil { use.isWithoutLabel = false }
        let waiting = label == nil ? [] : use.waiting
        if label != nil { use.waiting = [] }
        uses[key] = use
        return waiting
    }

    /// There is no label for a source. Returns the routes that wait for it, if that is news.
    func setWithoutLabel(_ source: RelaySource) -> Set<NLRI> {
        guard let use = uses[ObjectIdentifier(source)], !use.isWithoutLabel else { return [] }
        uses[ObjectIdentifier(source)]?.isWithoutLabel = true
        return use.waiting
    }

    /// The routes that wait for a label.
    var waiting: [NLRI] { uses.values.flatMap(\.waiting) }
}
