"""Tests of `gen3bed.report._masking`."""

from __future__ import annotations

import pytest

from gen3bed.report._masking import mask, mask_tree


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://bed:s3cret@db:5432/registry", "postgresql://bed:***@db:5432/registry"),
        ("postgresql+psycopg://bed:s3@cr:et@db/x refused", "postgresql+psycopg://bed:***@db/x refused"),
        ("oracle+oracledb://bed:sec/ret@db", "oracle+oracledb://bed:***@db"),
        ("'https://:token@host/a' and 'ftp://a:b@c'", "'https://:***@host/a' and 'ftp://a:***@c'"),
        ("host=db password=s3cret user=bed", "host=db password=*** user=bed"),
        ("PGPASSWORD='a b' psql", "PGPASSWORD=*** psql"),
        ("{'password': 's3cret', 'host': 'db'}", "{'password': ***, 'host': 'db'}"),
    ],
)
def test_masks_passwords(text: str, masked: str) -> None:
    """A password is masked in each form in which drivers print it."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://bed@db:5432/registry",
        "http://localhost:8080/path",
        "FATAL: password authentication failed for user bed",
        "test_mail[someone@example.org]",
    ],
)
def test_leaves_the_rest_alone(text: str) -> None:
    """Text without a password is not changed."""
    assert mask(text) == text


def test_masks_nested_values() -> None:
    """Strings in nested lists and dictionaries are masked and other values kept."""
    tree = {"a": ["x://u:p@h", 1, None], "b": ({"c": "pwd=p"},)}
    assert mask_tree(tree) == {"a": ["x://u:***@h", 1, None], "b": [{"c": "pwd=***"}]}
