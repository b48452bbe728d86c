"""Runs beside each other, beside the papers, on paper and to listen to."""
