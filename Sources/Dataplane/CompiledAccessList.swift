import CDPDKShim
import CTableLayout

/// An access list as rte_acl has compiled it. It is freed with the last that uses it: the place of a list in a table,
/// or a list of another generation with the same rules.
final class CompiledAccessList: @unchecked Sendable {
    let classifier: OpaquePointer

    /// Compiles the rules, which may take seconds. `nil`: `errno` says why.
    init?(_ content: AccessListContent) {
        let built = content.rules.withUnsafeBufferPointer { rules in
            stile_access_classifier_build(
                rules.baseAddress, UInt32(clamping: rules.count), content.isIPv6 ? 1 : 0)
        }
        guard let built else { return nil }
        classifier = built
    }

    deinit { stile_access_classifier_free(classifier) }
}
