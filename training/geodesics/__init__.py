"""Short ways between points of a latent space: along what a model knows, and not across what it
does not (Yang & Hauberg 2018)."""
