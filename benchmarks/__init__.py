"""Scripts that measure: each prints a table and keeps its figures in `assets/results/`.

Run one from the project folder: `python -m benchmarks.startup`. Those that need a browser use the
system's Chromium.
"""

import sslrec.learning  # noqa: F401  before any benchmark imports TensorFlow: it says how that computes
