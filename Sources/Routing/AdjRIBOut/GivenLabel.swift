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

    static let implicitNull = GivenLabel(.implicitNull)

    static func explicitNull(_ family: AddressFamily) -> GivenLabel { GivenLabel(.explicitNull(family)) }

    var label: MPLSLabel { Self.label(low) }

    /// `nil`: the label stands alone.
    var context: MPLSLabel? {
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
