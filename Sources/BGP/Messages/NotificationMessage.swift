/// NOTIFICATION (RFC 4271 §4.5): why a session is closed. Thrown by decoders when the session is what is damaged.
public struct NotificationMessage: Error, Hashable, Sendable {
    /// The error code (RFC 4271 §4.5, RFC 7313 §5, RFC 9687 §3).
    public enum Code: UInt8, Hashable, Sendable, CaseIterable {
        case messageHeaderError = 1
        case openMessageError = 2
        case updateMessageError = 3
        case holdTimerExpired = 4
        case finiteStateMachineError = 5
        case cease = 6
        case routeRefreshMessageError = 7
        case sendHoldTimerExpired = 8
    }

    /// The error code as sent; ``Code`` names the known ones.
    public let code: UInt8
    public let subcode: UInt8
    public let data: [UInt8]

    public init(code: UInt8, subcode: UInt8, data: [UInt8] = []) {
        self.code = code
        self.subcode = subcode
        self.data = data
    }

    init(_ code: Code, _ subcode: UInt8 = 0, data: [UInt8] = []) {
        self.init(code: code.rawValue, subcode: subcode, data: data)
    }
}

extension NotificationMessage {
    /// The message that follows the header; `nil` below two octets, which has no answer (RFC 4271 §6.4).
    public init?(body: ArraySlice<UInt8>) {
        var reader = ByteReader(body)
        guard let code = reader.readUInt8(), let subcode = reader.readUInt8() else { return nil }
        self.init(code: code, subcode: subcode, data: Array(reader.remaining))
    }

    /// The whole message, header included; data that would not fit into 4096 octets is cut.
    public var encoded: [UInt8] {
        let room = MessageHeader.longestMessageOctets - MessageHeader.octets - 2
        return MessageHeader.message(.notification, body: [code, subcode] + data.prefix(room))
    }
}

extension NotificationMessage {
    /// RFC 4271 §6.1: the marker is not all ones.
    public static let connectionNotSynchronized = Self(.messageHeaderError, 1)

    static func badMessageLength(_ length: UInt16) -> Self {
        Self(.messageHeaderError, 2, data: [UInt8(length >> 8), UInt8(length & 0xFF)])
    }

    static func badMessageType(_ type: UInt8) -> Self { Self(.messageHeaderError, 3, data: [type]) }

    /// RFC 4271 §6.5.
    public static let holdTimerExpired = Self(.holdTimerExpired)
    /// RFC 9687 §3.2: the peer takes nothing off its TCP connection.
    public static let sendHoldTimerExpired = Self(.sendHoldTimerExpired)

    /// RFC 6608 §3: a message that the state does not allow.
    static func unexpectedMessage(in state: SessionState) -> Self {
        switch state {
        case .openSent: Self(.finiteStateMachineError, 1)
        case .openConfirm: Self(.finiteStateMachineError, 2)
        case .established: Self(.finiteStateMachineError, 3)
        case .idle, .connect, .active: Self(.finiteStateMachineError)
        }
    }

    /// RFC 7313 §5: a ROUTE-REFRESH of the wrong length; the data is the complete message.
    static func badRouteRefreshLength(_ body: ArraySlice<UInt8>) -> Self {
        Self(.routeRefreshMessageError, 1, data: MessageHeader.message(.routeRefresh, body: Array(body)))
    }
}
