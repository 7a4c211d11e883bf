"""The generic HTTP provider: what `config/providers/NAME.yaml` says, done."""
