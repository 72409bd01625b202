-- answers: nothing; opens the ledger for writing, in the storage that it has
-- reads: the file
-- parameters: $path, absolute and without links, so that one file has one name within a process
attach $path as skewguard (type duckdb, read_write);
