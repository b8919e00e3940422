"""Data sets and what turns a visitor's bytes into model input."""
