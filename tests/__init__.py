"""Tests of anonpipe."""

import os

# A worker of xdist says how wide its terminal would be, and rich takes that down for good when
# it is imported: tests say themselves how wide they want to print.
os.environ.pop("COLUMNS", None)
