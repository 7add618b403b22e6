/// Messages that other implementations sent to a listener on loopback.
enum Captures {
    /// scapy 2.5: 10.1.0.0/16, 0.0.0.0/0, 198.51.100.7/32 and 10.128.0.0/9 by NEXT_HOP 192.0.2.1, MED 50.
    static let scapyIPv4Announcement = octets(
        """
        ffffffffffffffffffffffffffffffff0042020000001f4001010040020a02020000fde9fa56ea01400304c000020180040400000032100a
        010020c6336407090a80
        """)
    /// scapy 2.5: 10.1.0.0/16 and 198.51.100.7/32 withdrawn.
    static let scapyIPv4Withdrawal = octets(
        "ffffffffffffffffffffffffffffffff001f020008100a0120c63364070000")
    /// scapy 2.5: 10.9.0.0/16 withdrawn, 10.1.0.0/16 announced by 192.0.2.1.
    static let scapyIPv4Both = octets(
        """
        ffffffffffffffffffffffffffffffff0035020003100a0900184001010040020a02020000fde9fa56ea01400304c0000201100a01
        """)

    /// GoBGP 3.10, AS 65002, both VPN families, graceful restart 120 s.
    static let goBGPOpen = octets(
        """
        ffffffffffffffffffffffffffffffff00530104fdea005a0a6300013602340200490402766d0001040001008001040002008041040000
        fdea400a00780001800000028000050c000100800002000200800002
        """)
    /// GoBGP: 65002:1:2001:db8:2::/48 label 2002, next hop 2001:db8::2, route target 42:1.
    static let goBGPAnnouncementIPv6 = octets(
        """
        ffffffffffffffffffffffffffffffff0061020000004a4001010240020602010000fdea800e2f00028018000000000000000020010db8
        0000000000000000000000020088007d210000fdea0000000120010db80002c010080002002a00000001
        """)
    /// GoBGP: 65002:1:203.0.113.0/24 label 2001, next hop 10.99.0.2, route target 42:1.
    static let goBGPAnnouncementIPv4 = octets(
        """
        ffffffffffffffffffffffffffffffff0052020000003b4001010240020602010000fdea800e200001800c00000000000000000a630002
        0070007d110000fdea00000001cb0071c010080002002a00000001
        """)
    /// GoBGP: the same IPv4 route withdrawn, with the label that it had.
    static let goBGPWithdrawal = octets(
        "ffffffffffffffffffffffffffffffff002c0200000015800f1200018070007d110000fdea00000001cb0071")
    /// GoBGP: a neighbor shut down with the reason "moving".
    static let goBGPShutdown = octets("ffffffffffffffffffffffffffffffff001c030602066d6f76696e67")

    /// FRR 8.4.4, AS 65001, hold time 180 s, one optional parameter for each capability.
    static let frrOpen = octets(
        """
        ffffffffffffffffffffffffffffffff00790104fde900b40a6300095c0206010400010080020601040002008002028000020202000202
        4600020641040000fde902020600020a450800018001000280010206490402766d00020c400ac07800018000000280000210470e000180
        8000000000028080000000
        """)
    /// FRR: 65001:1:192.0.2.0/24 label 1001, next hop 127.0.0.1.
    static let frrAnnouncementIPv4 = octets(
        """
        ffffffffffffffffffffffffffffffff00500200000039900e00200001800c00000000000000007f0000010070003e910000fde9000000
        01c00002400101005002000602010000fde980040400000000
        """)
    /// FRR: 65001:1:2001:db8:1::/48 label 1001, next hop ::ffff:127.0.0.1.
    static let frrAnnouncementIPv6 = octets(
        """
        ffffffffffffffffffffffffffffffff005f0200000048900e002f00028018000000000000000000000000000000000000ffff7f000001
        0088003e910000fde90000000120010db80001400101005002000602010000fde980040400000000
        """)
    /// FRR: the IPv4 route withdrawn, with a label field of zeros.
    static let frrWithdrawal = octets(
        "ffffffffffffffffffffffffffffffff002d0200000016900f0012000180700000000000fde900000001c00002")

    /// scapy 2.5: AS 4200000001, VPN-IPv4, route refresh.
    static let scapyOpen = octets(
        """
        ffffffffffffffffffffffffffffffff003101045ba000b4c00002011402060104000100800202020002064104fa56ea01
        """)

    /// FRR 8.4.4 over IPv6, AS 65001: unicast of both families, next hops of IPv6 for unicast IPv4.
    static let frrOpenWithExtendedNextHop = octets(
        """
        ffffffffffffffffffffffffffffffff00830104fde900b40a63000266020601040001000102080506000100010002020601040002000102
        0280000202020002024600020641040000fde902020600020a450800010101000201010206490402766d00020c400ac07800010100000201
        000210470e0001018000000000020180000000
        """)
    /// FRR: 198.51.100.128/25 and 203.0.113.0/24 by NEXT_HOP 10.99.0.2, MED 0, over IPv4.
    static let frrIPv4 = octets(
        """
        ffffffffffffffffffffffffffffffff003c020000001c400101005002000602010000fde94003040a6300028004040000000019c6336480
        18cb0071
        """)
    /// FRR: 203.0.113.0/24 withdrawn, over IPv4.
    static let frrIPv4Withdrawal = octets(
        """
        ffffffffffffffffffffffffffffffff001b02000418cb00710000
        """)
    /// FRR: the two routes by 2001:db8:99::2 and fe80::8003:7ff:fe8a:7796, over IPv6 (RFC 8950).
    static let frrExtendedNextHop = octets(
        """
        ffffffffffffffffffffffffffffffff005e0200000047900e002e0001012020010db8009900000000000000000002fe8000000000000080
        0307fffe8a77960019c633648018cb0071400101005002000602010000fde980040400000000
        """)
    /// FRR: 203.0.113.0/24 withdrawn there.
    static let frrExtendedWithdrawal = octets(
        """
        ffffffffffffffffffffffffffffffff0022020000000b900f000700010118cb0071
        """)
    /// FRR: 2001:db8:5::/48 by the same two addresses.
    static let frrIPv6 = octets(
        """
        ffffffffffffffffffffffffffffffff005c0200000045900e002c0002012020010db8009900000000000000000002fe8000000000000080
        0307fffe8a7796003020010db80005400101005002000602010000fde980040400000000
        """)
}
