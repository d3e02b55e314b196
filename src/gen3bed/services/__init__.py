"""What runs outside Python: engines, servers, pools; one module per system.

A *service* is a running server with the URL of an account that may make
namespaces in it.  A *provider* starts one, or finds one that is there.
"""

from __future__ import annotations

from gen3bed.services._service import Profile, Service, without_password

__all__ = ["Profile", "Service", "without_password"]
