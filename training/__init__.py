"""Training: corpora, latent models, one loop, honest evaluation. Torch lives here."""
