import Foundation

/// Who may ask what of the socket.
///
/// Without a read-only group the socket's permissions say it all: owner and group may connect, and who is connected may do
/// everything. With one everybody may connect; root, the daemon's own user and its group may do everything, members of the
/// read-only group may look, and all others are refused.
public struct ControlAccess: Hashable, Sendable {
    /// The number of the read-only group.
    private let readOnlyGroup: UInt32?

    public static let bySocketPermissions = ControlAccess(readOnlyGroup: nil)

    init(readOnlyGroup: UInt32?) { self.readOnlyGroup = readOnlyGroup }

    /// - Parameter name: of a group of this machine; `nil` if it has none of that name.
    public init?(readOnlyGroup name: String) {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        readOnlyGroup = entry.gr_gid
    }

    /// Of the socket's file.
    var mode: mode_t { readOnlyGroup == nil ? 0o660 : 0o666 }

    /// Why a request is not carried out for somebody; `nil` if it is.
    func refusal(of request: any ControlRequest, by caller: ControlCaller) -> ControlError? {
        guard let readOnlyGroup, caller.userIdentifier != 0, caller.userIdentifier != geteuid(),
            !caller.isMember(of: getegid())
        else { return nil }
        guard caller.isMember(of: readOnlyGroup) else {
            return ControlError(.notPermitted, "user \(caller.userName) may not use this box")
        }
        guard type(of: request).isChange else { return nil }
        return ControlError(.notPermitted, "user \(caller.userName) may look at this box and change nothing of it")
    }
}

extension ControlCaller {
    /// As the process connected, or as the machine has it for the user.
    fileprivate func isMember(of group: UInt32) -> Bool {
        if groupIdentifier == group { return true }
        var groups = [gid_t](repeating: 0, count: 1024)
        var count = Int32(groups.count)
        guard getgrouplist(userName, groupIdentifier, &groups, &count) >= 0 else { return false }
        return groups.prefix(Int(count)).contains(group)
    }
}
