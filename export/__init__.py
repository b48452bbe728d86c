"""Trained models → presets: ONNX graphs that agree with torch, or nothing."""
