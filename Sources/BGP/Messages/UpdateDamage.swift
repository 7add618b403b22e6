/// How far the damage of an error in an UPDATE reaches (RFC 7606 §2), from the least to the greatest.
public enum UpdateDamage: Hashable, Sendable {
    /// The attribute is dropped, the routes stand.
    case attributeDiscard
    /// A route whose octets are wrong behind what identifies it counts as withdrawn; the others stand.
    case routeWithdraw
    /// The routes that the message announces are withdrawn.
    case treatAsWithdraw
    /// The family is unusable from this peer until the session is made anew.
    case familyDisable(AddressFamilyIdentifier)
    /// The session cannot go on.
    case sessionReset

    private var severity: Int {
        switch self {
        case .attributeDiscard: 0
        case .routeWithdraw: 1
        case .treatAsWithdraw: 2
        case .familyDisable: 3
        case .sessionReset: 4
        }
    }
}

extension UpdateDamage: Comparable {
    public static func < (a: Self, b: Self) -> Bool { a.severity < b.severity }
}

/// One error found in an UPDATE.
public struct UpdateFault: Hashable, Sendable {
    public let damage: UpdateDamage
    /// The type code of the attribute at fault; `nil` when it is the message's own framing.
    public let attribute: UInt8?
    /// What RFC 4271 §6.3 calls the error, and the NOTIFICATION to send when the session is to be reset.
    public let notification: NotificationMessage

    init(_ damage: UpdateDamage, attribute: UInt8? = nil, _ notification: NotificationMessage) {
        self.damage = damage
        self.attribute = attribute
        self.notification = notification
    }
}

extension UpdateFault: CustomStringConvertible {
    public var description: String {
        let consequence =
            switch damage {
            case .attributeDiscard: "attribute discarded"
            case .routeWithdraw: "route treated as withdrawn"
            case .treatAsWithdraw: "routes treated as withdrawn"
            case .familyDisable(let family): "\(family) disabled"
            case .sessionReset: "session reset"
            }
        return "\(cause): \(consequence)"
    }

    /// What was wrong, without what follows from it.
    public var cause: String {
        let place = attribute.map { " in attribute \($0)" } ?? ""
        return "\(notification)\(place)"
    }
}
