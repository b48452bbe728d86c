"""`glissar-train`: one file a command. None imports torch before its work begins."""
