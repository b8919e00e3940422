"""Training runs seen from outside: what a run is, its folder on disk, and the control of the processes that train."""
