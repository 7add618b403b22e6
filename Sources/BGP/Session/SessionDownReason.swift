/// Why an established session ended.
public enum SessionDownReason: Hashable, Sendable {
    /// We sent this NOTIFICATION: the peer's error, our timer or an operator's order.
    case notificationSent(NotificationMessage)
    /// The peer sent this NOTIFICATION.
    case notificationReceived(NotificationMessage)
    /// TCP was closed or failed without a NOTIFICATION.
    case connectionLost
    /// The peer opened a new connection while the old one stood: it has restarted (RFC 4724 §4.2).
    case replacedByNewConnection
    /// The interface towards the neighbor has lost its link.
    case interfaceDown
    /// The neighbor is no longer configured.
    case neighborRemoved
}

extension SessionDownReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notificationSent(let message): "notification sent: \(message)"
        case .notificationReceived(let message): "notification received: \(message)"
        case .connectionLost: "connection lost"
        case .replacedByNewConnection: "replaced by a new connection of the restarted peer"
        case .interfaceDown: "interface down"
        case .neighborRemoved: "neighbor removed"
        }
    }
}
