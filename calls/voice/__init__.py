"""The voice of a call: our socket speaks the ElevenLabs Agents protocol to the browser, whatever vendor is behind it.

consumer   admits a socket and pumps its frames
holder     keeps a call alive in this process between sockets, and hears "hang up" from other processes
bridge     voice events ↔ protocol frames; knows neither sockets nor the database
journal    writes turns in order before they are told
recorder   both sides' audio, as it is heard
frames     the protocol's frames
"""
