"""The instrument: MIDI and OSC in, the changed melody out, in time."""
