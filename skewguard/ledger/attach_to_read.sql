-- answers: nothing; opens the ledger for reading only
-- reads: the file, and its write-ahead log where a killed writer left one
-- parameters: $path, absolute and without links, so that one file has one name within a process
attach $path as skewguard (type duckdb, read_only);
