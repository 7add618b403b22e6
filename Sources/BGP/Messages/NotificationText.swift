extension NotificationMessage: CustomStringConvertible {
    /// The registry's names for code and subcode, then the shutdown communication if there is one.
    public var description: String {
        guard let code = Code(rawValue: code) else { return "error \(code)/\(subcode)" }
        let detail = subcodeText(of: code)
        let communication = shutdownCommunication.map { " \"\($0)\"" } ?? resetReason.map { " (\($0))" } ?? ""
        return (detail.map { "\(code.text): \($0)" } ?? code.text) + communication
    }

    private func subcodeText(of code: Code) -> String? {
        let names: [UInt8: String] =
            switch code {
            case .messageHeaderError: messageHeaderSubcodes
            case .openMessageError: openMessageSubcodes
            case .updateMessageError: updateMessageSubcodes
            case .finiteStateMachineError: finiteStateMachineSubcodes
            case .cease: ceaseSubcodes
            case .routeRefreshMessageError: [1: "invalid message length"]
            case .holdTimerExpired, .sendHoldTimerExpired: [:]
            }
        return names[subcode] ?? (subcode == 0 ? nil : "subcode \(subcode)")
    }
}

extension NotificationMessage.Code {
    /// The name in IANA's "BGP Error (Notification) Codes".
    public var text: String {
        switch self {
        case .messageHeaderError: "message header error"
        case .openMessageError: "OPEN message error"
        case .updateMessageError: "UPDATE message error"
        case .holdTimerExpired: "hold timer expired"
        case .finiteStateMachineError: "finite state machine error"
        case .cease: "cease"
        case .routeRefreshMessageError: "ROUTE-REFRESH message error"
        case .sendHoldTimerExpired: "send hold timer expired"
        }
    }
}

private let messageHeaderSubcodes: [UInt8: String] = [
    1: "connection not synchronized", 2: "bad message length", 3: "bad message type",
]

private let openMessageSubcodes: [UInt8: String] = [
    1: "unsupported version number", 2: "bad peer AS", 3: "bad BGP identifier", 4: "unsupported optional parameter",
    6: "unacceptable hold time", 7: "unsupported capability", 11: "role mismatch",
]

private let updateMessageSubcodes: [UInt8: String] = [
    1: "malformed attribute list", 2: "unrecognized well-known attribute", 3: "missing well-known attribute",
    4: "attribute flags error", 5: "attribute length error", 6: "invalid ORIGIN attribute",
    8: "invalid NEXT_HOP attribute", 9: "optional attribute error", 10: "invalid network field",
    11: "malformed AS_PATH",
]

private let finiteStateMachineSubcodes: [UInt8: String] = [
    1: "unexpected message in OpenSent", 2: "unexpected message in OpenConfirm",
    3: "unexpected message in Established",
]

private let ceaseSubcodes: [UInt8: String] = [
    1: "maximum number of prefixes reached", 2: "administrative shutdown", 3: "peer de-configured",
    4: "administrative reset", 5: "connection rejected", 6: "other configuration change",
    7: "connection collision resolution", 8: "out of resources", 9: "hard reset", 10: "BFD down",
]
