"""Works → windows: bars, how they are cut, encoded and split, and the file that holds them."""
