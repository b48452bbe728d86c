"""The contract between training and playing: what a model file means."""
