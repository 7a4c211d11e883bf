"""From what is known to who fits: scores that are sums of shown parts, and the targets above the minimum."""
