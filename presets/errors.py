"""The one kind of error a person sees: a sentence that says what is wrong and what to do."""


class GlissarError(Exception):
    """Bad input from a person. Its text is one sentence with the remedy; commands exit with 2."""


class PresetError(GlissarError):
    """A preset folder that cannot be trusted or used; the sentence names the file."""


def missing(module: str | None) -> str:
    """What to say where what training needs is not installed."""
    return f"{module} is not installed, and playing needs none of it; pip install '.[train]'."
