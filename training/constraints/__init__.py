"""Rules and realism, learnt after the model: critics judge its latent space, actors move in it."""
