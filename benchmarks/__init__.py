"""Speed and accuracy, measured: each module is one measurement, run with `python -m benchmarks.NAME`."""

import os

# As the site's workers have it: threads for matrices as small as a picture's cost ten times what they save, and far
# more on a busy machine. NumPy looks once, when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
