"""`python -m tests.crash.planted serve|work`: the server's own command, ready to be spoilt."""

from cas_server.cli import main
from tests.crash.planted.faults import PLANT

if __name__ == "__main__":
    for plant in PLANT:
        plant()
    main()
