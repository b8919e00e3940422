"""Evaluation: arrays in, numbers out. Imports neither wing."""
