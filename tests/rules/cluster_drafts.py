"""CLU: what goldens and findings about the cluster share."""

ONE, TWO, THREE = (f"exe{n}.example.com" for n in (1, 2, 3))


CLUSTER, INSIDE = "expe.example.com", "excl.corp.example.com"


SERVICE = "_collab-edge._tls.example.com"


PAGE = """Peer 1 address exe1.example.com
Certificate: Valid
Clustering: This system
Peer 2 address exe2.example.com
Certificate: {}
Clustering: {}
"""


HOLDS = "Active as exe2 (Resolved 'exe2.example.com' as '10.20.0.12')"
