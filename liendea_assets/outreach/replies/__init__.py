"""What comes back, told apart: pure functions from a message's bytes to its kind. No table, no network, no clock."""
