import BGP

/// Prefixes in the order in which they were first put in, each once: however slow the neighbor, no more than there
/// are prefixes.
struct PendingRoutes {
    private var queue: [VPNPrefix] = []
    private var head = 0
    private var members: Set<VPNPrefix> = []

    var isEmpty: Bool { members.isEmpty }
    var count: Int { members.count }

    mutating func insert(_ prefix: VPNPrefix) {
        if members.insert(prefix).inserted { queue.append(prefix) }
    }

    mutating func popFirst() -> VPNPrefix? {
        guard head < queue.count else { return nil }
        let prefix = queue[head]
        head += 1
        members.remove(prefix)
        if head == queue.count {
            queue = []
            head = 0
        } else if head >= 4096, head * 2 > queue.count {
            // Moving at most as many as were taken keeps the cost of a prefix constant.
            queue.removeFirst(head)
            head = 0
        }
        return prefix
    }
}
