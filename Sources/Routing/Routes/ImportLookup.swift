import Addressing
import BGP

/// An ``ImportIndex`` that remembers its last answer: the routes of an UPDATE share their attributes.
struct ImportLookup {
    private let index: ImportIndex
    private var last: (attributes: PathAttributes, neighbor: IPAddress, family: AddressFamily, vrfs: [VRFState])?

    init(_ index: ImportIndex = ImportIndex()) { self.index = index }

    mutating func vrfs(
        importing attributes: PathAttributes, from neighbor: IPAddress, _ family: AddressFamily
    ) -> [VRFState] {
        if let last, last.family == family, last.neighbor == neighbor, last.attributes == attributes { return last.vrfs }
        let vrfs = index.vrfs(importing: attributes, from: neighbor, family)
        last = (attributes, neighbor, family, vrfs)
        return vrfs
    }
}
