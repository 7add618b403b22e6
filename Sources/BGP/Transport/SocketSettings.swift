import Addressing
import Glibc
import NIOCore

/// What a neighbor's configuration asks of its sockets.
struct SocketSettings {
    let configuration: NeighborConfiguration

    /// The name is too long, or this channel is no socket.
    enum Failure: Error, CustomStringConvertible {
        case passwordTooLong
        case notASocket
        case deviceNameTooLong

        var description: String {
            switch self {
            case .passwordTooLong: "the TCP-MD5 key is longer than \(TCPMD5Signature.longestKeyOctets) octets"
            case .notASocket: "the channel has no socket options"
            case .deviceNameTooLong: "the device's name is longer than \(DeviceOption.longestNameOctets) octets"
            }
        }
    }

    /// Sets what must be in place before our SYN leaves.
    func applyBeforeConnecting(to channel: any Channel) -> EventLoopFuture<Void> {
        var settings = [applyTimeToLive(to: channel)]
        if let domain = configuration.domain { settings.append(Self.bind(channel, toDevice: domain.device)) }
        if configuration.password != nil { settings.append(applyPassword(to: channel)) }
        return EventLoopFuture.andAllSucceed(settings, on: channel.eventLoop)
    }

    /// Sets what a connection that the neighbor opened does not have from the listener.
    func applyToAccepted(_ channel: any Channel) -> EventLoopFuture<Void> { applyTimeToLive(to: channel) }

    /// Gives the key to a listener or to a socket that is to connect; without a password, takes it away.
    func applyPassword(to channel: any Channel) -> EventLoopFuture<Void> {
        let key = Array((configuration.password ?? "").utf8)
        guard let signature = TCPMD5Signature(peer: configuration.address, key: key) else {
            return channel.eventLoop.makeFailedFuture(Failure.passwordTooLong)
        }
        return Self.set(.tcp, TCPMD5Signature.optionName, to: signature.option, of: channel)
    }

    private func applyTimeToLive(to channel: any Channel) -> EventLoopFuture<Void> {
        let isIPv4 = configuration.address.family == .ipv4
        let level: NIOBSDSocket.OptionLevel = isIPv4 ? .ip : .ipv6
        func set(_ timeToLive: CInt) -> EventLoopFuture<Void> {
            Self.set(level, Self.timeToLive(isIPv4: isIPv4), to: timeToLive, of: channel)
        }
        switch configuration.reach {
        case .directlyConnected:
            return configuration.isExternal ? set(1) : channel.eventLoop.makeSucceededVoidFuture()
        case .multihop(let hops): return set(CInt(max(1, hops)))
        case .timeToLiveSecurity(let hops):
            let least = Self.set(level, Self.leastTimeToLive(isIPv4: isIPv4), to: 256 - CInt(max(1, hops)), of: channel)
            return set(255).and(least).map { _ in }
        }
    }

    /// A listener answers SYNs with TTL 255, which a neighbor with TTL security insists on and others accept.
    ///
    /// - Parameter device: by which connections have to come in; `nil`: any that no other listener is bound to.
    static func applyToListener(_ channel: any Channel, isIPv4: Bool, device: String?) -> EventLoopFuture<Void> {
        let timeToLive = set(isIPv4 ? .ip : .ipv6, timeToLive(isIPv4: isIPv4), to: CInt(255), of: channel)
        guard let device else { return timeToLive }
        return timeToLive.and(bind(channel, toDevice: device)).map { _ in }
    }

    /// Addresses of the socket are those of the device from now on.
    private static func bind(_ channel: any Channel, toDevice name: String) -> EventLoopFuture<Void> {
        guard let option = DeviceOption(name) else {
            return channel.eventLoop.makeFailedFuture(Failure.deviceNameTooLong)
        }
        return set(.socket, DeviceOption.optionName, to: option, of: channel)
    }

    /// IP_TTL (linux/in.h) or IPV6_UNICAST_HOPS (linux/in6.h).
    private static func timeToLive(isIPv4: Bool) -> NIOBSDSocket.Option {
        NIOBSDSocket.Option(rawValue: isIPv4 ? 2 : 16)
    }

    /// IP_MINTTL or IPV6_MINHOPCOUNT of the same headers.
    private static func leastTimeToLive(isIPv4: Bool) -> NIOBSDSocket.Option {
        NIOBSDSocket.Option(rawValue: isIPv4 ? 21 : 73)
    }

    private static func set<Value: Sendable>(
        _ level: NIOBSDSocket.OptionLevel, _ name: NIOBSDSocket.Option, to value: Value, of channel: any Channel
    ) -> EventLoopFuture<Void> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(Failure.notASocket)
        }
        return socket.unsafeSetSocketOption(level: level, name: name, value: value)
    }
}

/// The value of SO_BINDTODEVICE: a name in a field of IFNAMSIZ octets (linux/if.h), zeros behind it.
struct DeviceOption {
    static let optionName = NIOBSDSocket.Option(rawValue: 25)
    static let longestNameOctets = 15

    private var octets: (UInt64, UInt64) = (0, 0)

    /// `nil` if the name is too long.
    init?(_ name: String) {
        guard name.utf8.count <= Self.longestNameOctets else { return nil }
        withUnsafeMutableBytes(of: &octets) { $0.copyBytes(from: name.utf8) }
    }
}

extension SocketAddress {
    /// The address and port as NIO wants them.
    ///
    /// - Parameter domain: where the address is, which a link-local one does not say by itself (RFC 4007 §6).
    init(_ address: IPAddress, port: UInt16, in domain: AddressDomain? = nil) throws {
        try self.init(ipAddress: address.description, port: Int(port))
        if address.isLinkLocal, let domain, case .v6(let socketAddress) = self {
            var octets = socketAddress.address
            octets.sin6_scope_id = if_nametoindex(domain.device)
            self.init(octets)
        }
    }

    /// The IP address, an IPv4-mapped one as IPv4.
    var address: IPAddress? {
        guard let address = ipAddress.flatMap({ IPAddress($0) }) else { return nil }
        if case .ipv6(let v6) = address, let mapped = v6.mappedIPv4 { return .ipv4(mapped) }
        return address
    }
}
