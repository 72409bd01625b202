"""What opens doors is taken out of text, whoever quotes it; what only looks like it stays."""

from __future__ import annotations

import time

import pytest

from skewguard.credentials import without_credentials
from skewguard.errors.source import SourceUnreadable


@pytest.mark.parametrize(
    "text",
    [
        "redis connection_string 'cache:6379,password=hunter2,ssl=true' refused",
        "postgresql://feast:hunter2@db.internal:5432/feast failed",
        "postgresql+psycopg://feast:hun/te@r2hunter2@db/feast",
        "mysql://:hunter2@db",
        "https://hunter2@github.com/x.git",
        "redis://:hunter2@cache:6379/0",
        "connect(host='db', password='hunter2', port=5432)",
        "{'user': 'feast', 'password': 'hunter2'}",
        '{"aws_secret_access_key": "hunter2", "region": "eu"}',
        'storage_options={"AWS_SECRET_ACCESS_KEY": "hunter2"}',
        "AccountName=x;AccountKey=hunter2==;EndpointSuffix=core",
        "https://b.s3.amazonaws.com/k?X-Amz-Credential=hunter2&X-Amz-Signature=hunter2&X-Amz-Security-Token=hunter2",
        "https://a.blob.core.windows.net/c?sv=2020&sig=hunter2",
        "Authorization: Bearer hunter2hunter2.x",
        "    password: hunter2\n  host: db",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
        "PGPASSWORD=hunter2 psql",
        'in "feature_store.yaml", line 7: password: "hunter2',
    ],
)
def test_what_opens_doors_is_hidden(text: str) -> None:
    shown = without_credentials(text)
    assert "hunter2" not in shown
    assert "***" in shown
    assert "hunter2" not in str(SourceUnreadable("s", "p", text))


def test_the_key_of_an_aws_account_is_hidden() -> None:
    assert "AKIAIOSFODNN7EXAMPLE" not in without_credentials("The key AKIAIOSFODNN7EXAMPLE does not exist")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://db.internal:5432/feast failed",
        "s3://bucket/path/file@v1.parquet",
        "view 'tokens:password_age': 3 of 12 values",
        "tokens:secret_count: 3 of 12 values",
        "the feature user@v2:clicks is skewed",
        "Known names near it: password_resets, access_keys.",
        "the token_share is 0.5; signatures: none",
        "host=db port=5432 user=feast",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_credentials(text) == text


@pytest.mark.parametrize("piece", ["1", "a.", "a-", "_key", "://", "secret", "'a", '"b.', "x@", "key=", " a:"])
def test_long_text_is_read_in_no_time(piece: str) -> None:
    """A value of a user's file may be quoted whole."""
    began = time.monotonic()
    without_credentials(piece * (30_000 // len(piece)))
    assert time.monotonic() - began < 2
