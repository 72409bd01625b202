"""Names the package, and the command that installs it, where Feast lacks a store's client library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import metadata

from skewguard.errors.base import SkewguardError
from skewguard.errors.repo import ClientMissing

# Client libraries whose name is not that of Feast's extra.
EXTRAS = {
    "psycopg": "postgres",
    "psycopg_pool": "postgres",
    "pymysql": "mysql",
    "grpc": "grpcio",
    "boto3": "aws",
    "aiobotocore": "aws",
    "google": "gcp",
    "snowflake": "snowflake",
    "pyspark": "spark",
    "happybase": "hbase",
    "pymilvus": "milvus",
    "pymongo": "mongodb",
    "qdrant_client": "qdrant",
    "deltalake": "delta",
    "pyodbc": "mssql",
    "singlestoredb": "singlestore",
}


@contextmanager
def client_errors(what: str, kind: str = "") -> Iterator[None]:
    """Turns an import that failed for want of a package into ClientMissing; anything else passes.

    `kind` is the type of the store as the yaml has it, whose first word is often the name of Feast's extra.
    """
    try:
        yield
    except Exception as error:
        module = missing_module(error)
        if module is None or isinstance(error, SkewguardError):
            raise
        raise ClientMissing(what, module, install_command(module, kind)) from error


def missing_module(error: BaseException) -> str | None:
    """The package that is not installed, where that is what went wrong."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        if isinstance(each, ModuleNotFoundError) and each.name and not each.name.startswith("feast."):
            return each.name.partition(".")[0]
        each = each.__cause__ or each.__context__
    return None


def install_command(module: str, kind: str = "") -> str:
    """What to type: Feast's extra where it has one for this store or this package."""
    extras = metadata("feast").get_all("Provides-Extra") or []
    named = (kind.partition(".")[0], EXTRAS.get(module, module))
    extra = next((each for each in named if each in extras), None)
    return f"pip install 'feast[{extra}]'" if extra is not None else f"pip install {module}"
