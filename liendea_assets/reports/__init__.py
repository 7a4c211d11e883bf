"""From tables to figures and pages that people read."""
