"""DDL of several sessions at once, on H2."""

from __future__ import annotations

import threading
from typing import Any

from tests.oracle_standin.engine.client import Client
from tests.oracle_standin.engine.databases import opened, sessions


def test_ddl_waits_for_other_ddl() -> None:
    """A table and a user are made when other DDL has ended, however long it takes; nothing is busy."""
    with opened("h2", "scott") as database, sessions(database) as connect:
        first, *others = connect(), connect(), connect()
        slow: Any = first.session
        inner = slow.connection.getSession()
        # As long as it has this, no other session of H2's can change the catalogue.
        inner.getDatabase().lockMeta(inner)
        failed: list[BaseException] = []

        def run(client: Client, text: str) -> None:
            try:
                client.run(text)
            except BaseException as error:  # noqa: BLE001 - it is in another thread
                failed.append(error)

        both = ("create table t (a number)", "create user anna identified by tiger")
        threads = [threading.Thread(target=run, args=pair) for pair in zip(others, both, strict=True)]
        for thread in threads:
            thread.start()
            # Both wait longer than H2 does by itself: 0.5 s for a session, 2 s for the bookkeeping.
            thread.join(1.5)
        assert all(thread.is_alive() for thread in threads)
        slow.connection.commit()
        for thread in threads:
            thread.join(30)
        assert not failed
        assert first.value("select count(*) from all_users where username = 'ANNA'") == 1
