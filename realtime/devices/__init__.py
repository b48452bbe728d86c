"""Files of other programs, made of a preset's controls: devices, patches and layouts."""
