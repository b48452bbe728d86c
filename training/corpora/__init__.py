"""Where bars come from: one module a corpus, each giving works of encoded bars."""
