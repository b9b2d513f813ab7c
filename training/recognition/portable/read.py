"""Reads pictures: python read.py PICTURE... prints file, text and confidence. Python 3.11+, see requirements.txt."""

import sys
from pathlib import Path

from labeling.imaging.decode import decode_image
from training.recognition.reader import Reader

reader = Reader(Path(__file__).with_name("model.onnx"))
for name in sys.argv[1:]:
    (reading,) = reader.read([decode_image(Path(name).read_bytes()).pixels])
    print(name, reading.text, f"{reading.confidence:.6f}", sep="\t")
