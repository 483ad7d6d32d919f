"""`python -m cas_server` is `cas`."""

from cas_server.cli import main

main()
