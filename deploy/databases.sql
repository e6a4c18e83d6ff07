-- Aegra and the ledger both have a table `runs`: each gets a database of its own.
CREATE DATABASE autodata;
