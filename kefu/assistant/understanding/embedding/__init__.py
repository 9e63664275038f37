"""The package's embedding model (multilingual-e5-small in four bits), run by ONNX Runtime: see README.md."""
