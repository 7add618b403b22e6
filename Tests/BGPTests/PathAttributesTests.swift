import Addressing
import BGP
import Testing

@Suite struct PathAttributesTests {
    @Test func copiesAreValues() throws {
        let original = PathAttributes(asPath: ASPath(sequence: [42]))
        var copy = original
        #expect(copy == original)
        copy.multiExitDiscriminator = 7
        #expect(copy != original)
        #expect(original.multiExitDiscriminator == nil)
        copy.multiExitDiscriminator = nil
        #expect(copy == original)
        #expect(Set([copy, original]).count == 1)
    }

    @Test func contentsAreReplacedAsAWhole() throws {
        var attributes = PathAttributes()
        attributes.contents.communities = [Community(rawValue: 1)]
        #expect(attributes.communities.map(\.description) == ["0:1"])
    }
}

@Suite struct ASPathTests {
    @Test func lengthCountsASetOnce() {
        let path = ASPath([.sequence([1, 2, 3]), .set([4, 5])])
        #expect(path.length == 4)
        #expect(path.first == 1)
        #expect(path.contains(5) && !path.contains(6))
        #expect(path.description == "1 2 3 {4,5}")
        #expect(ASPath([.set([1])]).first == nil)
    }

    @Test func prependingStartsASegmentWhenTheFirstIsFull() {
        #expect(ASPath(sequence: [1]).prepending(42) == ASPath(sequence: [42, 1]))
        #expect(ASPath().prepending(42) == ASPath(sequence: [42]))
        let full = ASPath(sequence: [UInt32](repeating: 7, count: 255)).prepending(42)
        #expect(full.segments.map(\.autonomousSystems.count) == [1, 255])
        #expect(ASPath([.set([1])]).prepending(42).first == 42)
    }
}
