"""Self-supervised objectives: losses that need no label."""
