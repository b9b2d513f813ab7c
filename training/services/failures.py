"""What to say of a job that failed for a reason which does not say itself what to do."""

import errno

from training.recognition.export import ExportDisagrees

TENSORFLOW_OUT_OF_MEMORY = "ResourceExhaustedError"


def explain_failure(failed: str, error: Exception, *, again: str = "resume the run") -> str:
    """Continue `failed`, which names what failed and at what. An error that nobody foresaw is for the worker's log.

    Args:
        again: what one does to have another try.
    """
    if isinstance(error, ExportDisagrees):
        return str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == TENSORFLOW_OUT_OF_MEMORY:
        return (
            f"{failed}: the worker's memory is too small. Train with a smaller batch size or smaller inputs."
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"{failed}: the worker's disk is full. Make room, then {again}."
    sentence = f"{failed} for a reason that nobody foresaw; the worker's log tells it."
    return f"{sentence} {again[0].upper()}{again[1:]} to try again."
