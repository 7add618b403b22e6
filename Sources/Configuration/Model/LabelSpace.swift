import Addressing

/// A context-specific label space (RFC 5331 §3): labels that mean something only under the label that names the space.
public struct LabelSpace: Equatable, Sendable {
    public let name: String
    /// The label of the domain-wide common block that names it (`dcb-label`), the same on all routers.
    public var contextLabel: MPLSLabel
    /// The part of it that this box may give labels from by itself, which no other may (`block`; RFC 9573 §3.2.2).
    public var block: ClosedRange<UInt32>?

    public init(name: String, contextLabel: MPLSLabel) {
        self.name = name
        self.contextLabel = contextLabel
    }
}

/// The label that stands for a whole VRF, by provisioning (`label common`).
public struct ProvisionedLabel: Equatable, Sendable {
    public let label: MPLSLabel
    /// The label space that it is of; `nil`: it is of the domain-wide common block.
    public let space: String?

    public init(_ label: MPLSLabel, space: String? = nil) {
        self.label = label
        self.space = space
    }
}

extension Configuration {
    /// The label that is provisioned for a VRF, as packets have it.
    public func commonLabel(ofVRF name: String) -> CommonLabel? {
        guard let provisioned = vrfs[name]?.commonLabel else { return nil }
        guard let space = provisioned.space else { return CommonLabel(provisioned.label) }
        return labelSpaces[space].map { CommonLabel(provisioned.label, context: $0.contextLabel) }
    }

    /// How many labels of the range are left to be given dynamically.
    public var dynamicLabelCount: Int {
        guard let block = mpls.commonBlock, block.overlaps(mpls.labelRange) else { return mpls.labelRange.count }
        return mpls.labelRange.count - block.clamped(to: mpls.labelRange).count
    }
}
