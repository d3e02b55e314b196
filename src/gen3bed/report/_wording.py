"""How numbers are written, on the page and on the terminal alike."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["advice", "amount", "duration", "memory", "moment", "ratio"]

_GIBIBYTE = 2**30


def amount(number: int) -> str:
    """Return a count with a thin space at the thousands."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def duration(seconds: float) -> str:
    """Return a duration, such as ``4.72s``, ``48.1s``, ``3m 05s`` or ``2h 10m``."""
    # Rounded first, so that nothing is written as "60.0s" or "59m 60s".
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_rest = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes_rest:02d}m"
    if minutes:
        return f"{minutes}m {rest:02d}s"
    return f"{seconds:.2f}s" if seconds < 9.995 else f"{seconds:.1f}s"  # noqa: PLR2004 - three digits matter


def advice(reason: str, hint: str) -> str:
    """Return a reason and the next step as two sentences."""
    return f"{reason.rstrip('.')}. {hint}" if hint else reason


def memory(size: int) -> str:
    """Return a size in bytes as GiB."""
    return f"{size / _GIBIBYTE:.1f} GiB"


def moment(text: str) -> str:
    """Return a time in ISO 8601 as people read it; what is none as it is."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return text


def ratio(value: float, reference: float) -> str:
    """Return how many times ``reference`` a value is; empty if there is none."""
    return f"\N{MULTIPLICATION SIGN}{value / reference:.2f}" if reference else ""
