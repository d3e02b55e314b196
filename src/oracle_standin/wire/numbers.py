"""NUMBER as bytes: an exponent and digits to the base of 100."""

from __future__ import annotations

from decimal import Decimal

from oracle_standin.errors import OracleError

__all__ = ["decode_number", "encode_number"]

_ZERO = 0x80
_EXPONENT = 192
_MOST_PAIRS = 20
_LARGEST_POINT = 126
_SMALLEST_POINT = -129
_NEGATIVE_END = 102
_REMEMBERED = 50_000
"""Numbers kept with their other form; keys and counters come again and again."""


def _encode(value: float | Decimal) -> bytes:
    if isinstance(value, int):
        negative, digits, point = value < 0, str(abs(int(value))), None
    else:
        sign, figures, exponent = Decimal(repr(value) if isinstance(value, float) else value).as_tuple()
        if not isinstance(exponent, int):
            raise OracleError(1426, "numeric overflow")
        negative, digits, point = bool(sign), "".join(map(str, figures)), len(figures) + exponent
    significant = digits.lstrip("0")
    point = (len(digits) if point is None else point) - (len(digits) - len(significant))
    significant = significant.rstrip("0")
    if not significant or point < _SMALLEST_POINT:
        return bytes((_ZERO,))
    if point % 2:
        significant, point = "0" + significant, point + 1
    if len(significant) % 2:
        significant += "0"
    pairs = [int(significant[i : i + 2]) for i in range(0, len(significant), 2)]
    if len(pairs) > _MOST_PAIRS:
        return _encode(_rounded(pairs, point, negative=negative))
    if point > _LARGEST_POINT:
        raise OracleError(1426, "numeric overflow")
    head = _EXPONENT + point // 2
    if not negative:
        return bytes((head, *(pair + 1 for pair in pairs)))
    end = (_NEGATIVE_END,) if len(pairs) < _MOST_PAIRS else ()
    return bytes((~head & 0xFF, *(101 - pair for pair in pairs), *end))


def _rounded(pairs: list[int], point: int, *, negative: bool) -> Decimal:
    """Return a number with as many digits as a NUMBER can have."""
    digits = int("".join(f"{pair:02d}" for pair in pairs[:_MOST_PAIRS]))
    digits += pairs[_MOST_PAIRS] >= 50  # noqa: PLR2004 - half of 100
    return Decimal((int(negative), tuple(map(int, str(digits))), point - 2 * _MOST_PAIRS))


def _decode(raw: bytes) -> int | Decimal:
    head = raw[0]
    if raw == bytes((_ZERO,)):
        # It has no digits, so its exponent must not make it a fraction.
        return 0
    if head & 0x80:
        exponent, pairs, sign = head - _EXPONENT, [byte - 1 for byte in raw[1:]], 1
    else:
        body = raw[1:-1] if raw[-1] == _NEGATIVE_END else raw[1:]
        exponent, pairs, sign = (~head & 0xFF) - _EXPONENT, [101 - byte for byte in body], -1
    digits = 0
    for pair in pairs:
        digits = digits * 100 + pair
    places = exponent - len(pairs)
    if places >= 0:
        return int(sign * digits * 100**places)
    places *= 2
    if digits % 10 == 0:
        digits, places = digits // 10, places + 1
    return Decimal((int(sign < 0), tuple(map(int, str(digits))), places))


class _Decoded(dict[bytes, int | Decimal]):
    def __missing__(self, raw: bytes) -> int | Decimal:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[raw] = _decode(raw)
        return value


class _Encoded(dict[float | Decimal, bytes]):
    def __missing__(self, value: float | Decimal) -> bytes:
        if len(self) >= _REMEMBERED:
            self.clear()
        raw = self[value] = _encode(value)
        return raw


decode_number = _Decoded().__getitem__
"""Return the `int` or `~decimal.Decimal` of a NUMBER's bytes."""
encode_number = _Encoded().__getitem__
"""Return a NUMBER's bytes; ORA-01426 if it is too large."""
