"""SQLAlchemy's own suites, unmodified, on the Oracle stand-in, measured against a kept list.

``nox -s standin`` runs ``python -m ci.suites``.  Unlike the rest of ``ci``
it runs in the session's environment, where everything is installed.
"""
