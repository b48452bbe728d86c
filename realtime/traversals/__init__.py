"""Ways to move a latent point, one file each."""
