"""Encoders: `(batch, ...)` to `(batch, dimensions)`."""
