"""What faces a browser."""
