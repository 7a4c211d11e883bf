"""The SQLite database: connection, transaction and migrations. SQL of a stage stands in its own store.py."""
