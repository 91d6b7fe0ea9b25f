"""The Vapi stand-in's assistant uses a tool: the server that was set up for it is asked, in each of the shapes seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from tests.standins.vapi_record import Kept

if TYPE_CHECKING:
    from tests.standins.vapi import Vapi


async def use_tool(vendor: Vapi, kept: Kept, tool_id: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Ask the tool's server; its result, or an error where there was none."""
    tools = (kept.assistant.get("model") or {}).get("tools") or []
    tool = next((tool for tool in tools if (tool.get("function") or {}).get("name") == name), {})
    server = tool.get("server") or kept.assistant.get("server") or {}
    url = server.get("url") or vendor.webhook_url
    if not url:
        return {"error": "No result returned."}
    webhook = vendor.webhook(
        kept, tool_message(vendor.tool_shape, tool_id, name, arguments), server.get("headers") or {}
    )
    headers = {"content-type": "application/json", **vendor.webhook_headers, **webhook.headers}
    try:
        async with httpx.AsyncClient(timeout=20) as client:
            data = (await client.post(url, content=webhook.body, headers=headers)).json()
    except (httpx.HTTPError, ValueError):
        return {"error": "No result returned."}
    vendor.tool_answers.append(data)
    results = data.get("results") if isinstance(data, dict) else None
    for entry in results if isinstance(results, list) else []:
        if entry.get("toolCallId") == tool_id:
            text = entry.get("result", entry.get("error"))
            # The vendor insists on it: anything else counts as no answer.
            if isinstance(text, str) and "\n" not in text:
                return {key: entry[key] for key in ("name", "result", "error") if key in entry}
    return {"error": "No result returned."}


def tool_message(shape: str, tool_id: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case "parameters" | "arguments":
            call: dict[str, Any] = {"id": tool_id, "name": name, shape: arguments}
        case "object":
            call = {"id": tool_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        case _:
            call = {
                "id": tool_id,
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
    with_tool = {"type": "function", "name": name, "function": {"name": name}, "toolCall": call}
    lists = {"toolCallList": [call], "toolCalls": [call], "toolWithToolCallList": [with_tool]}
    if shape == "with_tool":
        lists = {"toolWithToolCallList": [{"name": name, "toolCall": {"id": tool_id, "parameters": arguments}}]}
    return {"type": "tool-calls", **lists}
