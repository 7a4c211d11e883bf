"""What every layer may use: errors, settings, clock, text. Imports nothing else of this package."""
