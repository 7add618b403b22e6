import CTableLayout
import ForwardingTables
import Glibc

/// What the verdicts of an access list depend on: its rules without their counters and numbers. Lists of the same
/// content share what is compiled.
struct AccessListContent: Hashable, Sendable {
    let isIPv6: Bool
    let rules: [stile_access_rule]
    /// Of the rules, made once: a list may have a megabyte of them.
    private let digest: Int

    /// The list at `index` as it was at one moment; `nil`: it is being changed.
    ///
    /// - Parameter serial: the list's serial number, read before (acquire).
    init?(of tables: TablesReader, index: Int, serial: UInt64) {
        let list = tables.accessLists[index]
        let end = UInt64(list.first_rule) + UInt64(list.rule_count)
        guard list.rule_count > 0, end <= UInt64(tables.header.pointee.access_rules.count) else { return nil }
        isIPv6 = list.family == 6
        let rules = (0..<Int(list.rule_count)).map { position in
            var rule = tables.accessRules[Int(list.first_rule) + position]
            rule.permits = 0
            rule.hits = 0
            rule.sequence = 0
            rule.logs = 0
            return rule
        }
        // The writer takes the serial number away before the rules' places are used again.
        stile_fence()
        guard Self.serial(of: tables, index: index) == serial else { return nil }
        self.rules = rules
        var hasher = Hasher()
        rules.withUnsafeBytes { hasher.combine(bytes: $0) }
        digest = hasher.finalize()
    }

    /// The serial number of the list at `index`; 0: there is none.
    static func serial(of tables: TablesReader, index: Int) -> UInt64 {
        let record = UnsafeRawPointer(tables.accessLists + index)
        // stile_services.h: the serial number stands behind two words of four octets.
        return stile_load_acquire_u64((record + 8).assumingMemoryBound(to: UInt64.self))
    }

    static func == (left: AccessListContent, right: AccessListContent) -> Bool {
        guard left.isIPv6 == right.isIPv6, left.digest == right.digest, left.rules.count == right.rules.count else {
            return false
        }
        return left.rules.withUnsafeBytes { left in
            right.rules.withUnsafeBytes { right in
                guard let some = left.baseAddress, let other = right.baseAddress else { return true }
                return memcmp(some, other, left.count) == 0
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(isIPv6)
        hasher.combine(digest)
    }
}
