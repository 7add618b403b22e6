import Addressing

/// What the owner has been told about each VRF's label on each NNI.
struct LabelBindings {
    /// The life of a label on an NNI, in this order.
    enum State: Hashable {
        /// The owner has been asked to install it and has not confirmed.
        case installing
        /// It is valid: routes may carry it.
        case installed
        /// The VRF is not eligible any more and routes that carry the label have yet to be withdrawn.
        case withdrawing
        /// The owner has been asked to remove it and has not confirmed.
        case removing
    }

    struct Binding: Hashable {
        let label: MPLSLabel
        var state: State
    }

    struct Key: Hashable, Comparable {
        let vrf: String
        let nni: String

        static func < (a: Self, b: Self) -> Bool { (a.vrf, a.nni) < (b.vrf, b.nni) }
    }

    private var bindings: [String: [String: Binding]] = [:]
    /// The bindings in state `withdrawing`.
    private(set) var withdrawing: Set<Key> = []

    subscript(_ key: Key) -> Binding? {
        get { bindings[key.vrf]?[key.nni] }
        set {
            bindings[key.vrf, default: [:]][key.nni] = newValue
            if bindings[key.vrf]?.isEmpty == true { bindings[key.vrf] = nil }
            if newValue?.state == .withdrawing { withdrawing.insert(key) } else { withdrawing.remove(key) }
        }
    }

    func hasBindings(_ vrf: String) -> Bool { bindings[vrf] != nil }

    /// The NNIs on which the VRF's label is, with its state there.
    func nnis(of vrf: String) -> [String: Binding] { bindings[vrf] ?? [:] }

    var keys: [Key] { bindings.flatMap { vrf, nnis in nnis.keys.map { Key(vrf: vrf, nni: $0) } } }
}
