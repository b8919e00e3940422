"""Tasks: data, model and objective put together; one file each."""
