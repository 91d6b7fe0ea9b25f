"""ElevenLabs Agents.

provider   what the registry knows: opens sessions, fetches records
api        the vendor's REST by its own client, errors in our words
wire       frames of its socket, both ways; pure
session    one call over that socket
dialogue   what is said in it, from those frames
reply      what the buyer is saying, while it is said
agents     direct mode: the buyer lives at the vendor, the browser talks to it without us
records    what it keeps of a conversation → `VoiceRecord`; pure
inbound    its webhooks
"""
