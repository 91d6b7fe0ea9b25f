"""Vapi: calls by websocket, telephone and browser, with an assistant made for each call.

api        its REST interface        assistant   what it is told of a buyer
session    one call                  dialogue    what its messages mean
endings    why a call is over        records     what it keeps of one
inbound    its webhooks              verifying   how they prove themselves
tools      tool calls                utterances  words put together
"""

from integrations.voice.vapi.provider import VapiProvider

__all__ = ["VapiProvider"]
