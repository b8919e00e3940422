"""`python -m sslrec`."""

import sys

from sslrec.cli import main

sys.exit(main())
