"""The latent models, one file each."""
