"""A hundred thousand routes into a hundred VRFs: nothing else notices. `many_routes_bench.py` measures more of them."""

from many_routes import Crossing, ManyRoutes, flood

ROUTES, VRFS = 100_000, 100


def test_many_routes_come_and_go_beside_other_traffic(lab):
    many = ManyRoutes(lab, VRFS)
    many.connect()
    with Crossing(many) as crossing:
        assert all(many.peer.send(octets) for octets in flood(VRFS, ROUTES))
        # Red's own route is there besides.
        many.box.wait(lambda: many.counts() == (ROUTES + 1, ROUTES + 1), "all routes imported", 60)
        # The hold time is nine seconds on both sides: an answer to a refresh shows that the session is still the same.
        many.peer.barrier()
        assert not many.peer.is_closed.is_set()
    assert crossing.sent > 0
    assert crossing.arrived == crossing.sent
    last = many.box.text("show", "routes", "vrf", f"v{VRFS}", "ipv4")
    assert f"20.{ROUTES // VRFS - 1 >> 8}.{ROUTES // VRFS - 1 & 255}.0/24" in last
    many.peer.close(abruptly=True)
    many.box.wait(lambda: many.counts() == (0, 0), "all routes gone", 60)
    assert "20." not in many.box.text("show", "routes", "vrf", "v1", "ipv4")
