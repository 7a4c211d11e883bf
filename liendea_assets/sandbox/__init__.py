"""Stand-ins on loopback, so that nobody needs an account to try anything: real servers that speak the real protocols."""
