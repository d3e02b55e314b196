"""What the engines have in common.

Definitions, settings and PL/SQL are read here, and written into the
bookkeeping that the dictionary shows; an engine does to its own objects what
`Store` says, and runs queries and DML itself.
"""

from __future__ import annotations
