"""Text to tokens to batches to ONNX Runtime to labels."""
