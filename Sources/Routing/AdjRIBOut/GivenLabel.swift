import Addressing
import BGP

/// The label that a route is given with, and the one above it that names its space, if it is of one (RFC 8277 §2.3). There is one
/// for each route that a neighbor has: it takes as much room as a label and a half.
struct GivenLabel: Hashable {
    /// The label, and the low bits of the other.
    private let low: UInt32
    private let high: UInt16

    /// - Parameter context: no reserved label.
    init(_ label: MPLSLabel, under context: MPLSLabel? = nil) {
        let context = context?.rawValue ?? 0
        low = label.rawValue | context << 20
        high = UInt16(context >> 12)
    }

    /// Two labels that stand in different places of one route, each alone.
    init(_ label: MPLSLabel, beside other: MPLSLabel?) {
        guard let other, other != label else {
            self.init(label)
            return
        }
        self.init(
            low: label.rawValue | other.rawValue << 20, high: UInt16(other.rawValue >> 12) | Self.areBeside)
    }

    private init(low: UInt32, high: UInt16) { (self.low, self.high) = (low, high) }

    private static let areBeside: UInt16 = 1 << 15

    /// The second of two that stand in different places.
    private var other: GivenLabel? {
        high & Self.areBeside == 0 ? nil : GivenLabel(Self.label(low >> 20 | UInt32(high & ~Self.areBeside) << 12))
    }

    /// Calls `body` with each label that a packet may have on top.
    func visit(_ body: (GivenLabel) -> Void) {
        guard let other else { return body(self) }
        body(GivenLabel(label))
        body(other)
    }

    /// Whether that is so of all.
    func allSatisfy(_ isSo: (GivenLabel) -> Bool) -> Bool {
        guard let other else { return isSo(self) }
        return isSo(GivenLabel(label)) && isSo(other)
    }

    static let implicitNull = GivenLabel(.implicitNull)

    static func explicitNull(_ family: AddressFamily) -> GivenLabel { GivenLabel(.explicitNull(family)) }

    var label: MPLSLabel { Self.label(low) }

    /// `nil`: the label stands alone.
    var context: MPLSLabel? {
        guard high & Self.areBeside == 0 else { return nil }
        let label = Self.label(low >> 20 | UInt32(high) << 12)
        return label.rawValue == 0 ? nil : label
    }

    /// What packets have on top.
    var outermost: MPLSLabel { context ?? label }

    var stack: LabelStack { context.map { .multiple([$0, label]) } ?? .single(label) }

    private static func label(_ bits: UInt32) -> MPLSLabel { MPLSLabel(rawValue: bits & 0xF_FFFF) ?? .implicitNull }
}

extension LabelOwner {
    /// What routes with the owner's label are given with.
    func given(_ label: MPLSLabel) -> GivenLabel { GivenLabel(label, under: subject.commonLabel?.context) }
}
