import Addressing
import Testing

@Suite struct NumberedTableTests {
    private let three = VRFNumber(rawValue: 3)
    private let highest = VRFNumber(rawValue: .max)

    @Test func `what was never set has no value`() {
        let table = NumberedTable<VRFNumber, String>()
        #expect(table[VRFNumber(rawValue: 0)] == nil)
        #expect(table[highest] == nil)
    }

    @Test func `values are kept apart and can be taken away`() {
        var table = NumberedTable<VRFNumber, String>()
        table[three] = "three"
        table[highest] = "highest"
        #expect(table[three] == "three")
        #expect(table[VRFNumber(rawValue: 4)] == nil)
        #expect(table[highest] == "highest")
        table[three] = nil
        #expect(table[three] == nil)
        #expect(table[highest] == "highest")
    }

    @Test func `a value is changed in place, from the default where there is none`() {
        var table = NumberedTable<VRFNumber, Set<Int>>()
        table[three]?.insert(1)
        #expect(table[three] == nil)
        table[three, default: []].insert(1)
        table[three, default: [7]].insert(2)
        table[three]?.remove(1)
        #expect(table[three] == [2])
        #expect(table[highest, default: [7]] == [7])
        #expect(table[highest] == nil)
    }

    @Test func `numbers are ordered and say what they are`() {
        #expect(three < highest)
        #expect(InterfaceNumber.none < InterfaceNumber(rawValue: 1))
        #expect("\(three) \(InterfaceNumber(rawValue: 64))" == "3 64")
    }
}
