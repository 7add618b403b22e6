import Addressing
import CTableLayout
import Configuration

/// From the services' records in the tables back to the lines that they come from.
extension ExplainedTables {
    /// An access rule in words: its list and the entry as it is configured.
    func text(ofAccessRule index: UInt32) -> String {
        let rule = tables.writer.reader.accessRules[Int(index)]
        guard let key = accessList(ofRule: index) else {
            return rule.hits == 0 ? "services that do not fit into the tables: nothing passes" : "access rule \(index)"
        }
        let name = "access list \(key.name)"
        guard rule.sequence != 0 else { return "\(name): the deny at the end" }
        let list =
            key.family == .ipv4 ? configuration.ipv4AccessLists[key.name] : configuration.ipv6AccessLists[key.name]
        let entry = list?.entries.first { $0.sequence == rule.sequence }
        return "\(name): \(rule.sequence) " + (list.flatMap { list in entry.map(list.canonicalText) } ?? "")
    }

    /// The entry's line; for the deny at the end the list's.
    func location(ofAccessRule index: UInt32) -> SourceLocation? {
        guard let key = accessList(ofRule: index) else { return nil }
        let sequence = tables.writer.reader.accessRules[Int(index)].sequence
        return loaded.sources[.accessListEntry(key.family, key.name, sequence: sequence)]
            ?? loaded.sources[.accessList(key.family, key.name)]
    }

    /// A class of an attached policy in words.
    func text(ofPolicyClass index: UInt32) -> String {
        guard let (attached, name) = attachedClass(index) else { return "class \(index)" }
        return "class \(name) of policy map \(attached.policy.name), \(attached.direction.rawValue) of "
            + "\(attached.interface.name)"
    }

    /// The class's line in the policy map; the policy map's own where the class has none.
    func location(ofPolicyClass index: UInt32) -> SourceLocation? {
        guard let (attached, name) = attachedClass(index) else { return nil }
        return loaded.sources[.policyClass(policyMap: attached.policy.name, className: name)]
            ?? loaded.sources[.policyMap(attached.policy.name)]
    }

    private func accessList(ofRule index: UInt32) -> AccessListKey? {
        let lists = tables.writer.reader.accessLists
        return tables.services.lists.current.first { _, list in
            let record = lists[Int(list)]
            return index >= record.first_rule && index - record.first_rule < record.rule_count
        }?.key
    }

    private func attachedClass(_ index: UInt32) -> (AttachedPolicy, String)? {
        let instance = tables.writer.reader.policyClasses[Int(index)].instance
        for attached in policies.all {
            for name in PolicyCompiler.classNames(of: attached.policy)
            where policies.instance(of: name, in: attached) == instance {
                return (attached, name)
            }
        }
        return nil
    }

    /// A route map's entry in words.
    func text(ofRouteMapEntry index: UInt32) -> String {
        guard let (map, entry) = routeMapEntry(index) else { return "route map entry \(index)" }
        let statements = entry.setLines.isEmpty ? "by destination" : entry.setLines.joined(separator: ", ")
        return "route map \(map.name): \(entry.permits ? "permit" : "deny") \(entry.sequence) (\(statements))"
    }

    func location(ofRouteMapEntry index: UInt32) -> SourceLocation? {
        routeMapEntry(index).flatMap { map, entry in
            loaded.sources[.routeMapEntry(routeMap: map.name, sequence: entry.sequence)]
        }
    }

    private func routeMapEntry(_ index: UInt32) -> (RouteMap, RouteMapEntry)? {
        routeMaps.entry(ofInstance: tables.writer.reader.routeMapEntries[Int(index)].instance)
    }
}
