"""The `liendea` command: a door to the same functions as the Dagster UI."""
