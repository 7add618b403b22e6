import Addressing

/// What holds for labels on the whole box.
public struct MPLSSettings: Equatable, Sendable {
    /// The labels that VRFs are given, within 16 to 1,048,575 (RFC 3032 §2.1 reserves 0 to 15).
    public var labelRange: ClosedRange<UInt32> = Self.everyLabel
    /// The domain-wide common block (RFC 9573 §3.1): labels that are provisioned, and never given out dynamically.
    public var commonBlock: ClosedRange<UInt32>?
    /// How long a label that was in use is not given to another VRF, in seconds.
    public var labelQuarantineSeconds: UInt32 = Self.defaultLabelQuarantineSeconds
    /// How long a label stays valid once a neighbor's TCP has acknowledged the withdrawal of its last route, in seconds: the
    /// neighbor has to stop sending by it.
    public var labelWithdrawalSeconds: UInt32 = Self.defaultLabelWithdrawalSeconds
    /// The box's setting only: ask ``Configuration/propagatesTTL(inVRF:)`` for the one that holds.
    public var propagatesTTL = true

    /// By what routes that came in by an NNI are known in the operator's own network; `nil`: by AS:0:1.
    public var nniMark: LargeCommunity?

    public init() {}

    public static let everyLabel: ClosedRange<UInt32> = 16...1_048_575
    public static let defaultLabelQuarantineSeconds: UInt32 = 300
    public static let defaultLabelWithdrawalSeconds: UInt32 = 5
}
