"""A pytest plugin that is loaded before Django's settings: each test process has a data folder of its own."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="workbench-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["DATA_DIR"] = _folder
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
for name in ("SECRET_KEY", "REDIS_URL", "S3_BUCKET", "DEBUG", "HTTPS", "PORT", "HOST"):
    os.environ.pop(name, None)
