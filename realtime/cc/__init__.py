"""A controller: knobs, faders and buttons of MIDI that turn the controls of glissar."""
