"""Recipes: train a task, measure it on the test set, export it. One file a task."""
