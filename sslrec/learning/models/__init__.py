"""Models put together from encoders."""
