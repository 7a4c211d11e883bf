"""The outside world: HTTP, limits, mail. Nothing else of the package opens a socket."""
