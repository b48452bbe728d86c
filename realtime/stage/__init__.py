"""glissar measured as a stage finds it: on real ports, under load, beside others."""
