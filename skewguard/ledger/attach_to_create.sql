-- answers: nothing; makes the file of a new ledger, in a storage that every DuckDB from 0.10 on reads
-- reads: nothing
-- parameters: $path, absolute and without links, so that one file has one name within a process
attach $path as skewguard (type duckdb, read_write, storage_version 'v1.0.0');
