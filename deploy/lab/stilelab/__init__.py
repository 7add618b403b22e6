"""A lab on one machine: network namespaces, Stile boxes, real BGP peers and customers.

The quickstart and the end-to-end tests are written with it. Everything that it makes, it removes.
"""
