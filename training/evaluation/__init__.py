"""How good one run is: every figure of a card, and what it is estimated with."""
