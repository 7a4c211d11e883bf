"""From targets to messages: campaigns, suppressions, queues. Nothing in this package sends."""
