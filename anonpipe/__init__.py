"""anonpipe: interview recordings and notes in, pseudonymised transcripts out, offline."""

import os

__version__ = "0.1.0"

# From 1.29 on onnxruntime reports to its maker and keeps an identifier of the machine in the user's
# cache folder, in C++ where no guard of Python's sockets reaches. It reads this when it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
