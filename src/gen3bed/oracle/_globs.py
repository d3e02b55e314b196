"""Patterns with ``*`` and ``?``, as LIKE has them."""

from __future__ import annotations

__all__ = ["like_pattern"]


def like_pattern(glob: str) -> str:
    r"""Return the pattern for LIKE ... ESCAPE '\\' of a pattern with ``*`` and ``?``.

    A backslash in ``glob`` takes the next character as it is; Oracle lets one
    stand before ``%``, ``_`` and itself only (ORA-01424).
    """
    wildcards = {"*": "%", "?": "_"}
    escaped = {character: f"\\{character}" for character in "%_\\"}
    characters = iter(glob)
    written = []
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            kept = following if following in {"*", "?", "\\"} else f"\\{following}"
            written.append("".join(escaped.get(c, c) for c in kept))
        else:
            written.append(wildcards.get(character) or escaped.get(character, character))
    return "".join(written)
