"""`python -m sslrec`."""

from sslrec.cli import main

main()
