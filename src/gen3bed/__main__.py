"""``python -m gen3bed``."""

from __future__ import annotations

from gen3bed.cli import main

if __name__ == "__main__":
    main()
