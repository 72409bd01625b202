-- answers: nothing; opens the ledger for writing, in a storage that every DuckDB from 1.0 on reads
-- reads: the file
-- parameters: $path, absolute and without links, so that one file has one name within a process
attach $path as skewguard (type duckdb, read_write, storage_version 'v1.0.0');
