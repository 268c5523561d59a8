"""The console in a terminal: meters, history, parameters, presets and events of one daemon or several."""
